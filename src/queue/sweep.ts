import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { RedisClient } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import { draftIntake } from "../requests/again.ts";
import type { Store } from "../requests/store.ts";
import type { Queues } from "./queues.ts";

export interface SweepOptions {
  redis: RedisClient;
  keys: Keys;
  store: Store;
  queues: Queues;
  /** Zone of a cluster; null: not configured any more. */
  zoneOf(cluster: string): string | null;
  worker: string;
  /** ms */
  every: number;
  log: Log;
  clock: Clock;
}

/** At the start and each minute: an open request must have a live queue job, whatever became of the first one. */
export function startSweeper(options: SweepOptions): { close(): Promise<void> } {
  const stop = new AbortController();
  const running = loop(options, stop.signal);
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}

async function loop(options: SweepOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      // one sweeper at a time is enough; a dead one's turn passes by itself
      const mine = await options.redis.set(
        options.keys.sweep,
        options.worker,
        "PX",
        Math.max(500, options.every / 2),
        "NX",
      );
      if (mine !== null) await sweep(options);
    } catch (error) {
      options.log.warn({ err: error }, "sweep failed");
    }
    await options.clock.sleep(options.every, signal);
  }
}

async function sweep(options: SweepOptions): Promise<void> {
  const ids = await options.store.openIds();
  for (const { record } of await options.store.loadMany(ids)) {
    const zone = options.zoneOf(record.target.cluster);
    if (zone === null) continue;
    const found = await options.queues.ensure(zone, draftIntake(record));
    if (found === "revived")
      options.log.warn({ requestId: record.id, state: record.state }, "request revived");
  }
}
