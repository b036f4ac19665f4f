import type { ClusterAuth, ClusterConfig, Secret } from "../model/cluster-config.ts";
import { type CatalogueEntry, digested, digestedRehearsal } from "../model/catalog.ts";
import { expand } from "../policy/expand.ts";
import type { LoadedPolicy } from "./load-policy.ts";
import { hashed } from "../policy/hash.ts";
import type { PeopleSet, Policy } from "../policy/policy.ts";
import type { Otlp } from "./otlp.ts";
import type { Rulebook } from "./policy-file.ts";
import { digestUnder, keyFrom } from "../platform/seal.ts";
import { type Config, isServed, type Roles, type SlackConfig } from "./config.ts";
import { type FileConfig, isRef, type SecretRef } from "./schema.ts";

type FileCluster = FileConfig["clusters"][string];
type FileAuth = FileCluster["auth"];
/** Secrets by path in the file. */
type Values = ReadonlyMap<string, string>;

/** Without a key of its own, anyone who can write to Redis could have requested the change. */
const WITHOUT_KEY =
  "flinkops is read-only here: it has no key to seal its requests with (seal.keys). Ask the flinkops administrators.";

/** Builds the Config from the file and the resolved secrets. Both have been validated. `port`: instead of the file's. */
export function assemble(
  file: FileConfig,
  values: Values,
  { roles, port, policy, otlp }: { roles: Roles; port: number | null; policy: LoadedPolicy; otlp: Otlp },
): Config {
  const [first, ...others] = file.seal.keys.map((_, i) => values.get(`seal.keys.${i}`) ?? "");
  const botToken = values.get("slack.botToken") ?? "";
  const keys: Config["seal"]["keys"] = first === undefined ? [keyFrom(botToken)] : [first, ...others];
  return {
    deployment: { id: file.deployment.id, label: file.deployment.label ?? null, dev: file.deployment.dev },
    slack: slack(file.slack, values, roles),
    redis: redis(file.redis, values),
    seal: {
      keys,
      isOwn: first !== undefined,
      channel: file.seal.channel ?? null,
    },
    clusters: Object.entries(file.clusters).map(([name, c]) =>
      cluster({ ...c, name }, file, isServed(c.zone, roles) ? values : null),
    ),
    channels: Object.fromEntries(
      Object.entries(file.channels).map(([id, c]) => [id, { cluster: c.cluster ?? null }]),
    ),
    catalogue: {
      entries: file.jobs.map((job, i) => ({
        ...job,
        ...argsOf(job.args, `jobs.${i}.args`, {
          values,
          digest: (args) => digestsUnder(keys, digested({ ...job, args })),
        }),
        entryClass: job.entryClass ?? null,
        parallelism: job.parallelism ?? null,
        savepointDirectory: job.savepointDirectory ?? null,
        rehearsal: rehearsalOf(job, `jobs.${i}.rehearsal.args`, { values, keys }),
      })),
      anyJarOn: Object.entries(file.clusters).flatMap(([name, c]) => (c.jars === "any" ? [name] : [])),
    },
    audit: audit(file.audit, values),
    atOnce: file.bulk.atOnce,
    mostOpen: file.requests.openPerPerson,
    policy: hashed({
      ...decidingPart(file, policy.rulebook),
      devClusters: Object.entries(file.clusters).flatMap(([name, c]) => (c.dev ? [name] : [])),
      externalChannels: file.externalChannels,
      ...(first === undefined && !file.deployment.dev && { noChanges: WITHOUT_KEY }),
    }),
    policyFile: { path: policy.file, tests: policy.rulebook?.tests ?? [] },
    timings: file.timings,
    http: {
      host: hostOf(file.http.listen),
      port: port ?? file.http.port,
      metrics: file.http.metrics,
      bullBoard: file.http.bullBoard ?? null,
    },
    otlp: { traces: otlp.traces, metrics: otlp.metrics },
  };
}

/** From the policy file, or from the few keys of the simple form. */
function decidingPart(
  { people: { view, operate, approve }, approvalAlso }: FileConfig,
  rulebook: Rulebook | null,
): Pick<Policy, "form" | "people" | "same" | "rules" | "freezes" | "breakGlass"> {
  if (rulebook !== null) {
    const { tests: _tests, ...rules } = rulebook;
    return rules;
  }
  const simple = { view: people(view), operate: people(operate), approve: people(approve), approvalAlso };
  return { ...expand(simple), same: [], freezes: [] };
}

type Keys = Config["seal"]["keys"];

const digestsUnder = ([first, ...others]: Keys, input: string): [string, ...string[]] => [
  digestUnder(first, input),
  ...others.map((key) => digestUnder(key, input)),
];

const argsOf = (
  written: FileConfig["jobs"][number]["args"],
  path: string,
  { values, digest }: { values: Values; digest: (args: readonly string[]) => [string, ...string[]] },
): Pick<CatalogueEntry, "args" | "secretArgs" | "digests"> => {
  const args = written.map((arg, n) => text(arg, `${path}.${n}`, values));
  const secretArgs = written.flatMap((arg, n) => (isRef(arg) ? [n] : []));
  return { args, secretArgs, digests: digest(args) };
};

