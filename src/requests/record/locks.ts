import { z } from "zod";
import { isAbout, type Lock, type LockScope, type LocksView, scopeName } from "../../model/lock.ts";
import type { ChangeTarget } from "../../model/target.ts";
import type { Seal } from "../../platform/seal.ts";
import type { RedisClient } from "../../redis/connect.ts";
import type { Keys } from "../../redis/keys.ts";
import { redisTime, replyAt } from "../../redis/replies.ts";
import { auditSeal } from "./audit.ts";
import { nameOf } from "./record.ts";

const lockSchema = z.looseObject({
  v: z.literal(1),
  id: z.string(),
  cluster: z.string(),
  job: z.string().nullable(),
  by: z.string(),
  reason: z.string(),
  at: z.number(),
  until: z.number(),
  channel: z.string(),
});

/**
 * Places a lock, or replaces one of the same holder. A command that is delivered again does nothing, also after its lock was
 * lifted.
 * KEYS[1] the lock, KEYS[2] the scopes, KEYS[3] whether it was placed before, KEYS[4] the audit stream. ARGV: scope, id,
 * holder, other accounts of the holder as JSON, until (ms), json, seal, audit entry, its seal, and how long the id is
 * remembered (s). Returns [ok] | [before] | [held, json, seal].
 */
const LOCK_SCRIPT = `
if redis.call('EXISTS', KEYS[3]) == 1 then return { 'before' } end
local ends = string.format('%d', ARGV[5])
local l = redis.call('HMGET', KEYS[1], 'by', 'json', 'seal')
local mine = { [ARGV[3]] = true }
for _, user in ipairs(cjson.decode(ARGV[4])) do mine[user] = true end
if l[1] and not mine[l[1]] then return { 'held', l[2] or '', l[3] or '' } end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'id', ARGV[2], 'by', ARGV[3], 'json', ARGV[6], 'seal', ARGV[7])
redis.call('PEXPIREAT', KEYS[1], ends)
redis.call('ZADD', KEYS[2], ends, ARGV[1])
redis.call('SET', KEYS[3], '1', 'EX', ARGV[10])
redis.call('XADD', KEYS[4], '*', 'entry', ARGV[8], 'seal', ARGV[9])
return { 'ok' }
`;

/** Lifts a lock. KEYS[1] the lock, KEYS[2] the scopes, KEYS[3] the audit stream. ARGV: scope, id, entry, its seal. */
const LIFT_SCRIPT = `
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('XADD', KEYS[3], '*', 'entry', ARGV[3], 'seal', ARGV[4])
return 1
`;

/** How long the id of a lock is remembered after it was placed, s. Longer than any redelivery by Slack. */
const REMEMBERED_S = 7 * 86_400;

/** The locks in Redis. Each is sealed; one that flinkops did not write is removed and reported. */
export interface Locks extends LocksView {
  /**
   * `held`: someone else has locked it already. `placed before`: by this command, which was delivered again; nothing was
   * done. `accounts`: other accounts of the holder.
   */
  place(
    lock: Lock,
    how: { accounts: readonly string[]; entry: string },
  ): Promise<{ is: "placed" | "placed before" } | { is: "held"; lock: Lock }>;
  /** False: it was not there any more. */
  lift(lock: Lock, entry: string): Promise<boolean>;
}

export interface LocksOptions {
  redis: RedisClient;
  keys: Keys;
  seal: Seal;
}

export function createLocks({ redis, keys, seal }: LocksOptions): Locks {
  redis.defineCommand("flinkopsLock", { numberOfKeys: 4, lua: LOCK_SCRIPT });
  redis.defineCommand("flinkopsLift", { numberOfKeys: 3, lua: LIFT_SCRIPT });
  const script = redis as RedisClient & {
    flinkopsLock(...args: (string | number)[]): Promise<[string, string?, string?]>;
    flinkopsLift(...args: string[]): Promise<number>;
  };
  const read = readingLocks({ redis, keys, seal });
  const locks: Locks = {
    async all() {
      const replies = await redis.multi().zrange(keys.locks, "0", "-1").time().exec();
      const names: unknown = replyAt(replies, 0);
      const scopes = Array.isArray(names) ? names.map(String) : [];
      if (scopes.length === 0) return [];
      const batch = redis.pipeline().zremrangebyscore(keys.locks, "-inf", redisTime(replyAt(replies, 1)));
      for (const scope of scopes) batch.hmget(keys.lock(scope), "by", "json", "seal");
      const kept = await batch.exec();
      const found = scopes.map(async (scope, i) => {
        const [by, json, sealed] = Object(replyAt(kept, i + 1));
        return by == null ? null : await read(scope, String(json ?? ""), String(sealed ?? ""));
      });
      return (await Promise.all(found)).filter((lock) => lock !== null);
    },
    async place(lock, { accounts, entry }) {
      const scope = scopeName(lock);
      const { json, seal: sealed } = written(seal, lock);
      const names = [keys.lock(scope), keys.locks, keys.locked(lock.id), keys.audit];
      const holder = [scope, lock.id, lock.by, JSON.stringify(accounts), lock.until];
      for (;;) {
        const [is, other = "", its = ""] = await script.flinkopsLock(
          ...names,
          ...holder,
          json,
          sealed,
          entry,
          auditSeal(seal, entry),
          REMEMBERED_S,
        );
        if (is === "ok") return { is: "placed" };
        if (is === "before") return { is: "placed before" };
        const held = await read(scope, other, its);
        if (held !== null) return { is: "held", lock: held };
      }
    },
    async lift(lock, entry) {
      const scope = scopeName(lock);
      const names = [keys.lock(scope), keys.locks, keys.audit];
      return (await script.flinkopsLift(...names, scope, lock.id, entry, auditSeal(seal, entry))) === 1;
    },
  };
  return locks;
}

const written = (seal: Seal, lock: Lock): { json: string; seal: string } => {
  const json = JSON.stringify(lock);
  return { json, seal: seal.of({ kind: "lock", id: scopeName(lock), rev: 0 }, json) };
};

/** Reads a stored lock; null: flinkops did not write it, and it is removed. */
export const readingLocks =
  ({ redis, keys, seal }: LocksOptions) =>
  async (scope: string, json: string, sealed: string): Promise<Lock | null> => {
    if (seal.genuine({ kind: "lock", id: scope, rev: 0 }, json, sealed) === "ours") {
      const lock = lockSchema.safeParse(JSON.parse(json));
      if (lock.success) return lock.data;
    }
    await redis.pipeline().del(keys.lock(scope)).zrem(keys.locks, scope).exec();
    return null;
  };

/** What a lock has to name to be about this target. A saved state belongs to its cluster. */
const scopeOf = (target: ChangeTarget): LockScope => {
  const job = nameOf(target);
  return { cluster: target.cluster, job: job === "" ? null : job };
};

/** The names of the locks that are about a target. */
export function scopesOf(target: ChangeTarget): readonly string[] {
  const { cluster, job } = scopeOf(target);
  return [cluster, ...(job === null ? [] : [scopeName({ cluster, job })])];
}

/** The lock by someone else that is about a target; undefined: there is none. `accounts`: of the requester. */
export const lockOn = (
  locks: readonly Lock[],
  target: ChangeTarget,
  accounts: readonly string[],
): Lock | undefined => locks.find((lock) => isAbout(lock, scopeOf(target)) && !accounts.includes(lock.by));
