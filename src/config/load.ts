import { ConfigError } from "../model/errors.ts";
import { parseSavepointDirectory } from "../model/savepoint-path.ts";
import { UNKNOWN_FILE_SYSTEM } from "../model/state-path.ts";
import { type Config, isServed, type Roles } from "./config.ts";
import { type Askable, changeNames } from "../policy/askable.ts";
import { assemble } from "./assemble.ts";
import { loadPolicyFile } from "./load-policy.ts";
import { otlpIn } from "./otlp.ts";
import { problemLine, problemsOf } from "./problems.ts";
import { fileSchema } from "./schema.ts";
import { entries, get, resolveSecrets, type Sources } from "./secrets.ts";
import { readYaml } from "./yaml-file.ts";

/** Where the configuration comes from, and the roles that need it. */
export interface ConfigSource extends Sources {
  /** Path of the YAML file; null: the file that FLINKOPS_CONFIG names, or none. */
  file: string | null;
  roles: Roles;
  /** What people can ask for, as far as the policy is concerned. */
  operations: readonly Askable[];
  /** The secrets are not needed: only the policy will be used. */
  only?: "policy";
}

/** The configuration without a file: one read-only cluster. */
const RISK_FREE = { clusters: { default: { url: { env: "FLINK_URL" }, changes: false } } };

/** Loads the configuration, frozen. Throws ConfigError with every problem, one per line, as `- path: problem`. */
export function loadConfig(source: ConfigSource): Config {
  const file = source.file ?? (source.env["FLINKOPS_CONFIG"]?.trim() || null);
  const raw =
    file === null ? RISK_FREE : readYaml(file, source, "name the file with --config or FLINKOPS_CONFIG");
  const parsed = fileSchema(changeNames(source.operations)).safeParse(raw);
  const policy = loadPolicyFile(raw, file, source);
  const secrets = resolveSecrets(raw, source.roles, source);
  const port = portOverride(source.env);
  const otlp = otlpIn(source.env);
  const problems = [
    ...(parsed.success ? [] : problemsOf(parsed.error)),
    ...policy.problems,
    ...(source.only === "policy" ? [] : secrets.problems),
    ...strayChannels(raw),
    ...strayJobs(raw),
    ...emptyZone(raw, source.roles),
    ...otlp.problems,
    ...(port === "bad" ? ["FLINKOPS_PORT: must be a port, 0 to 65535"] : []),
  ];
  if (!parsed.success || port === "bad" || problems.length > 0)
    throw new ConfigError(problems.map(problemLine).join("\n"));
  return deepFreeze(assemble(parsed.data, secrets.values, { roles: source.roles, port, policy, otlp }));
}

function strayChannels(raw: unknown): string[] {
  const known = entries(get(raw, "clusters")).map(([name]) => name);
  return entries(get(raw, "channels")).flatMap(([channel, value]) => {
    const cluster = get(value, "cluster");
    return typeof cluster === "string" && !known.includes(cluster)
      ? [`channels.${channel}.cluster: must be one of the clusters: ${known.join(", ")}`]
      : [];
  });
}

/** Each job must name a configured cluster, be unique on it, and use a savepoint directory that the cluster allows. */
function strayJobs(raw: unknown): string[] {
  const clusters = new Map(entries(get(raw, "clusters")));
  const seen = new Set<string>();
  const jobs = get(raw, "jobs");
  return (Array.isArray(jobs) ? jobs : []).flatMap((job: unknown, i): string[] => {
    const [name, cluster, directory] = ["name", "cluster", "savepointDirectory"].map((key) => get(job, key));
    if (typeof name !== "string" || typeof cluster !== "string") return [];
    if (!clusters.has(cluster))
      return [`jobs.${i}.cluster: must be one of the clusters: ${[...clusters.keys()].join(", ")}`];
    const twice = seen.has(`${cluster}/${name}`);
    seen.add(`${cluster}/${name}`);
    const roots = get(clusters.get(cluster), "savepointRoots");
    const allowed = (Array.isArray(roots) ? roots : []).filter((root) => typeof root === "string");
    const named = get(clusters.get(cluster), "defaultFileSystem");
    const fileSystem = { ...UNKNOWN_FILE_SYSTEM, default: typeof named === "string" ? named : null };
    const outside =
      typeof directory === "string" &&
      "problem" in parseSavepointDirectory(directory, { roots: allowed, fileSystem });
    return [
      ...(twice ? [`jobs.${i}.name: ${name} on ${cluster} is listed twice`] : []),
      ...(outside
        ? [`jobs.${i}.savepointDirectory: must be below one of clusters.${cluster}.savepointRoots`]
        : []),
    ];
  });
}

function emptyZone(raw: unknown, roles: Roles): string[] {
  const zone = roles.worker?.zone ?? null;
  const zones = entries(get(raw, "clusters")).flatMap(([, c]) => {
    const named = get(c, "zone") ?? "default";
    return typeof named === "string" ? [named] : [];
  });
  return zone === null || zones.length === 0 || zones.some((z) => isServed(z, roles))
    ? []
    : [`--zone ${zone}: no cluster is in it; the zones are ${[...new Set(zones)].join(", ")}`];
}

/** FLINKOPS_PORT lets several processes on one machine share a file without sharing a port. */
function portOverride(env: Sources["env"]): number | null | "bad" {
  const text = env["FLINKOPS_PORT"]?.trim() ?? "";
  if (text === "") return null;
  return /^\d{1,5}$/u.test(text) && Number(text) <= 65_535 ? Number(text) : "bad";
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
