import { z } from "zod";
import type { RedisClient } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import { AUDIT_ENTRY, type Genuine, type Seal } from "../platform/seal.ts";
import type { Head } from "./chain.ts";
import { APPEND_SCRIPT, CLEAR_SCRIPT, SAVE_SCRIPT } from "./scripts.ts";

/** An entry that waits to be chained. */
export interface Waiting {
  /** Its id in the stream: `<ms>-<n>`. */
  id: string;
  entry: string;
  genuine: Genuine;
}

/** A chained entry in Redis. */
export interface Kept {
  n: number;
  /** Its id while it waited. */
  of: string;
  line: string;
  /** `unknown key`: it was chained before the keys of the seal were changed, or someone else put it there. */
  genuine: "ours" | "unknown key";
}

/** The end of the chain, or of what a sink has. `of`: the id that the entry had while it waited; "" before the first. */
export interface Mark extends Head {
  of: string;
}

/** The head as it is stored. `began`: when the first entry was chained, ms by Redis's clock. */
export interface StoredHead extends Mark {
  began: number;
}

const markSchema = z.object({ n: z.int().min(0), hash: z.string(), of: z.string() });
const headSchema = z.object({ ...markSchema.shape, began: z.number() });
const reachedSchema = z.object({ of: z.string(), problem: z.string().nullable() });
const dailySchema = z.object({ day: z.string(), n: z.int().min(0) });

/** How far all required sinks are, and what keeps them, in words. */
export type Reached = z.infer<typeof reachedSchema>;
/** The day (UTC) on which the head was last posted, and its number. */
export type Daily = z.infer<typeof dailySchema>;

/** Whether a write of the sealer took place. `fenced`: another sealer has taken over. */
export type Written = "ok" | "fenced";

/**
 * The audit log in Redis: the entries that wait, and the chain. Everything is sealed; what was not written by flinkops
 * is reported to the seal and left out.
 */
export interface AuditStream {
  /** The first entries that wait. Blocks for at most `blockMs` where there is none. */
  waiting(most: number, blockMs: number): Promise<readonly Waiting[]>;
  /** The stored head as text, for `append`, and what it says; null: there is none, or it is not ours. */
  head(): Promise<{ text: string; head: StoredHead | null }>;
  /** `moved`: the head in Redis is not `before`, or something is above it. `stored`: the new head as text. */
  append(
    token: string,
    head: { before: string; after: StoredHead },
    entries: readonly Omit<Kept, "genuine">[],
  ): Promise<{ is: Written | "moved"; stored: string }>;
  /** Seals the head with the current key. */
  sealHead(token: string, head: StoredHead): Promise<{ is: Written; stored: string }>;
  /** Removes everything above number `n`. */
  clearAbove(token: string, n: number): Promise<Written>;
  /** Chained entries from number `n` on; those that were altered are left out and reported. */
  from(n: number, most: number): Promise<readonly Kept[]>;
  /** The newest entries below number `n`, newest first. */
  below(n: number, most: number): Promise<readonly Kept[]>;
  /** Deletes the entries up to number `n`. */
  trim(n: number): Promise<void>;
  mark(sink: string): Promise<Mark | null>;
  saveMark(token: string, sink: string, mark: Mark): Promise<Written>;
  reached(): Promise<Reached | null>;
  saveReached(token: string, reached: Reached): Promise<Written>;
  daily(): Promise<Daily | null>;
  saveDaily(token: string, daily: Daily): Promise<Written>;
}

