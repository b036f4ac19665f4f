import { isoTime } from "./model/instant.ts";
import { type AuditFacts, auditLines } from "./check-audit.ts";
import { systemClock } from "./platform/clock.ts";
import { type CheckLine, exitCodeOf, fail, lineOf, ok, warn } from "./check-line.ts";
import { namedLines, type SlackName, type SlackNameProblem, slackNames } from "./check-names.ts";
import { type SlackFacts, slackLines } from "./check-slack.ts";
import type { Finding, Topic } from "./doctor.ts";
import { type Config, isServed, type Roles } from "./config/config.ts";
import { OpsError } from "./model/errors.ts";
import { type RedisFacts, redisLines } from "./check-redis.ts";
import { policyLines } from "./policy-check.ts";
import { scrubText } from "./platform/scrub.ts";

/** What the check reads from a cluster. */
export interface ClusterFacts {
  version: string;
  /** `Adaptive`, `Default`, ...; null if no job reports it. */
  scheduler: string | null;
  /** `features.web-rescale`. */
  rescale: boolean;
  /** The cluster answers a request without any of the configured credentials. */
  open: boolean;
  /** Why the cluster seems managed by the Kubernetes operator; null: it does not seem so. */
  operatorManaged: string | null;
}

/** The calls to Redis, Flink and Slack. Each throws on failure; the message is shown to a person. */
export interface CheckProbes {
  redis(): Promise<RedisFacts>;
  /** Values in Redis that flinkops did not write, and when they were found, seconds since the epoch. */
  forged(): Promise<readonly { kind: string; id: string; why: string; at: number }[]>;
  audit(): Promise<AuditFacts>;
  /** How many workers serve each zone now. */
  workers(): Promise<ReadonlyMap<string, number>>;
  cluster(name: string): Promise<ClusterFacts>;
  slack(): Promise<SlackFacts>;
  /** Only the names with a problem. */
  slackNames(names: readonly SlackName[]): Promise<readonly SlackNameProblem[]>;
  /** `apps.connections.open`, without connecting. */
  appToken(): Promise<void>;
}

const LONGEST_MS = 20_000;

export interface Needs {
  config: Config;
  roles: Roles;
  scopes: readonly string[];
  /** Scope to purpose, "show pictures": flinkops works without that feature if the scope is not granted. */
  optionalScopes?: Readonly<Record<string, string>>;
}

/** Checks all that a process with these roles needs, in parallel. Never throws: a failed check is a line. */
export async function check(
  { config, roles, scopes, optionalScopes = {} }: Needs,
  probes: CheckProbes,
): Promise<readonly Finding[]> {
  const looks = [
    about(
      "redis",
      attempt("Redis", "start it, or set REDIS_URL", async () => redisLines(config, await probes.redis())),
    ),
    about(
      "values",
      attempt("values in Redis", "see Redis", async () => forged(await probes.forged())),
    ),
    about(
      "audit",
      attempt("audit log", "see Redis", async () => auditLines(config, await probes.audit())),
    ),
    about(
      "workers",
      attempt("workers", "see Redis", async () => workers(config, await probes.workers())),
    ),
    ...config.clusters
      .filter(({ zone }) => isServed(zone, roles))
      .map(({ name }) =>
        about(
          "cluster",
          attempt(`cluster ${name}`, `check clusters.${name}: url, auth, ca, and the network`, async () =>
            cluster(config, name, await probes.cluster(name)),
          ),
        ),
      ),
    about(
      "bot token",
      attempt("Slack bot token", "copy it from OAuth & Permissions of the installed app", async () =>
        slackLines(await probes.slack(), { scopes, optionalScopes, organization: config.slack.organization }),
      ),
    ),
  ];
  const names = slackNames(config);
  if (names.size > 0)
    looks.push(
      about(
        "names",
        attempt("Slack groups, users and channels of the configuration", "see docs/runbook.md", async () =>
          namedLines(names, await probes.slackNames([...names.values()].map(({ name }) => name))),
        ),
      ),
    );
  if (config.slack.door?.mode === "socket")
    looks.push(
      about(
        "app token",
        attempt("Slack app token", "create one under Basic Information with connections:write", async () => {
          await probes.appToken();
          return [ok("Slack app token: Socket Mode answers")];
        }),
      ),
    );
  return (await Promise.all([...configuration(config), ...looks])).flat();
}

/** The lines as printed, and the exit code: 1 if any line is FAIL. */
export const printed = (lines: readonly CheckLine[]): { text: string; exitCode: 0 | 1 } => ({
  text: lines.map(lineOf).join("\n"),
  exitCode: exitCodeOf(lines),
});

