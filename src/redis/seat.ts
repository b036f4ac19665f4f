import type { RedisClient } from "./connect.ts";
import { KEEP_SECONDS } from "./keys.ts";

/**
 * Takes each seat that is free, and renews those that this worker holds. The fence grows with each new holder.
 * KEYS: of each seat the seat, its fence, and a key whose existence is reported; ARGV[1] worker, ARGV[2] time to live
 * of a seat in ms, ARGV[3] time to live of a fence in s.
 * Returns now, then token or '' and exists of each seat.
 */
const TAKE_SCRIPT = `
local t = redis.call('TIME')
local turns = { string.format('%d', t[1] * 1000 + math.floor(t[2] / 1000)) }
for i = 1, #KEYS, 3 do
  local token = redis.call('GET', KEYS[i])
  if token and string.match(token, '^%d+ (.*)$') == ARGV[1] then
    redis.call('PEXPIRE', KEYS[i], ARGV[2])
  elseif token then
    token = ''
  else
    token = redis.call('INCR', KEYS[i + 1]) .. ' ' .. ARGV[1]
    redis.call('EXPIRE', KEYS[i + 1], ARGV[3])
    redis.call('SET', KEYS[i], token, 'PX', ARGV[2])
  end
  turns[#turns + 1] = token
  turns[#turns + 1] = redis.call('EXISTS', KEYS[i + 2])
end
return turns
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
  /** The same for several seats in one call; the turns are in the order of the keys. */
  takeAll(all: readonly SeatKeys[]): Promise<readonly Turn[]>;
  /** Gives the seat up if it is still held with `token`. */
  leave(seat: string, token: string): Promise<void>;
}

export function createSeat(redis: RedisClient, who: { worker: string; ttlMs: number }): Seat {
  redis.defineCommand("flinkopsTakeSeats", { lua: TAKE_SCRIPT });
  redis.defineCommand("flinkopsLeaveSeat", { numberOfKeys: 1, lua: LEAVE_SCRIPT });
  const scripts = redis as RedisClient & {
    flinkopsTakeSeats(...args: (string | number)[]): Promise<[now: string, ...turns: (string | number)[]]>;
    flinkopsLeaveSeat(seat: string, token: string): Promise<number>;
  };
  const takeAll = async (all: readonly SeatKeys[]): Promise<readonly Turn[]> => {
    const keys = all.flatMap(({ seat, fence, watched }) => [seat, fence, watched]);
    const [now, ...turns] = await scripts.flinkopsTakeSeats(
      keys.length,
      ...keys,
      who.worker,
      who.ttlMs,
      KEEP_SECONDS,
    );
    return all.map((_, i) => turnOf(Number(now), turns[2 * i], turns[2 * i + 1]));
  };
  return {
    takeAll,
    take: async (keys) => (await takeAll([keys]))[0] ?? turnOf(0, "", 0),
    async leave(seat, token) {
      await scripts.flinkopsLeaveSeat(seat, token);
    },
  };
}

const turnOf = (now: number, token: unknown, exists: unknown): Turn => ({
  token: typeof token === "string" && token !== "" ? token : null,
  now,
  watched: exists === 1,
});
