import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Base } from "./connections.ts";
import type { Config } from "./config/config.ts";
import { createJobCache } from "./job-cache/job-cache.ts";
import type { Reading } from "./model/measures.ts";
import { liveWorkers } from "./queue/beats.ts";
import { readDepths } from "./queue/depths.ts";
import { deadlineIn } from "./redis/deadline.ts";

/** How long a scrape waits for Redis, ms. What it does not answer in time is left out. */
const PATIENCE_MS = 2000;
const NS = 1e9;

const late = (): Error => new Error("redis did not answer a scrape in time");
/** Nothing measured yet is not a number. */
const seconds = (ns: number): number => (Number.isFinite(ns) ? ns / NS : 0);

/** What is read when a scrape asks for it: the queues, the job cache, and this process. */
export function createGauges(config: Config, base: Base) {
  const { front, keys, seal, clock, zones, pulse } = base;
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const jobCache = createJobCache({ redis: front, keys, seal, configured: config.clusters, clock });
  const store = base.store(front);
  const soon = async (read: () => Promise<readonly Reading[]>): Promise<readonly Reading[]> => {
    return await deadlineIn(PATIENCE_MS, clock)
      .of(read(), late)
      .catch(() => []);
  };

  function ourselves(): readonly Reading[] {
    const readings: readonly Reading[] = [
      { name: "nodejs.eventloop.delay.p50", value: seconds(delay.percentile(50)) },
      { name: "nodejs.eventloop.delay.p99", value: seconds(delay.percentile(99)) },
      { name: "nodejs.eventloop.delay.max", value: seconds(delay.max) },
      { name: "process.memory.usage", value: process.memoryUsage.rss() },
    ];
    delay.reset();
    return readings;
  }

  async function queues(): Promise<readonly Reading[]> {
    const depths = await readDepths(front, { prefix: config.redis.prefix, zones });
    return depths.flatMap(({ zone, lane, oldestMs, ...jobs }): Reading[] => [
      ...Object.entries(jobs).map(
        ([state, value]): Reading => ({
          name: "flinkops.queue.jobs",
          value,
          attributes: { zone, lane, state },
        }),
      ),
      { name: "flinkops.queue.oldest", value: (oldestMs ?? 0) / 1000, attributes: { zone, lane } },
    ]);
  }

  async function workers(): Promise<readonly Reading[]> {
    const alive = await liveWorkers(front, keys, zones);
    return zones.map((zone) => ({
      name: "flinkops.workers",
      value: alive.get(zone) ?? 0,
      attributes: { zone },
    }));
  }

  async function requests(): Promise<readonly Reading[]> {
    return [{ name: "flinkops.request.open", value: (await store.openIds()).length }];
  }

  async function ages(): Promise<readonly Reading[]> {
    const names = config.clusters.map((c) => c.name);
    const seen = await jobCache.peek(names);
    return names.flatMap((cluster): Reading[] => {
      const readAt = seen.get(cluster)?.readAt ?? null;
      const age = readAt === null ? null : Math.max(0, pulse.now() - readAt) / 1000;
      return age === null ? [] : [{ name: "flinkops.job_cache.age", value: age, attributes: { cluster } }];
    });
  }

  return {
    async read(): Promise<readonly Reading[]> {
      const read = await Promise.all([queues, workers, requests, ages].map(soon));
      return [...ourselves(), ...read.flat()];
    },
    close: () => delay.disable(),
  };
}
