import { isServed, type Roles } from "./config.ts";
import { isRef, type SecretRef } from "./schema.ts";
import { MAY, mayNot, type Verdict } from "../model/verdict.ts";
import { isKey } from "../platform/seal.ts";
import { isSigningKey } from "../platform/signing.ts";
import { collectorUrl } from "./audit-schema.ts";
import { clusterUrl, redisAddress, redisFits } from "./urls.ts";

/** Access to the environment and the file system. */
export interface Sources {
  env: Readonly<Record<string, string | undefined>>;
  /** Throws if the file cannot be read. */
  readFile: (path: string) => string;
}

/** The secrets found, by path in the file (`clusters.orders.auth.token`), and the problems as text. */
export interface Resolved {
  values: ReadonlyMap<string, string>;
  problems: readonly string[];
}

interface Wanted {
  path: string;
  ref: SecretRef;
  /** Whether the value can be used. The reason does not repeat it. */
  check: (value: string) => Verdict<string>;
}

/**
 * Reads only the secrets that a process with these roles needs: a bot without a worker never receives a cluster's
 * password. Works on the unvalidated file, so that a mistake elsewhere does not hide a missing secret. The Helm chart gives each
 * pod the same ones (`flinkops.variables`).
 */
export function resolveSecrets(raw: unknown, roles: Roles, sources: Sources): Resolved {
  const values = new Map<string, string>();
  const problems: string[] = [];
  for (const { path, ref, check } of [
    ...ownSecrets(raw, roles),
    ...clusterSecrets(raw, roles),
    ...jobSecrets(raw, roles),
    ...auditSecrets(raw, roles),
  ]) {
    const read = readRef(ref, sources);
    const verdict = "problem" in read ? mayNot(read.problem) : check(read.value);
    if (verdict.is === "may not") problems.push(`${path}: ${verdict.why}`);
    else if ("value" in read) values.set(path, read.value);
  }
  for (const [path, file] of certificates(raw, roles)) {
    const read = readRef({ file }, sources);
    if ("problem" in read) problems.push(`${path}: ${read.problem}`);
  }
  return { values, problems };
}

function readRef(ref: SecretRef, sources: Sources): { value: string } | { problem: string } {
  if ("env" in ref) {
    // what every object has is no variable
    const value = (Object.hasOwn(sources.env, ref.env) ? sources.env[ref.env] : undefined)?.trim() ?? "";
    return value === "" ? { problem: `environment variable ${ref.env} is not set` } : { value };
  }
  try {
    const value = sources.readFile(ref.file).trim();
    return value === "" ? { problem: `file ${ref.file} is empty` } : { value };
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    return { problem: `file ${ref.file} cannot be read (${reason})` };
  }
}

const startsWith = (prefix: string, what: string) => (value: string) =>
  value.startsWith(prefix) ? MAY : mayNot(`must be ${what} (${prefix}...)`);
const anything = (): Verdict<string> => MAY;
const auditKey = (key: string): Verdict<string> =>
  isSigningKey(key) ? MAY : mayNot("must be a key as `flinkops audit new-key` prints one");
const sealKey = (key: string): Verdict<string> =>
  isKey(key) ? MAY : mayNot("must be a key as `flinkops seal new` prints one");

function* ownSecrets(raw: unknown, roles: Roles): Iterable<Wanted> {
  const slack = (key: string, env: string, check: Wanted["check"]): Wanted[] => {
    const ref = get(raw, "slack", key) ?? { env };
    return isRef(ref) ? [{ path: `slack.${key}`, ref, check }] : [];
  };
  yield* slack("botToken", "SLACK_BOT_TOKEN", startsWith("xoxb-", "a bot token"));
  if (roles.bot && get(raw, "slack", "mode") === "http") {
    yield* slack("signingSecret", "SLACK_SIGNING_SECRET", anything);
  } else if (roles.bot) {
    yield* slack("appToken", "SLACK_APP_TOKEN", startsWith("xapp-", "an app-level token"));
  }
  yield* redisSecrets(raw);
  const keys = get(raw, "seal", "keys");
  for (const [i, ref] of (Array.isArray(keys) ? keys : []).entries())
    if (isRef(ref)) yield { path: `seal.keys.${i}`, ref, check: sealKey };
}

