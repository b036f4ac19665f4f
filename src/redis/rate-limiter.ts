import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";

/**
 * GCRA: a leaky bucket as one number, the time at which it will be empty. Shared by all processes, by Redis's clock.
 * KEYS[1] the bucket; ARGV[1] ms between two turns, ARGV[2] ms that this turn may be early. Returns the ms to wait; 0:
 * taken.
 */
const LIMIT_SCRIPT = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local every, ahead = tonumber(ARGV[1]), tonumber(ARGV[2])
local empty = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = empty - ahead - now
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%d', empty + every), 'PX', math.ceil(empty + every - now) + 1000)
return 0
`;

/** Takes a turn of `key`. `periodMs`: steady interval between turns; `toleranceMs`: how early this turn may be. */
export function createRateLimiter(redis: RedisClient, keys: Keys) {
  redis.defineCommand("flinkopsPace", { numberOfKeys: 1, lua: LIMIT_SCRIPT });
  const script = redis as RedisClient & {
    flinkopsPace(key: string, everyMs: number, aheadMs: number): Promise<number>;
  };
  return {
    async take(key: string, turn: { periodMs: number; toleranceMs: number }): Promise<{ waitMs: number }> {
      return { waitMs: await script.flinkopsPace(keys.pace(key), turn.periodMs, turn.toleranceMs) };
    },
  };
}
