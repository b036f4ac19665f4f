import { type CheckLine, fail, ok, warn } from "./check-line.ts";
import type { Config } from "./config/config.ts";

/** What the check reads from Redis. */
export interface RedisFacts {
  version: string;
  maxmemoryPolicy: string;
  appendonly: boolean;
  /** always, everysec, no; null: this user may not read the configuration. */
  appendfsync: string | null;
  /** RDB snapshots are configured; null as before. */
  snapshots: boolean | null;
  /** How many replicas follow the master. */
  replicas: number;
  /** The master refuses writes with fewer replicas than this (`min-replicas-to-write`); null as before. */
  minReplicas: number | null;
}

/** Version, settings and replicas of Redis: what could lose an accepted request. */
export function redisLines(config: Config, facts: RedisFacts): readonly CheckLine[] {
  const [major = 0, minor = 0] = facts.version.split(".").map(Number);
  return [
    major > 6 || (major === 6 && minor >= 2)
      ? ok(`Redis: version ${facts.version}`)
      : fail(`Redis: version ${facts.version} is too old`, "use 6.2 or newer"),
    facts.maxmemoryPolicy === "noeviction"
      ? ok("Redis: maxmemory-policy noeviction")
      : fail(
          `Redis: maxmemory-policy ${facts.maxmemoryPolicy} may delete requests`,
          "set maxmemory-policy noeviction",
        ),
    persistence(config, facts),
    ...replicas(config.redis, facts),
  ];
}

function persistence(config: Config, facts: RedisFacts): CheckLine {
  if (facts.appendonly && facts.appendfsync === "always")
    return ok("Redis: every write is on disk before it counts");
  if (facts.appendonly && facts.appendfsync === null)
    return warn(
      "Redis: this user may not read whether appendfsync is always; with everysec a power cut loses the last second",
      "ask whoever runs Redis",
    );
  if (facts.appendonly)
    return warn(
      `Redis: appendfsync ${facts.appendfsync}, a power cut loses the last second`,
      "set appendfsync always; the load of a chat bot is small",
    );
  const what =
    facts.snapshots === false
      ? "Redis: nothing is written to disk, a restart loses every request"
      : facts.snapshots === true
        ? "Redis: snapshots only, a restart loses the last minutes"
        : "Redis: no append-only file, a restart loses the last minutes or everything";
  const todo = "set appendonly yes and appendfsync always";
  return facts.snapshots !== false || config.deployment.dev
    ? warn(what, todo)
    : fail(what, `${todo} (or deployment.dev: true)`);
}

function replicas(
  { waitReplicas, sentinels, cluster }: Config["redis"],
  { replicas: following, minReplicas }: RedisFacts,
): readonly CheckLine[] {
  if (waitReplicas > following)
    return [
      fail(
        `Redis: ${following === 1 ? "1 replica follows" : `${following} replicas follow`} the master, and redis.waitReplicas is ${waitReplicas}: nothing will be accepted`,
        "add replicas, or lower redis.waitReplicas",
      ),
    ];
  if (waitReplicas > 0) return [ok(`Redis: ${waitReplicas} of ${following} replicas confirm each request`)];
  if (sentinels.length + cluster.length === 0) return [];
  return [
    warn(
      "Redis: a fail-over may lose requests that were acknowledged just before",
      `set redis.waitReplicas: 1${minReplicas === 0 ? ", and min-replicas-to-write 1 on the servers" : ""}`,
    ),
  ];
}
