import type { Clock } from "../platform/clock.ts";
import { parseSeen, type Seen } from "../job-cache/job-cache.ts";
import { RedisUnavailable } from "../model/errors.ts";
import { type RedisClient, untilReady } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import type { Seal } from "../platform/seal.ts";
import { redisTime, replyAt } from "../redis/replies.ts";
import { countLive } from "./beats.ts";

/** How long a connection may take to come back before nothing is expected of it any more. */
const RECONNECT_MS = 500;

/** What is known without asking Flink when somebody asks for something. */
export interface Glance {
  /** Redis's clock, ms. */
  now: number;
  /** The cluster's jobs; null: nobody has ever read them. */
  seen: Seen | null;
  /** How many workers serve the zone. */
  workers: number;
}

/** Waits a moment for a connection that is about to come back, as right after an outage. */
export const createReach = (redis: RedisClient, clock: Clock) => async (): Promise<void> => {
  if (!(await untilReady(redis, RECONNECT_MS, clock)))
    throw new RedisUnavailable("there is no connection to redis", false);
};

export interface GlanceOptions {
  redis: RedisClient;
  keys: Keys;
  seal: Seal;
  watch: (cluster: string) => void;
}

/** One round trip. Also says that somebody looks at the cluster, so that its next readings come quicker. */
export const createGlance =
  ({ redis, keys, seal, watch }: GlanceOptions) =>
  async ({ name, zone }: { name: string; zone: string }): Promise<Glance> => {
    const replies = await redis
      .pipeline()
      .time()
      .get(keys.directory(name))
      .zrange(keys.workers(zone), "0", "-1", "WITHSCORES")
      .exec();
    watch(name);
    const now = redisTime(replyAt(replies, 0));
    return {
      now,
      seen: parseSeen(seal, name, replyAt(replies, 1)),
      workers: countLive(replyAt(replies, 2), now),
    };
  };
