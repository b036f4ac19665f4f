import type { RedisClient } from "./connect.ts";
import { KEEP_SECONDS } from "./keys.ts";

/**
 * Takes a seat where it is free, or renews it where this worker holds it. The fence grows with each new holder.
 * KEYS[1] seat, KEYS[2] fence, KEYS[3] a key whose existence is reported; ARGV[1] worker, ARGV[2] time to live of the
 * seat in ms, ARGV[3] time to live of the fence in s.
 * Returns [token or '', now, exists].
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

/** Deletes the seat if the token matches. KEYS[1] seat; ARGV[1] token. */
const LEAVE_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;

/** The keys of one seat. `watched`: a key whose existence is read in the same call. */
export interface SeatKeys {
  seat: string;
  fence: string;
  watched: string;
}

/** The answer to a worker that asks for a seat. */
export interface Turn {
  /** The fencing token to present with each write; null: another worker has the seat. */
  token: string | null;
  /** Redis's clock, ms. */
  now: number;
  /** The key `watched` exists. */
  watched: boolean;
}

/** Keys that expire by themselves when their holder stops renewing them: one holder at a time for one task. */
export interface Seat {
  /** Takes the seat, or renews it for another `ttlMs`. */
  take(keys: SeatKeys): Promise<Turn>;
  /** Gives the seat up if it is still held with `token`. */
  leave(seat: string, token: string): Promise<void>;
}

export function createSeat(redis: RedisClient, who: { worker: string; ttlMs: number }): Seat {
  redis.defineCommand("flinkopsTakeSeat", { numberOfKeys: 3, lua: TAKE_SCRIPT });
  redis.defineCommand("flinkopsLeaveSeat", { numberOfKeys: 1, lua: LEAVE_SCRIPT });
  const scripts = redis as RedisClient & {
    flinkopsTakeSeat(...args: (string | number)[]): Promise<[token: string, now: string, watched: number]>;
    flinkopsLeaveSeat(seat: string, token: string): Promise<number>;
  };
  return {
    async take({ seat, fence, watched: also }) {
      const [token, now, watched] = await scripts.flinkopsTakeSeat(
        seat,
        fence,
        also,
        who.worker,
        who.ttlMs,
        KEEP_SECONDS,
      );
      return { token: token === "" ? null : token, now: Number(now), watched: watched === 1 };
    },
    async leave(seat, token) {
      await scripts.flinkopsLeaveSeat(seat, token);
    },
  };
}
