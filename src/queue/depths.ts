import type { RedisClient } from "../redis/connect.ts";
import { redisTime } from "../redis/replies.ts";
import { type Lane, LANES, queueName } from "./lanes.ts";

/** How full the queue of one zone and lane is. */
export interface Depth {
  zone: string;
  lane: Lane;
  /** Requests that no worker has taken, that one has, and that wait for their time. */
  waiting: number;
  active: number;
  delayed: number;
  /** How long the oldest of those that wait has waited, ms; null: none waits. */
  oldestMs: number | null;
}

/** Reads the queues as BullMQ keeps them, in two round trips. Throws what Redis throws. */
export async function readDepths(
  redis: RedisClient,
  { prefix, zones }: { prefix: string; zones: readonly string[] },
): Promise<readonly Depth[]> {
  const queues = zones.flatMap((zone) =>
    LANES.map((lane) => ({ zone, lane, key: `${prefix}:${queueName(lane, zone)}` })),
  );
  const read = await Promise.all(
    queues.map(async ({ zone, lane, key }) => {
      const [waiting, active, delayed, oldest] = await Promise.all([
        redis.llen(`${key}:wait`),
        redis.llen(`${key}:active`),
        redis.zcard(`${key}:delayed`),
        // taken from the tail
        redis.lindex(`${key}:wait`, -1),
      ]);
      return { zone, lane, waiting, active, delayed, job: oldest === null ? null : `${key}:${oldest}` };
    }),
  );
  const [now, ...since] = await Promise.all([
    redis.time(),
    ...read.map(async ({ job }) => (job === null ? null : await redis.hget(job, "timestamp"))),
  ]);
  return read.map(({ zone, lane, waiting, active, delayed }, i) => {
    const added = since[i];
    return {
      zone,
      lane,
      waiting,
      active,
      delayed,
      oldestMs: added == null ? null : Math.max(0, redisTime(now) - Number(added)),
    };
  });
}
