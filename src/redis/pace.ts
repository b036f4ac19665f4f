import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";

/**
 * GCRA, the leaky bucket as one number: when the bucket will be empty. Shared by all workers, by Redis's clock.
 * KEYS[1] the bucket; ARGV[1] ms between two, ARGV[2] how many may come at once. Returns the ms to wait; 0: taken.
 */
const PACE_SCRIPT = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local every, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local empty = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = empty - (burst - 1) * every - now
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%d', empty + every), 'PX', math.ceil(empty + every - now) + 1000)
return 0
`;

/** Takes one turn of `key`. `periodMs`: the steady distance of two turns; `burst`: how many may come at once. */
export function createPace(redis: RedisClient, keys: Keys) {
  redis.defineCommand("flinkopsPace", { numberOfKeys: 1, lua: PACE_SCRIPT });
  const script = redis as RedisClient & {
    flinkopsPace(key: string, everyMs: number, burst: number): Promise<number>;
  };
  return {
    async take(key: string, rate: { periodMs: number; burst: number }): Promise<{ waitMs: number }> {
      return { waitMs: await script.flinkopsPace(keys.pace(key), rate.periodMs, rate.burst) };
    },
  };
}