const rehearsalOf = (
  { rehearsal, ...job }: FileConfig["jobs"][number],
  path: string,
  { values, keys }: { values: Values; keys: Keys },
): CatalogueEntry["rehearsal"] =>
  rehearsal === undefined
    ? null
    : {
        ...argsOf(rehearsal.args, path, {
          values,
          digest: (args) => digestsUnder(keys, digestedRehearsal({ ...job, args })),
        }),
        parallelism: rehearsal.parallelism ?? null,
        healthyWithin: rehearsal.healthyWithin ?? null,
      };

const audit = ({ keep, channel, sinks }: FileConfig["audit"], values: Values): Config["audit"] => ({
  keep,
  signingKey: values.get("audit.signingKey") ?? null,
  channel: channel ?? null,
  sinks: Object.entries(sinks).map(([name, sink]) => {
    if (sink.kind !== "http") return { name, ...sink };
    const path = `audit.sinks.${name}`;
    return {
      name,
      kind: sink.kind,
      required: sink.required,
      url: text(sink.url, `${path}.url`, values),
      headers: textsOf(sink.headers, `${path}.headers`, values),
    };
  }),
});

const redis = (file: FileConfig["redis"], values: Values): Config["redis"] => ({
  url: text(file.url, "redis.url", values),
  prefix: file.prefix,
  waitReplicas: file.waitReplicas,
  sentinels: file.sentinels ?? [],
  sentinelUsername: file.sentinelUsername ?? null,
  sentinelPassword: values.get("redis.sentinelPassword") ?? null,
  cluster: file.cluster ?? [],
  tls:
    file.tls === undefined
      ? null
      : {
          ca: file.tls.ca ?? null,
          cert: file.tls.cert ?? null,
          key: file.tls.key ?? null,
          servername: file.tls.servername ?? null,
        },
});

const hostOf = (listen: "loopback" | "all") => (listen === "all" ? "0.0.0.0" : "127.0.0.1");

function slack(file: FileConfig["slack"], values: Values, roles: Roles): SlackConfig {
  const secret = (key: string) => values.get(`slack.${key}`) ?? "";
  const door =
    file.mode === "socket"
      ? ({ mode: "socket", appToken: secret("appToken") } as const)
      : ({
          mode: "http",
          signingSecret: secret("signingSecret"),
          host: hostOf(file.listen),
          port: file.port,
        } as const);
  return {
    botToken: secret("botToken"),
    apiUrl: file.apiUrl.replace(/\/*$/u, "/"),
    command: file.command,
    organization: file.organization,
    door: roles.bot ? door : null,
  };
}

/** `values` null: this process does not talk to the cluster and does not receive its secrets. */
function cluster(
  { name, ...c }: FileCluster & { name: string },
  { timings, links }: Pick<FileConfig, "timings" | "links">,
  values: Values | null,
): ClusterConfig {
  const path = `clusters.${name}`;
  return {
    name,
    label: c.label ?? name,
    url: values === null && isRef(c.url) ? "" : text(c.url, `${path}.url`, values ?? new Map()),
    zone: c.zone,
    changes: c.changes,
    savepointRoots: c.savepointRoots,
    defaultFileSystem: c.defaultFileSystem ?? null,
    auth: values === null ? { kind: "none" } : auth(c.auth, `${path}.auth`, values),
    headers: values === null ? {} : textsOf(c.headers, `${path}.headers`, values),
    ca: c.ca ?? null,
    servername: c.servername ?? null,
    managedBy: c.managedBy ?? null,
    ...(c.approvals === undefined ? {} : { approvals: c.approvals }),
    ...(c.uiUrl === undefined ? {} : { uiUrl: c.uiUrl }),
    requireRehearsal: c.requireRehearsal ?? null,
    links,
    timeouts: {
      connectMs: timings.flinkConnect,
      readMs: timings.flinkTimeout,
      changeMs: timings.flinkChangeTimeout,
      startMs: timings.flinkStartTimeout,
    },
  };
}

function auth(a: FileAuth, path: string, values: Values): ClusterAuth {
  if (a.kind === "basic")
    return { kind: "basic", user: a.user, password: secret(a.password, `${path}.password`, values) };
  if (a.kind === "bearer") return { kind: "bearer", token: secret(a.token, `${path}.token`, values) };
  return a;
}

/** A secret in a file stays a path, because its token may rotate. */
const secret = (ref: SecretRef, path: string, values: Values): Secret =>
  "file" in ref ? ref : { value: values.get(path) ?? "" };

const text = (value: string | SecretRef, path: string, values: Values): string =>
  typeof value === "string" ? value : (values.get(path) ?? "");

const textsOf = (
  all: { readonly [name: string]: string | SecretRef },
  path: string,
  values: Values,
): Record<string, string> =>
  Object.fromEntries(Object.entries(all).map(([name, one]) => [name, text(one, `${path}.${name}`, values)]));

const people = (set: PeopleSet | undefined): PeopleSet | null => set ?? null;
