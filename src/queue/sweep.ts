import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { isRedisProblem, type RedisClient } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import { intakeFromRecord } from "../requests/record/intake-from-record.ts";
import { isLive, lineOf, type RequestRecord } from "../requests/record/record.ts";
import type { Store } from "../requests/record/store.ts";
import type { Queues } from "./queues.ts";

export interface SweepOptions {
  redis: RedisClient;
  keys: Keys;
  store: Store;
  queues: Queues;
  /** The zones that this process serves. */
  zones: readonly string[];
  /** The zone that a cluster is in now; null: in none. */
  zoneOf(cluster: string): string | null;
  worker: string;
  /** Interval between sweeps, ms. */
  every: number;
  log: Log;
  clock: Clock;
}

/** Sweeps at the start and then at each interval, so that every open request has a live queue job. */
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
  const { redis, keys, zones, worker, every } = options;
  while (!signal.aborted) {
    for (const zone of zones)
      try {
        // One sweeper per zone is enough. The lock of a sweeper that died expires by itself.
        const turn = await redis.set(keys.sweep(zone), worker, "PX", Math.max(500, every / 2), "NX");
        if (turn !== null) await sweep(options, zone);
      } catch (error) {
        if (!isRedisProblem(error)) options.log.warn({ zone, err: error }, "sweep failed");
      }
    await options.clock.sleep(every, signal);
  }
}

type Sweeping = Pick<SweepOptions, "store" | "queues" | "zoneOf"> & { log: Pick<Log, "warn"> };

/** Sweeps the clusters of one zone once. */
export async function sweep({ store, queues, zoneOf, log }: Sweeping, zone: string): Promise<void> {
  const open = (await store.loadMany(await store.openIds())).map((held) => held.record);
  const live = new Set(open.filter(isLive).map((record) => record.id));
  for (const record of open) {
    if (zoneOf(record.target.cluster) !== zone) continue;
    const found = await queues.ensure(zone, intakeFromRecord(record));
    if (found === "revived") log.warn({ requestId: record.id, state: record.state }, "request revived");
    // The process that should have woken it died before it did.
    else if (isLeftInLine(record, live)) void queues.wake(zone, intakeFromRecord(record));
  }
}

/** Whether the request waits in the line of a claim whose holder has ended. */
const isLeftInLine = (record: RequestRecord, live: ReadonlySet<string>): boolean =>
  lineOf(record).length > 0 && !live.has(record.waiting?.holder ?? "");
