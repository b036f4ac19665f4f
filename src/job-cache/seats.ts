import type { RedisClient } from "../redis/connect.ts";
import { KEEP_SECONDS, type Keys } from "../redis/keys.ts";

/**
 * Takes a cluster's seat where it is free, or renews it where this worker holds it. The fence grows with each new
 * holder.
 * KEYS[1] reader key, KEYS[2] fence, KEYS[3] watched; ARGV[1] worker, ARGV[2] time to live of the seat in ms, ARGV[3]
 * time to live of the fence in s.
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

/** Deletes the seat if the token matches. KEYS[1] reader key; ARGV[1] token. */
const LEAVE_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;

/** The answer to a worker that asks for a cluster's seat. */
export interface Turn {
  /** The fencing token to present with each write; null: another worker reads this cluster. */
  token: string | null;
  /** Redis's clock, ms. */
  now: number;
  /** A person asked for the cluster recently. */
  watched: boolean;
}

/** The seats of the clusters' readers: a key per cluster that expires by itself when its holder stops renewing it. */
export interface Seats {
  /** Takes the seat, or renews it for another `ttlMs`. */
  take(cluster: string): Promise<Turn>;
  /** Gives the seat up if it is still held with `token`. */
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
