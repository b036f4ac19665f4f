import { isRedisProblem, type RedisClient } from "./connect.ts";
import { KEEP_SECONDS, type Keys } from "./keys.ts";
import type { Log } from "../platform/log.ts";

/** Which value, and what is wrong with it; src/platform/seal.ts. */
interface Found {
  kind: string;
  id: string;
  why: string;
}

/** Values in Redis that are not as we wrote them: logged, written down and told once each. */
export interface Forged<T extends Found> {
  /** Returns at once. */
  note(found: T): void;
  /** How many this process has met. */
  count(): number;
}

export interface ForgedOptions<T extends Found> {
  redis: RedisClient;
  keys: Keys;
  log: Pick<Log, "error" | "warn">;
  /** Tells people of those that nobody was told of yet. Throws where it cannot be told. */
  tell: (found: readonly T[]) => Promise<void>;
}

/** So many are written down one by one; whoever floods Redis does not flood the log or Slack. */
const MOST = 1000;

/** KEYS[1] the list; ARGV[1] which, ARGV[2] why, ARGV[3] how many are kept, ARGV[4] s to keep. 1: nobody knew it. */
const NOTE_SCRIPT = `
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
local t = redis.call('TIME')
local new = redis.call('HSETNX', KEYS[1], ARGV[1], t[1] .. ' ' .. ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return new
`;

export function createForged<T extends Found>({ redis, keys, log, tell }: ForgedOptions<T>): Forged<T> {
  redis.defineCommand("flinkopsForged", { numberOfKeys: 1, lua: NOTE_SCRIPT });
  const script = redis as RedisClient & {
    flinkopsForged(key: string, which: string, why: string, most: number, keep: number): Promise<number>;
  };
  const met = new Set<string>();
  const untold: T[] = [];
  let telling = false;

  /** What comes while people are being told is told together afterwards. */
  const tellAll = async (): Promise<void> => {
    if (telling) return;
    telling = true;
    try {
      while (untold.length > 0) {
        const now = untold.splice(0);
        await tell(now).catch((error: unknown) => log.warn({ err: error }, "forged values cannot be told"));
      }
    } finally {
      telling = false;
    }
  };
  const write = async (found: T): Promise<void> => {
    try {
      const isNew = await script.flinkopsForged(keys.forged, nameOf(found), found.why, MOST, KEEP_SECONDS);
      if (isNew !== 1) return;
      untold.push(found);
      await tellAll();
    } catch (error) {
      if (!isRedisProblem(error)) throw error;
      // met again at the next reading
      met.delete(nameOf(found));
    }
  };
  return {
    note(found) {
      const name = nameOf(found);
      if (met.has(name) || met.size >= MOST) return;
      met.add(name);
      log.error({ kind: found.kind, id: found.id, why: found.why }, "a value in redis is not as we wrote it");
      void write(found);
    },
    count: () => met.size,
  };
}

/** What was met by any process and when, s; newest last. */
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
