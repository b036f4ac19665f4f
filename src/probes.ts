import { createAuditStream } from "./audit/stream.ts";
import type { CheckProbes } from "./check.ts";
import type { RedisFacts } from "./check-redis.ts";
import { systemClock } from "./platform/clock.ts";
import type { Config } from "./config/config.ts";
import { createClusters } from "./flink/clusters.ts";
import type { ClusterConfig } from "./model/cluster-config.ts";
import { createLog } from "./platform/log.ts";
import { createSeal } from "./platform/seal.ts";
import { liveWorkers } from "./queue/beats.ts";
import { readForged } from "./redis/forged.ts";
import { keysUnder } from "./redis/keys.ts";
import { connectRedis, frontOptions, inWords, untilReady } from "./redis/connect.ts";
import { probeAppToken, probeBotToken, probeNamed } from "./slack/probe.ts";

/** The calls that `flinkops check` makes. */
export function createProbes(config: Config): CheckProbes & { close(): Promise<void> } {
  const log = createLog("silent");
  const keys = keysUnder(config.redis.prefix);
  let met: Error | null = null;
  const redis = connectRedis(frontOptions(config.redis), (error) => (met = error));
  /** Throws what the connection met where Redis does not answer. */
  const reached = async (): Promise<void> => {
    if (await untilReady(redis, 3000, systemClock)) return;
    throw new Error(met === null ? "does not answer" : `does not answer: ${inWords(met)}`);
  };
  const clusters = createClusters(config.clusters);
  const anonymous = createClusters(config.clusters.map(withoutCredentials));
  const slack = { apiUrl: config.slack.apiUrl, log };
  return {
    async redis(): Promise<RedisFacts> {
      await reached();
      const info = fields(await redis.info());
      // CONFIG is refused by managed Redis, and to the user that `check --print-acl` prints
      const setting = async (name: string): Promise<string | null> => {
        const answer: unknown = await redis.config("GET", name).catch(() => null);
        return Array.isArray(answer) && answer.length > 1 ? String(answer[1]) : null;
      };
      const [save, minReplicas] = [await setting("save"), await setting("min-replicas-to-write")];
      return {
        version: info.get("redis_version") ?? "unknown",
        maxmemoryPolicy: info.get("maxmemory_policy") ?? "unknown",
        appendonly: info.get("aof_enabled") === "1",
        appendfsync: await setting("appendfsync"),
        snapshots: save === null ? null : save !== "",
        replicas: Number(info.get("connected_slaves") ?? 0),
        minReplicas: minReplicas === null ? null : Number(minReplicas),
      };
    },
    async forged() {
      await reached();
      return await readForged(redis, keys);
    },
    async audit() {
      await reached();
      const stream = createAuditStream({ redis, keys, seal: createSeal(config.seal.keys, () => undefined) });
      const marks = config.audit.sinks.map(
        async ({ name }) => [name, (await stream.mark(name))?.n ?? 0] as const,
      );
      return {
        head: (await stream.head()).head?.n ?? null,
        waiting: await redis.xlen(keys.audit),
        sinks: new Map(await Promise.all(marks)),
        problem: (await stream.reached())?.problem ?? null,
      };
    },
    async workers() {
      await reached();
      const zones = config.clusters.map((c) => c.zone);
      return await liveWorkers(redis, keys, [...new Set(zones)]);
    },
    async cluster(name) {
      const reads = clusters.get(name)?.reads;
      if (reads === undefined) throw new Error("is not configured");
      const [capabilities, jobs] = [await reads.capabilities(), await reads.overview()];
      return {
        version: capabilities.version,
        scheduler: jobs.find((j) => j.scheduler !== null)?.scheduler ?? null,
        rescale: capabilities.rescale,
        open: await answers(anonymous.get(name)?.reads.overview()),
        operatorManaged: capabilities.operatorManaged,
      };
    },
    slack: async () => await probeBotToken({ ...slack, botToken: config.slack.botToken }),
    slackNames: async (names) =>
      await probeNamed({ ...slack, botToken: config.slack.botToken }, names, config.slack.organization),
    async appToken() {
      const { door } = config.slack;
      if (door?.mode === "socket") await probeAppToken({ ...slack, botToken: door.appToken });
    },
    async close() {
      redis.disconnect();
      await Promise.all([clusters.close(), anonymous.close()]);
    },
  };
}

const withoutCredentials = (c: ClusterConfig): ClusterConfig => ({
  ...c,
  auth: { kind: "none" },
  headers: {},
});

const fields = (info: string): ReadonlyMap<string, string> =>
  new Map(
    info
      .split("\r\n")
      .map((l): [string, string] => [l.slice(0, l.indexOf(":")), l.slice(l.indexOf(":") + 1)]),
  );

async function answers(asked: Promise<unknown> | undefined): Promise<boolean> {
  try {
    await asked;
    return asked !== undefined;
  } catch {
    return false;
  }
}
