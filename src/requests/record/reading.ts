import type { Clock } from "../../platform/clock.ts";
import type { Seal } from "../../platform/seal.ts";
import type { RedisClient } from "../../redis/connect.ts";
import { KEEP_SECONDS, type Keys } from "../../redis/keys.ts";
import { redisTime, replyAt } from "../../redis/replies.ts";
import { auditLine, auditSeal } from "./audit.ts";
import { claimsOf } from "./claims.ts";
import { PUT_BACK_SCRIPT } from "./commit-script.ts";
import { lineIn } from "./indexes.ts";
import { type Kept, keptIn, type KeptRecords, parseRecord } from "./kept.ts";
import { isOpen, type RequestRecord } from "./record.ts";

/** A record as read, with the revision that fences its next move. */
export interface Held {
  record: RequestRecord;
  rev: number;
  /** Redis's clock when it was read, ms. */
  now: number;
  /** This process's monotonic clock in ms, taken just before the read, so never later than `now` in real time. */
  readAtMonotonicMs: number;
}

/** No record, or (`forged`) one whose seal is not ours. A forged record is neither used nor replaced. */
export interface NotHeld {
  record: null;
  forged: boolean;
  now: number;
  readAtMonotonicMs: number;
}

/** The reads of records. Any process may read them. */
export interface Reading {
  /** One round trip. Where Redis has an older revision than this process has seen, the newer is written back. */
  load(id: string): Promise<Held | NotHeld>;
  /** The same record and revision, dated now: Redis's clock as read then, and the time since. No round trip. */
  later(held: Held): Held;
  /** The records that exist; missing and forged ones are left out. */
  loadMany(ids: readonly string[]): Promise<readonly Held[]>;
}

export interface ReadingOptions {
  redis: RedisClient;
  keys: Keys;
  seal: Seal;
  records: KeptRecords;
  clock: Pick<Clock, "monotonic">;
}

/** The reads of records, one and many. A single one that Redis has in an older revision than was seen is put back. */
export function createReading({ redis, keys, seal, records, clock }: ReadingOptions): Reading {
  redis.defineCommand("flinkopsPutBack", { numberOfKeys: 1, lua: PUT_BACK_SCRIPT });
  const script = redis as RedisClient & {
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
        // sent together; not as a script, which waits with the writes while Redis takes none
        const [answer, time] = await Promise.all([
          redis.hmget(keys.record(id), "rev", "json", "seal"),
          redis.time(),
        ]);
        const now = redisTime(time);
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
