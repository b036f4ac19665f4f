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
  clock: Pick<Clock, "monotonic">;
}

/** As many clusters' entries are kept parsed. */
const MOST_PARSED = 8;
/** What was read for a command answers the next ones for this long, ms, and after `AGAIN_MS` it is read again meanwhile. */
const HOLDS_MS = 500;
const AGAIN_MS = 100;
/** By an answer that took longer, Redis's time is not known well enough for the next commands, ms. */
const SLOW_MS = 100;

/** What one round trip told. */
interface Known {
  /** By this process's monotonic clock, before it was asked for. */
  askedAt: number;
  /** Redis's clock after that. */
  time: number;
  seen: Seen | null;
  /** The answer of ZRANGE: until when the zone's workers count as alive. */
  workers: unknown;
}

/**
 * One round trip, or none while commands for the same cluster keep coming. Also marks the cluster as watched, so that it is read
 * more often. An entry that has not changed since the last command is not parsed again: it changes every two seconds, and in an
 * incident commands come faster.
 */
export function createGlance({ redis, keys, seal, watch, clock }: GlanceOptions) {
  const last = new Map<string, Known & { value: unknown }>();
  const asking = new Set<string>();
  // another server may answer next, with another clock
  redis.on("close", () => {
    for (const known of last.values()) known.askedAt = Number.NEGATIVE_INFINITY;
  });
  const ask = async (name: string, zone: string): Promise<Known> => {
    const askedAt = clock.monotonic();
    // not as a pipeline, which would define each script of the connection once more, nor as a script, which waits with the
    // writes while Redis takes none
    const [time, value, workers] = await Promise.all([
      redis.time(),
      redis.get(keys.directory(name)),
      redis.zrange(keys.workers(zone), "0", "-1", "WITHSCORES"),
    ]);
    const before = last.get(name);
    const seen = before !== undefined && before.value === value ? before.seen : parseSeen(seal, name, value);
    if (last.size >= MOST_PARSED && before === undefined) last.clear();
    const isSlow = clock.monotonic() - askedAt > SLOW_MS;
    const since = isSlow ? Number.NEGATIVE_INFINITY : askedAt;
    const known = { askedAt: since, time: redisTime(time), value, seen, workers };
    last.set(name, known);
    return known;
  };
  const askAgain = (name: string, zone: string): void => {
    if (asking.has(name)) return;
    asking.add(name);
    void ask(name, zone)
      .catch(() => undefined)
      .finally(() => asking.delete(name));
  };
  return async ({ name, zone }: { name: string; zone: string }): Promise<Glance> => {
    const known = last.get(name);
    const agedMs = known === undefined ? Infinity : clock.monotonic() - known.askedAt;
    if (known !== undefined && agedMs < HOLDS_MS) {
      // From before the answer, so never behind Redis's clock and hardly ahead: what has to be younger than the command, as
      // Slack's answers for break-glass, is younger. Of commands that come within that time either may be the first.
      const now = known.time + Math.ceil(agedMs);
      const workers = countLive(known.workers, now);
      // a worker may have come since, and an entry too
      if (workers > 0 && known.seen !== null) {
        if (agedMs >= AGAIN_MS) askAgain(name, zone);
        watch(name);
        return { now, seen: known.seen, workers };
      }
    }
    const { time, seen, workers } = await ask(name, zone);
    watch(name);
    return { now: time, seen, workers: countLive(workers, time) };
  };
}