function* redisSecrets(raw: unknown): Iterable<Wanted> {
  const url = get(raw, "redis", "url") ?? { env: "REDIS_URL" };
  const [sentinels, cluster, tls] = ["sentinels", "cluster", "tls"].map((key) => get(raw, "redis", key));
  const check = (text: string): Verdict<string> => {
    const verdict = redisAddress(text);
    return verdict.is === "may not" ? verdict : redisFits(text, { sentinels, cluster, tls });
  };
  if (isRef(url)) yield { path: "redis.url", ref: url, check };
  const password = get(raw, "redis", "sentinelPassword");
  if (isRef(password)) yield { path: "redis.sentinelPassword", ref: password, check: anything };
}

function* clusterSecrets(raw: unknown, roles: Roles): Iterable<Wanted> {
  for (const [name, cluster] of servedClusters(raw, roles)) {
    const path = `clusters.${name}`;
    const url = get(cluster, "url");
    if (isRef(url)) yield { path: `${path}.url`, ref: url, check: clusterUrl };
    for (const key of ["password", "token"]) {
      const ref = get(cluster, "auth", key);
      if (isRef(ref)) yield { path: `${path}.auth.${key}`, ref, check: anything };
    }
    for (const [header, ref] of entries(get(cluster, "headers")))
      if (isRef(ref)) yield { path: `${path}.headers.${header}`, ref, check: anything };
  }
}

/** Secret arguments of the jobs that this process may start. */
function* jobSecrets(raw: unknown, roles: Roles): Iterable<Wanted> {
  const served = new Set(servedClusters(raw, roles).map(([name]) => name));
  const jobs = get(raw, "jobs");
  for (const [i, job] of (Array.isArray(jobs) ? jobs : []).entries()) {
    const cluster = get(job, "cluster");
    if (typeof cluster !== "string" || !served.has(cluster)) continue;
    for (const keys of [["args"], ["rehearsal", "args"]]) {
      const args = get(job, ...keys);
      for (const [n, ref] of (Array.isArray(args) ? args : []).entries())
        if (isRef(ref)) yield { path: `jobs.${i}.${keys.join(".")}.${n}`, ref, check: anything };
    }
  }
}

/** The bot alone chains nothing. A process without any role is a command about the audit log. */
function* auditSecrets(raw: unknown, roles: Roles): Iterable<Wanted> {
  if (roles.bot && roles.worker === null) return;
  const key = get(raw, "audit", "signingKey");
  if (isRef(key)) yield { path: "audit.signingKey", ref: key, check: auditKey };
  if (roles.worker === null) return;
  for (const [name, sink] of entries(get(raw, "audit", "sinks"))) {
    const path = `audit.sinks.${name}`;
    const url = get(sink, "url");
    if (isRef(url)) yield { path: `${path}.url`, ref: url, check: collectorUrl };
    for (const [header, ref] of entries(get(sink, "headers")))
      if (isRef(ref)) yield { path: `${path}.headers.${header}`, ref, check: anything };
  }
}

function* certificates(raw: unknown, roles: Roles): Iterable<readonly [path: string, file: string]> {
  for (const key of ["ca", "cert", "key"]) {
    const file = get(raw, "redis", "tls", key);
    if (typeof file === "string") yield [`redis.tls.${key}`, file];
  }
  for (const [name, cluster] of servedClusters(raw, roles))
    for (const keys of [["ca"], ["auth", "cert"], ["auth", "key"]]) {
      const file = get(cluster, ...keys);
      if (typeof file === "string") yield [`clusters.${name}.${keys.join(".")}`, file];
    }
}

const servedClusters = (raw: unknown, roles: Roles) =>
  entries(get(raw, "clusters")).filter(([, cluster]) => {
    const zone = get(cluster, "zone") ?? "default";
    return typeof zone === "string" && isServed(zone, roles);
  });

/** A nested value of unvalidated data; undefined if a key is missing. */
export const get = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((at, key) => entries(at).find(([k]) => k === key)?.[1], value);

/** The members of unvalidated data; empty if it is not an object. */
export const entries = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
