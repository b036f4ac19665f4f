import type { Clock } from "../platform/clock.ts";
import type { RedisClient } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import { redisTime, replyAt } from "../redis/replies.ts";

const EVERY_MS = 1000;
/** A worker without a heartbeat for this long counts as gone. */
const HOLDS_MS = 5000;

/**
 * Stores until when this worker counts as alive, ms by Redis's clock, and removes workers whose time has passed.
 * KEYS[1] the zone's workers; ARGV[1] this worker, ARGV[2] how long it counts as alive, ms.
 */
const BEAT_SCRIPT = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZADD', KEYS[1], string.format('%d', now + ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%d', now))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`;

export interface BeatsOptions {
  redis: RedisClient;
  keys: Keys;
  zones: readonly string[];
  worker: string;
  /** Whether this worker accepts requests at all; no heartbeat is sent while it is false. */
  alive(): boolean;
  clock: Clock;
}

/** Sends a heartbeat for each zone every second, and removes this worker from its zones on `close`. */
export function startBeats(options: BeatsOptions): { close(): Promise<void> } {
  const { redis, keys, zones, worker, clock } = options;
  redis.defineCommand("flinkopsBeat", { numberOfKeys: 1, lua: BEAT_SCRIPT });
  const script = redis as RedisClient & {
    flinkopsBeat(key: string, worker: string, ms: number): Promise<number>;
  };
  let beating = false;
  const beat = async (): Promise<void> => {
    // While Redis is away, one pending heartbeat is enough.
    if (beating || !options.alive()) return;
    beating = true;
    // A failed heartbeat is not retried; the next one follows within a second.
    await Promise.allSettled(zones.map((z) => script.flinkopsBeat(keys.workers(z), worker, HOLDS_MS)));
    beating = false;
  };
  const end = clock.every(EVERY_MS, () => void beat());
  void beat();
  return {
    async close() {
      end();
      await Promise.allSettled(zones.map((zone) => redis.zrem(keys.workers(zone), worker)));
    },
  };
}

/** The number of live workers of each zone. */
export async function liveWorkers(
  redis: RedisClient,
  keys: Keys,
  zones: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const batch = redis.pipeline().time();
  for (const zone of zones) batch.zrange(keys.workers(zone), "0", "-1", "WITHSCORES");
  const replies = await batch.exec();
  const now = redisTime(replyAt(replies, 0));
  return new Map(zones.map((zone, i) => [zone, countLive(replyAt(replies, i + 1), now)]));
}

/** Counts the live workers in an answer of ZRANGE WITHSCORES; `now` is ms by Redis's clock. */
export function countLive(answer: unknown, now: number): number {
  const flat = Array.isArray(answer) ? answer.flat() : [];
  return flat.filter((until, i) => i % 2 === 1 && Number(until) > now).length;
}