/** `blocking`: a connection of its own for reads that wait; without it they do not wait. */
export function createAuditStream({
  redis,
  blocking,
  keys,
  seal,
}: {
  redis: RedisClient;
  blocking?: RedisClient;
  keys: Keys;
  seal: Seal;
}): AuditStream {
  redis.defineCommand("flinkopsAuditAppend", { numberOfKeys: 4, lua: APPEND_SCRIPT });
  redis.defineCommand("flinkopsAuditClear", { numberOfKeys: 2, lua: CLEAR_SCRIPT });
  redis.defineCommand("flinkopsAuditSave", { numberOfKeys: 2, lua: SAVE_SCRIPT });
  const script = redis as RedisClient & {
    flinkopsAuditAppend(...args: string[]): Promise<Written | "moved">;
    flinkopsAuditClear(...args: (string | number)[]): Promise<Written>;
    flinkopsAuditSave(...args: string[]): Promise<Written>;
  };
  const opened = <T>(id: string, closed: string | null, schema: z.ZodType<T>): T | null => {
    const text = closed === null ? null : seal.open(place(id), closed);
    return text === null ? null : (schema.safeParse(JSON.parse(text)).data ?? null);
  };
  const write = async (token: string, { key, field = "", id }: Where, value: object) => {
    const stored = seal.close(place(id), JSON.stringify(value));
    return { is: await script.flinkopsAuditSave(keys.auditSealer, key, token, stored, field), stored };
  };
  const save = async (token: string, where: Where, value: object): Promise<Written> =>
    (await write(token, where, value)).is;
  const kept = (entries: readonly [string, string[]][]): readonly Kept[] =>
    entries.flatMap(([id, fields]) => {
      const { of = "", line = "", seal: given } = pairs(fields);
      const n = Number(id.split("-")[0]);
      const genuine = seal.judge(chained(n), `${of} ${line}`, given ?? null);
      if (genuine === "ours" || genuine === "unknown key") return [{ n, of, line, genuine }];
      seal.tell({ ...chained(n), why: genuine });
      return [];
    });
  return {
    async waiting(most, blockMs) {
      const found =
        blocking === undefined
          ? await redis.xrange(keys.audit, "-", "+", "COUNT", most)
          : ((await blocking.xread("COUNT", most, "BLOCK", blockMs, "STREAMS", keys.audit, "0"))?.[0]?.[1] ??
            []);
      return found.map(([id, fields]) => {
        const { entry = "", seal: given } = pairs(fields);
        // an entry without a seal may be of an older version: the sealer decides, and reports it
        const genuine = given === undefined ? "no seal" : seal.genuine(AUDIT_ENTRY, entry, given);
        return { id, entry, genuine };
      });
    },
    async head() {
      const text = (await redis.get(keys.auditHead)) ?? "";
      return { text, head: text === "" ? null : opened("head", text, headSchema) };
    },
    async append(token, { before, after }, entries) {
      const stored = seal.close(place("head"), JSON.stringify(after));
      const is = await script.flinkopsAuditAppend(
        keys.auditSealer,
        keys.audit,
        keys.auditChain,
        keys.auditHead,
        token,
        before,
        stored,
        ...entries.flatMap(({ n, of, line }) => [of, `${n}-0`, line, seal.of(chained(n), `${of} ${line}`)]),
      );
      return { is, stored };
    },
    sealHead: async (token, head) => await write(token, { key: keys.auditHead, id: "head" }, head),
    clearAbove: async (token, n) =>
      await script.flinkopsAuditClear(keys.auditSealer, keys.auditChain, token, n),
    from: async (n, most) => kept(await redis.xrange(keys.auditChain, `${n}-0`, "+", "COUNT", most)),
    below: async (n, most) => kept(await redis.xrevrange(keys.auditChain, `(${n}-0`, "-", "COUNT", most)),
    async trim(n) {
      await redis.xtrim(keys.auditChain, "MINID", `${n + 1}-0`);
    },
    mark: async (sink) => opened(`sink ${sink}`, await redis.hget(keys.auditSinks, sink), markSchema),
    saveMark: async (token, sink, mark) =>
      await save(token, { key: keys.auditSinks, field: sink, id: `sink ${sink}` }, mark),
    reached: async () => opened("reached", await redis.get(keys.auditReached), reachedSchema),
    saveReached: async (token, reached) =>
      await save(token, { key: keys.auditReached, id: "reached" }, reached),
    daily: async () => opened("daily", await redis.get(keys.auditDaily), dailySchema),
    saveDaily: async (token, daily) => await save(token, { key: keys.auditDaily, id: "daily" }, daily),
  };
}

interface Where {
  key: string;
  field?: string;
  /** What the seal calls it. */
  id: string;
}

const place = (id: string) => ({ kind: "audit", id, rev: 0 }) as const;
const chained = (n: number) => ({ kind: "audit", id: "chain", rev: n }) as const;

const pairs = (fields: readonly string[]): { readonly [key: string]: string | undefined } =>
  Object.fromEntries(fields.flatMap((key, i) => (i % 2 === 0 ? [[key, fields[i + 1] ?? ""]] : [])));

/** Whether a stream id is at or behind another one; "" is before all. */
export function isUpTo(id: string, other: string): boolean {
  const [ms = 0, n = 0] = id.split("-").map(Number);
  const [otherMs = 0, otherN = 0] = other.split("-").map(Number);
  return ms === otherMs ? n <= otherN : ms < otherMs;
}
