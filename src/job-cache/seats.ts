import type { RedisClient } from "../redis/connect.ts";
import { KEEP_SECONDS, type Keys } from "../redis/keys.ts";

/**
 * Who reads a cluster: taken where it is free, kept where it is ours. The fence grows with each new holder.
 * KEYS[1] reader, KEYS[2] fence, KEYS[3] watched; ARGV[1] the worker, ARGV[2] ms, ARGV[3] s that the fence is kept.
 * Returns [token or '', now, watched].
 */
const TAKE_SCRIPT = `
local t = redis.call('TIME')
local now = string.format('%d', t[1] * 1000 + math.floor(t[2] / 1000))
local token = redis.call('GET', KEYS[1])
if token and string.match(token, '^%d+ (.*)$') == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
elseif token then
  token = ''
else
  token = redis.call('INCR', KEYS[2]) .. ' ' .. ARGV[1]
  redis.call('EXPIRE', KEYS[2], ARGV[3])
  redis.call('SET', KEYS[1], token, 'PX', ARGV[2])
end
return { token, now, redis.call('EXISTS', KEYS[3]) }
`;

/** KEYS[1] reader; ARGV[1] token. */
const LEAVE_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;

/** What a worker is told when it asks for a cluster's seat. */
export interface Turn {
  /** To be shown with each write; null: somebody else reads this cluster. */
  token: string | null;
  /** Redis's clock, ms. */
  now: number;
  /** Somebody looks at the cluster. */
  watched: boolean;
}

/** The one reader of each cluster: whoever holds its key, which lapses by itself when its holder stands still. */
export interface Seats {
  /** Takes it, or keeps it for another `ttlMs`. */
  take(cluster: string): Promise<Turn>;
  /** Gives it back, if it is still ours. */
  leave(cluster: string, token: string): Promise<void>;
}

export function createSeats(redis: RedisClient, keys: Keys, who: { worker: string; ttlMs: number }): Seats {
  redis.defineCommand("flinkopsTakeSeat", { numberOfKeys: 3, lua: TAKE_SCRIPT });
  redis.defineCommand("flinkopsLeaveSeat", { numberOfKeys: 1, lua: LEAVE_SCRIPT });
  const scripts = redis as RedisClient & {
    flinkopsTakeSeat(...args: (string | number)[]): Promise<[token: string, now: string, watched: number]>;
    flinkopsLeaveSeat(reader: string, token: string): Promise<number>;
  };
  return {
    async take(cluster) {
      const where = [keys.reader(cluster), keys.fence(cluster), keys.watched(cluster)];
      const [token, now, watched] = await scripts.flinkopsTakeSeat(
        ...where,
        who.worker,
        who.ttlMs,
        KEEP_SECONDS,
      );
      return { token: token === "" ? null : token, now: Number(now), watched: watched === 1 };
    },
    async leave(cluster, token) {
      await scripts.flinkopsLeaveSeat(keys.reader(cluster), token);
    },
  };
}
