import type { Clock } from "../platform/clock.ts";
import { parseSeen, type Seen } from "../job-cache/job-cache.ts";
import { RedisUnavailable } from "../model/errors.ts";
import { type RedisClient, untilReady } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import type { Seal } from "../platform/seal.ts";
import { redisTime } from "../redis/replies.ts";
import { countLive } from "./beats.ts";

/** How long to wait for a lost connection to come back, ms. */
const RECONNECT_MS = 500;

/** What Redis knows when a request arrives, without asking Flink. */
export interface Glance {
  /** Redis's clock, ms. */
  now: number;
  /** The cluster's entry in the job cache; null: there is none. */
  seen: Seen | null;
  /** The number of live workers in the zone. */
  workers: number;
}

/** Waits briefly for a connection that is about to come back, for example after an outage. Throws RedisUnavailable. */
export const createReach = (redis: RedisClient, clock: Clock) => async (): Promise<void> => {
  if (!(await untilReady(redis, RECONNECT_MS, clock)))
    throw new RedisUnavailable("there is no connection to redis", { maybeTaken: false });
};

export interface GlanceOptions {
  redis: RedisClient;
  keys: Keys;
  seal: Seal;
  watch: (cluster: string) => void;
}

/** As many clusters' entries are kept parsed. */
const MOST_PARSED = 8;

/**
 * One round trip. Also marks the cluster as watched, so that it is read more often. An entry that has not changed since the last
 * command is not parsed again: it changes every two seconds, and in an incident commands come faster.
 */
export function createGlance({ redis, keys, seal, watch }: GlanceOptions) {
  const parsed = new Map<string, { value: unknown; seen: Seen | null }>();
  const seenIn = (name: string, value: unknown): Seen | null => {
    const known = parsed.get(name);
    if (known !== undefined && known.value === value) return known.seen;
    const seen = parseSeen(seal, name, value);
    if (parsed.size >= MOST_PARSED) parsed.clear();
    parsed.set(name, { value, seen });
    return seen;
  };
  return async ({ name, zone }: { name: string; zone: string }): Promise<Glance> => {
    // not as a pipeline, which would define each script of the connection once more, nor as a script, which waits with the
    // writes while Redis takes none
    const [time, entry, workers] = await Promise.all([
      redis.time(),
      redis.get(keys.directory(name)),
      redis.zrange(keys.workers(zone), "0", "-1", "WITHSCORES"),
    ]);
    watch(name);
    const now = redisTime(time);
    return { now, seen: seenIn(name, entry), workers: countLive(workers, now) };
  };
}