const about = async (
  topic: Topic,
  lines: readonly CheckLine[] | Promise<readonly CheckLine[]>,
): Promise<readonly Finding[]> => (await lines).map((line) => ({ ...line, topic }));

async function attempt(
  what: string,
  todo: string,
  look: () => Promise<readonly CheckLine[]>,
): Promise<readonly CheckLine[]> {
  const over = new AbortController();
  try {
    return await Promise.race([look(), tooLong(over.signal)]);
  } catch (error) {
    const met = error instanceof Error ? error.message : String(error);
    // Slack did not answer, so this says nothing about the configured token or names
    if (what.startsWith("Slack") && error instanceof OpsError && error.retryable)
      return [fail(`${what}: ${scrubText(met)}`, "check slack.apiUrl and the network")];
    return [fail(`${what}: ${scrubText(met.split("\n")[0] ?? "")}`, todo)];
  } finally {
    over.abort();
  }
}

async function tooLong(signal: AbortSignal): Promise<never> {
  await systemClock.sleep(LONGEST_MS, signal);
  throw new Error(`no answer within ${LONGEST_MS / 1_000} s`);
}

const configuration = (config: Config): readonly Promise<readonly Finding[]>[] => [
  about("configuration", [
    ok(
      `configuration: ${config.clusters.length} ${config.clusters.length === 1 ? "cluster" : "clusters"}, deployment ${config.deployment.id}`,
    ),
  ]),
  about("policy", policyLines(config)),
  about("seal", seal(config)),
];

const NEW_KEY = "print a key with `flinkops seal new` and give it to all processes as seal.keys";

function seal(config: Config): readonly CheckLine[] {
  const { keys, isOwn, channel } = config.seal;
  const changes = config.clusters.some((c) => c.changes);
  if (isOwn)
    return [
      ok(`seal: ${keys.length === 1 ? "one key" : `${keys.length} keys, the first one seals`}`),
      ...(channel === null
        ? [
            warn(
              "seal: no channel gets reports about values in Redis that flinkops did not write",
              "set seal.channel to the approvers' channel",
            ),
          ]
        : []),
    ];
  if (!changes) return [ok("seal: no key; reading needs none")];
  return config.deployment.dev
    ? [warn("seal: no key of its own, one is derived from the bot token", NEW_KEY)]
    : [fail("seal: no key, so every change is refused", NEW_KEY)];
}

function forged(
  found: readonly { kind: string; id: string; why: string; at: number }[],
): readonly CheckLine[] {
  if (found.length === 0) return [ok("Redis: all values were written by flinkops")];
  const named = found
    .slice(-5)
    .map(({ kind, id, why, at }) => `${kind} ${id} (${why}, ${isoTime(at * 1000)})`);
  return [
    fail(
      `Redis: ${found.length} ${found.length === 1 ? "value is" : "values are"} not as flinkops wrote them; the newest: ${named.join(", ")}`,
      "see docs/runbook.md: someone else writes to this Redis",
    ),
  ];
}

/** No worker is only a warning: before the first start there are none. */
const workers = (config: Config, serving: ReadonlyMap<string, number>): readonly CheckLine[] =>
  [...new Set(config.clusters.map((c) => c.zone))].map((zone) => {
    const n = serving.get(zone) ?? 0;
    return n > 0
      ? ok(`zone ${zone}: ${n} ${n === 1 ? "worker" : "workers"}`)
      : warn(
          `zone ${zone}: no worker runs, so requests for its clusters wait`,
          `start \`flinkops worker --zone ${zone}\``,
        );
  });

function cluster(config: Config, name: string, facts: ClusterFacts): readonly CheckLine[] {
  const { changes = false, managedBy = null } = config.clusters.find((c) => c.name === name) ?? {};
  const at = `cluster ${name}`;
  const lines = [ok(`${at}: Flink ${facts.version}, scheduler ${facts.scheduler ?? "unknown (no jobs)"}`)];
  lines.push(
    facts.rescale
      ? ok(`${at}: parallelism can be changed in place`)
      : warn(
          `${at}: scale will be refused`,
          "use jobmanager.scheduler: adaptive and web.rescale.enabled: true",
        ),
  );
  if (facts.open)
    lines.push(
      warn(
        `${at}: answers without credentials: anyone who can reach it needs no approval`,
        "let only flinkops reach it, by network policy or a proxy that asks for credentials",
      ),
    );
  if (facts.operatorManaged !== null && managedBy === null && changes)
    lines.push(
      warn(
        `${at}: looks managed by the Kubernetes operator (${facts.operatorManaged}): view and savepoint only`,
        `set clusters.${name}.managedBy to operator or none`,
      ),
    );
  return lines;
}
