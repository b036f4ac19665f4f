import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";

/**
 * KEYS[1] the answer, KEYS[2] who is asking. ARGV[1] earliest time of the answer, ARGV[2] its highest age in ms,
 * ARGV[3] the caller, ARGV[4] how long others wait for the caller, ms. Returns [known, asked at, value] | [ask, now] |
 * [wait].
 */
const LOOK_SCRIPT = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local found = redis.call('HMGET', KEYS[1], 'at', 'value')
local at = tonumber(found[1] or '') or 0
if found[2] and at <= now and at >= math.max(tonumber(ARGV[1]), now - tonumber(ARGV[2])) then
  return { 'known', string.format('%d', at), found[2] }
end
local who = redis.call('GET', KEYS[2])
if who and who ~= ARGV[3] then return { 'wait', '0' } end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
return { 'ask', string.format('%d', now) }
`;

/**
 * KEYS as above. ARGV[1] asked at, ARGV[2] value, ARGV[3] the caller, ARGV[4] ms to keep it. Ignores an older answer.
 */
const KEEP_SCRIPT = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local at = tonumber(redis.call('HGET', KEYS[1], 'at') or '') or 0
if at <= tonumber(ARGV[1]) or at > now then
  redis.call('HSET', KEYS[1], 'at', ARGV[1], 'value', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
if redis.call('GET', KEYS[2]) == ARGV[3] then redis.call('DEL', KEYS[2]) end
return 1
`;

/** KEYS[1] who is asking. ARGV[1] the caller, which no longer asks. */
const LET_SCRIPT = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** The asking process may die, so the others wait at most this long, ms. */
const ASKING_MS = 2000;

/** The result of a look-up. All times in ms by Redis's clock. */
export type Looked =
  | { is: "known"; askedAt: number; value: string }
  /** Nobody is asking, so the caller must ask; its answer counts as of `now`. */
  | { is: "ask"; now: number }
  /** Another caller is asking. */
  | { is: "wait" };

/** Answers of a third party, shared by all processes: one process asks, all of them use the answer. */
export interface Answers {
  look(what: string, want: { notBefore: number; maxAgeMs: number; who: string }): Promise<Looked>;
  keep(what: string, answer: { askedAt: number; value: string; who: string; forMs: number }): Promise<void>;
  /** The caller cannot ask yet and lets others try. */
  letGo(what: string, who: string): Promise<void>;
}

/** In Redis, by its clock. Each method throws if Redis does not answer. */
export function createAnswers(redis: RedisClient, keys: Keys): Answers {
  redis.defineCommand("flinkopsLook", { numberOfKeys: 2, lua: LOOK_SCRIPT });
  redis.defineCommand("flinkopsKeep", { numberOfKeys: 2, lua: KEEP_SCRIPT });
  redis.defineCommand("flinkopsLetGo", { numberOfKeys: 1, lua: LET_SCRIPT });
  const script = redis as RedisClient & {
    flinkopsLook(...args: (string | number)[]): Promise<[Looked["is"], string, string?]>;
    flinkopsKeep(...args: (string | number)[]): Promise<number>;
    flinkopsLetGo(...args: string[]): Promise<number>;
  };
  return {
    async look(what, { notBefore, maxAgeMs, who }) {
      const at = [keys.answer(what), keys.asking(what)];
      const [is, time, value = ""] = await script.flinkopsLook(...at, notBefore, maxAgeMs, who, ASKING_MS);
      if (is === "known") return { is, askedAt: Number(time), value };
      return is === "ask" ? { is, now: Number(time) } : { is };
    },
    async keep(what, { askedAt, value, who, forMs }) {
      await script.flinkopsKeep(keys.answer(what), keys.asking(what), askedAt, value, who, forMs);
    },
    async letGo(what, who) {
      await script.flinkopsLetGo(keys.asking(what), who);
    },
  };
}
