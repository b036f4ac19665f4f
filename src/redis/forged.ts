import { isRedisProblem, type RedisClient } from "./connect.ts";
import { KEEP_SECONDS, type Keys } from "./keys.ts";
import type { Log } from "../platform/log.ts";
import { redisTime } from "./replies.ts";

/** A value and its problem; src/platform/seal.ts. */
interface Found {
  kind: string;
  id: string;
  why: string;
}

/** Values in Redis that flinkops did not write: each is logged, recorded and reported once. */
export interface Forged<T extends Found> {
  /** Returns at once. */
  note(found: T): void;
  /** How many such values this process has found. */
  count(): number;
}

export interface ForgedOptions<T extends Found> {
  redis: RedisClient;
  keys: Keys;
  log: Pick<Log, "error" | "warn">;
  /** The sealed audit entry about a value, found at `at` ms by Redis's clock; null: it has one already. */
  entry: (found: T, at: number) => { line: string; seal: string } | null;
  /** Reports values that have not been reported yet. Throws if that fails. */
  tell: (found: readonly T[]) => Promise<void>;
}

/** How many are recorded individually; someone who floods Redis must not flood the log or Slack. */
const MOST = 1000;

/**
 * Records a value, and with it its audit entry. KEYS[1] the list, KEYS[2] the audit stream; ARGV[1] which, ARGV[2] why,
 * ARGV[3] how many are kept, ARGV[4] s to keep, ARGV[5] the entry ('' for none), ARGV[6] its seal. Returns 1 if it is new.
 */
const NOTE_SCRIPT = `
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
local t = redis.call('TIME')
local new = redis.call('HSETNX', KEYS[1], ARGV[1], t[1] .. ' ' .. ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
if new == 1 and ARGV[5] ~= '' then redis.call('XADD', KEYS[2], '*', 'entry', ARGV[5], 'seal', ARGV[6]) end
return new
`;

export function createForged<T extends Found>(options: ForgedOptions<T>): Forged<T> {
  const { redis, keys, log, tell } = options;
  redis.defineCommand("flinkopsForged", { numberOfKeys: 2, lua: NOTE_SCRIPT });
  const script = redis as RedisClient & {
    flinkopsForged(...args: (string | number)[]): Promise<number>;
  };
  const met = new Set<string>();
  const untold: T[] = [];
  let telling = false;

  /** Values that arrive while a report is sent go into the next report. */
  const tellAll = async (): Promise<void> => {
    if (telling) return;
    telling = true;
    try {
      while (untold.length > 0) {
        const now = untold.splice(0);
        await tell(now).catch((error: unknown) =>
          log.warn({ err: error }, "forged values cannot be reported"),
        );
      }
    } finally {
      telling = false;
    }
  };
  const write = async (found: T): Promise<void> => {
    try {
      const { line, seal } = options.entry(found, redisTime(await redis.time())) ?? { line: "", seal: "" };
      const limits = [MOST, KEEP_SECONDS];
      const which = [nameOf(found), found.why];
      const isNew = await script.flinkopsForged(keys.forged, keys.audit, ...which, ...limits, line, seal);
      if (isNew !== 1) return;
      untold.push(found);
      await tellAll();
    } catch (error) {
      if (!isRedisProblem(error)) throw error;
      // the next read finds it again
      met.delete(nameOf(found));
    }
  };
  return {
    note(found) {
      const name = nameOf(found);
      if (met.has(name) || met.size >= MOST) return;
      met.add(name);
      log.error(
        { kind: found.kind, id: found.id, why: found.why },
        "a value in redis was not written by flinkops",
      );
      void write(found);
    },
    count: () => met.size,
  };
}

/** The values that any process found, with the time in seconds since the epoch; newest last. */
export async function readForged(
  redis: RedisClient,
  keys: Keys,
): Promise<readonly (Found & { at: number })[]> {
  const all = Object.entries(await redis.hgetall(keys.forged));
  return all
    .map(([which, text]) => {
      const [kind = "", ...id] = which.split(" ");
      const [at = "0", ...why] = text.split(" ");
      return { kind, id: id.join(" "), why: why.join(" "), at: Number(at) };
    })
    .toSorted((a, z) => a.at - z.at);
}

const nameOf = ({ kind, id }: Found): string => `${kind} ${id}`;
