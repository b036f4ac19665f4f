import type { Clock } from "../../platform/clock.ts";
import type { Seal } from "../../platform/seal.ts";
import type { RedisClient } from "../../redis/connect.ts";
import { KEEP_SECONDS, type Keys } from "../../redis/keys.ts";
import { redisTime, replyAt } from "../../redis/replies.ts";
import { auditLine, auditSeal } from "./audit.ts";
import { claimsOf } from "./claims.ts";
import { PUT_BACK_SCRIPT, READ_SCRIPT } from "./commit-script.ts";
import { lineIn } from "./indexes.ts";
import { type Kept, keptIn, type KeptRecords, parseRecord } from "./kept.ts";
import { isOpen } from "./record.ts";
import type { Store } from "./store.ts";

export interface ReadingOptions {
  redis: RedisClient;
  keys: Keys;
  seal: Seal;
  records: KeptRecords;
  clock: Pick<Clock, "monotonic">;
}

/** The reads of records, one and many. A single one that Redis has in an older revision than was seen is put back. */
export function createReading({
  redis,
  keys,
  seal,
  records,
  clock,
}: ReadingOptions): Pick<Store, "load" | "loadMany" | "later"> {
  redis.defineCommand("flinkopsRead", { numberOfKeys: 1, lua: READ_SCRIPT });
  redis.defineCommand("flinkopsPutBack", { numberOfKeys: 1, lua: PUT_BACK_SCRIPT });
  const script = redis as RedisClient & {
    flinkopsRead(key: string): Promise<unknown[]>;
    flinkopsPutBack(...args: string[]): Promise<number>;
  };
  /** Writes the newest known revision back where Redis has an older one, so that no effect is sent twice. */
  const putBack = async (
    id: string,
    newer: Kept,
    { found, now }: { found: unknown; now: number },
  ): Promise<boolean> => {
    const record = parseRecord(newer.json);
    const { end, state } = record;
    const [from, to] = [keptIn(found)?.rev ?? 0, newer.rev];
    const control = {
      id,
      from: String(from),
      to,
      seal: newer.seal,
      keep: KEEP_SECONDS,
      at: record.askedAt,
      open: isOpen(record),
      ...claimsOf(record),
      ...lineIn(record),
    };
    const ended = end === null ? {} : { ending: end.ending, outcome: end.report.outcome };
    const entry = auditLine(record, "put back", { at: now, detail: { from, to, state, ...ended } });
    const sealed = JSON.stringify({ ...control, auditSeal: auditSeal(seal, entry) });
    return (await script.flinkopsPutBack(keys.prefix, sealed, newer.json, entry)) === 1;
  };

  return {
    async load(id) {
      for (;;) {
        const readAtMonotonicMs = clock.monotonic();
        const [seconds, micros, ...answer] = await script.flinkopsRead(keys.record(id));
        const now = redisTime([seconds, micros]);
        const found = records.read(id, keptIn(answer));
        const newer = records.newer(id, found);
        if (newer === null) {
          if (typeof found === "object") return { ...found, now, readAtMonotonicMs };
          return { record: null, forged: found === "forged", now, readAtMonotonicMs };
        }
        // if another process moved the record in between, the next read returns its revision
        if (await putBack(id, newer, { found: answer, now })) seal.tell({ kind: "record", id, why: "older" });
      }
    },
    later: (held) => laterBy(held, clock.monotonic()),
    async loadMany(ids) {
      if (ids.length === 0) return [];
      const readAtMonotonicMs = clock.monotonic();
      const batch = redis.pipeline().time();
      for (const id of ids) batch.hmget(keys.record(id), "rev", "json", "seal");
      const replies = await batch.exec();
      const now = redisTime(replyAt(replies, 0));
      return ids.flatMap((id, i) => {
        const found = records.read(id, keptIn(replyAt(replies, i + 1)));
        return typeof found === "object" ? [{ ...found, now, readAtMonotonicMs }] : [];
      });
    },
  };
}

/** Whole ms, rounded up: a lease that is counted from a later date ends no later. */
export function laterBy<T extends { now: number; readAtMonotonicMs: number }>(held: T, at: number): T {
  return {
    ...held,
    now: held.now + Math.max(0, Math.ceil(at - held.readAtMonotonicMs)),
    readAtMonotonicMs: at,
  };
}
