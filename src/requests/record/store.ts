import { type Clock, systemClock } from "../../platform/clock.ts";
import { RedisUnavailable } from "../../model/errors.ts";
import type { ChangeTarget } from "../../model/target.ts";
import { plainPath } from "../../model/state-path.ts";
import { isCertainlyNotTaken, isRedisProblem, type RedisClient } from "../../redis/connect.ts";
import { KEEP_SECONDS, type Keys } from "../../redis/keys.ts";
import { redisTime, replyAt } from "../../redis/replies.ts";
import type { Replication } from "../../redis/replication.ts";
import type { Seal } from "../../platform/seal.ts";
import { auditLine } from "./audit.ts";
import { COMMIT_SCRIPT, PUT_BACK_SCRIPT, REFUSED_SCRIPT } from "./commit-script.ts";
import { type Cards, readCards } from "./cards.ts";
import type { CardRef } from "../ports/conversation.ts";
import { indexesOf, lineIn, ofOne, targetIndex } from "./indexes.ts";
import { type Kept, keptIn, KeptRecords, parseRecord } from "./kept.ts";
import { isLive, isOpen, type RequestRecord } from "./record.ts";

export type { Cards } from "./cards.ts";
export { claimOn, disposalIndex, jobIndex, nameIndex } from "./indexes.ts";

/** A record as read, with what fences its next move. */
export interface Held {
  record: RequestRecord;
  rev: number;
  /** Redis's clock when it was read, ms. */
  now: number;
  /** This process's monotonic clock just before it was read: never later than `now` in real time. */
  readAtMonotonicMs: number;
}

/** There is no record, or (`forged`) none that one of us wrote: nothing is done on it, and nothing instead of it. */
export interface NotHeld {
  record: null;
  forged: boolean;
  now: number;
  readAtMonotonicMs: number;
}

export interface Move {
  /** 0: the record is new. */
  rev: number;
  next: RequestRecord;
}

export interface Extras {
  audit?: readonly string[];
  /** Claims to take for the first move's record; those that the requests `from` hold are taken over. */
  take?: readonly string[];
  from?: readonly string[];
  release?: readonly string[];
  /** Not after this, by Redis's clock, ms. */
  before?: number;
  /** Further indexes for the first move's record. */
  index?: readonly string[];
}

export type Committed =
  /** `recall`: requests that waited for a claim that is free now, each the first in its line; to be woken. */
  | { is: "ok"; now: number; recall: readonly string[] }
  | { is: "fenced"; requestId: string }
  | { is: "busy"; holder: string }
  | { is: "late" };

/** Of each cluster the newest deletions are known. */
const MOST_DISPOSED = 20_000;
/** So many people and rules are told apart on one request; clicks beyond are counted together. */
const MOST_REFUSED = 100;

/** Records in Redis: read anywhere, moved only by `commit`. */
export interface Store {
  /** One round trip. Never older than what this process has seen of it: where Redis has an older one, that is put back. */
  load(id: string): Promise<Held | NotHeld>;
  /**
   * Throws RedisUnavailable: where Redis does not answer, and (`maybeTaken`) where the commit is not on as many replicas as
   * configured in time. Nothing may be sent on it then; whoever tries again finds it done, or does it once more.
   */
  commit(moves: readonly Move[], extras?: Extras): Promise<Committed>;
  /** Something that was refused on a request. The first of `whose` becomes an audit entry, the others are counted. */
  refused(id: string, whose: string, entry: string): Promise<void>;
  cards(id: string): Promise<Cards>;
  /** The same, and says for good that somebody is about to post the first one; `tried`: somebody was before. */
  cardsToPost(id: string): Promise<Cards & { tried: boolean }>;
  /** A card that exists; drawn as of `rev`. */
  drawn(id: string, card: CardRef, rev: number): Promise<void>;
  /** A card that was found by a click on it; to be drawn at the next occasion. */
  addCard(id: string, card: CardRef): Promise<void>;
  /** For replies that should not be repeated. */
  said(id: string, what: string): Promise<void>;
  /** It was not said after all. */
  unsaid(id: string, what: string): Promise<void>;
  /** Whether it is `by` who says it now: nobody else for so long. */
  saying(id: string, what: string, who: { by: string; forMs: number }): Promise<boolean>;
  openIds(): Promise<readonly string[]>;
  /** Those that there are; what is not ours is left out. */
  loadMany(ids: readonly string[]): Promise<readonly Held[]>;
  /** Newest first. */
  ids(index: string, most: number): Promise<readonly string[]>;
  /** Requests about the same target, newest first; of a cluster the newest of all. */
  about(target: ChangeTarget, most: number): Promise<readonly string[]>;
  /** The request that has started a job; null: none that is noted down. */
  starterOf(cluster: string, jobId: string): Promise<string | null>;
  now(): Promise<number>;
}

export interface StoreOptions {
  redis: RedisClient;
  keys: Keys;
  seal: Seal;
  /** ms: audit entries that are older go. */
  auditKeep?: number;
  /** Null without replicas. */
  replication?: Replication | null;
  clock?: Pick<Clock, "monotonic">;
}

export function createStore(options: StoreOptions): Store {
  const { redis, keys, seal, replication = null, clock = systemClock } = options;
  const records = new KeptRecords(seal);
  const { auditKeep = KEEP_SECONDS * 1000 } = options;
  redis.defineCommand("flinkopsCommit", { numberOfKeys: 1, lua: COMMIT_SCRIPT });
  redis.defineCommand("flinkopsRefused", { numberOfKeys: 2, lua: REFUSED_SCRIPT });
  redis.defineCommand("flinkopsPutBack", { numberOfKeys: 1, lua: PUT_BACK_SCRIPT });
  const script = redis as RedisClient & {
    flinkopsPutBack(...args: string[]): Promise<number>;
    flinkopsCommit(...args: string[]): Promise<[string, string, ...string[]]>;
    flinkopsRefused(...args: (string | number)[]): Promise<number>;
  };
  /** The rev is the evidence: a master that never saw this commit has an older one. */
  const replicated = async (move: Move | undefined): Promise<void> => {
    if (replication === null || move === undefined) return;
    const rev = await replication.confirmed(keys.record(move.next.id), "rev");
    if (rev === null || Number(rev) <= move.rev)
      throw new RedisUnavailable("a commit is not on its replicas yet", true);
  };

  /** Redis went back, or was taken back: what was true once is true still, and what follows from it is not done twice. */
  const putBack = async (id: string, found: unknown, now: number, newer: Kept): Promise<boolean> => {
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
      holds: isLive(record),
      claims: record.claims,
      ...lineIn(record),
    };
    const ended = end === null ? {} : { ending: end.ending, outcome: end.report.outcome };
    const entry = auditLine(record, "put back", now, null, { from, to, state, ...ended });
    const back = script.flinkopsPutBack(keys.prefix, JSON.stringify(control), newer.json, entry);
    return (await back) === 1;
  };
  return {
    async load(id) {
      for (;;) {
        const readAtMonotonicMs = clock.monotonic();
        const replies = await redis.multi().hmget(keys.record(id), "rev", "json", "seal").time().exec();
        const now = redisTime(replyAt(replies, 1));
        const answer = replyAt(replies, 0);
        const found = records.read(id, keptIn(answer));
        const newer = records.newer(id, found);
        if (newer === null) {
          if (typeof found === "object") return { ...found, now, readAtMonotonicMs };
          return { record: null, forged: found === "forged", now, readAtMonotonicMs };
        }
        // whoever moved it between reading and putting back has the newest
        if (await putBack(id, answer, now, newer)) seal.tell({ kind: "record", id, why: "older" });
      }
    },

    async commit(moves, extras = {}) {
      const owner = moves[0]?.next.id ?? "";
      const kept = moves.map(({ next, rev }) => records.write(next, rev + 1));
      const control = {
        moves: moves.map((m, i) => ({
          id: m.next.id,
          rev: m.rev,
          seal: kept[i]?.seal ?? "",
          at: m.next.askedAt,
          open: isOpen(m.next),
          ...lineIn(m.next),
          indexes: [
            ...(m.rev === 0 ? indexesOf(m.next) : []),
            ...(i === 0 ? (extras.index ?? []).map(ofOne) : []),
          ],
        })),
        take: (extras.take ?? []).map((name) => ({ name, owner })),
        from: extras.from ?? [],
        release: (extras.release ?? []).map((name) => ({ name, owner })),
        ...(extras.before === undefined ? {} : { before: extras.before }),
        launched: moves.flatMap(({ next }) =>
          next.launched.map((l) => ({ job: `${next.target.cluster}:${l.jobId}`, by: next.id })),
        ),
        disposed: moves.flatMap(({ next }) => disposedBy(next)),
        keep: KEEP_SECONDS,
        audit: auditKeep,
      };
      const [answer, value, ...recall] = await script
        .flinkopsCommit(
          keys.prefix,
          JSON.stringify(control),
          ...kept.map((k) => k.json),
          ...(extras.audit ?? []),
        )
        .catch((error: unknown) => {
          if (!isRedisProblem(error)) throw error;
          throw new RedisUnavailable("redis did not answer a commit", !isCertainlyNotTaken(error), {
            cause: error,
          });
        });
      if (answer === "fenced") return { is: "fenced", requestId: value };
      if (answer === "busy") return { is: "busy", holder: value };
      if (answer === "late") return { is: "late" };
      await replicated(moves[0]);
      for (const [i, one] of kept.entries()) records.saw(moves[i]?.next.id ?? "", one);
      return { is: "ok", now: Number(value), recall };
    },
    async refused(id, whose, entry) {
      const limits = [MOST_REFUSED, KEEP_SECONDS, auditKeep];
      await script.flinkopsRefused(keys.refused(id), keys.audit, whose, ...limits, entry);
    },

    async cards(id) {
      return readCards(Object.entries(await redis.hgetall(keys.cards(id))));
    },
    async cardsToPost(id) {
      const replies = await redis
        .multi()
        .hsetnx(keys.cards(id), "said posting", 1)
        .hgetall(keys.cards(id))
        .expire(keys.cards(id), KEEP_SECONDS)
        .exec();
      const fields = Object.entries(Object(replyAt(replies, 1)));
      return { ...readCards(fields), tried: replyAt(replies, 0) === 0 };
    },
    async drawn(id, card, rev) {
      await redis.hset(keys.cards(id), `${card.channel} ${card.ts}`, rev);
    },
    async addCard(id, card) {
      const key = keys.cards(id);
      const field = `${card.channel} ${card.ts}`;
      replyAt(await redis.multi().hsetnx(key, field, 0).expire(key, KEEP_SECONDS).exec(), 0);
    },
    async said(id, what) {
      await redis.hset(keys.cards(id), `said ${what}`, 1);
    },
    async unsaid(id, what) {
      await redis.hdel(keys.cards(id), `said ${what}`);
    },
    async saying(id, what, { by, forMs }) {
      const key = keys.saying(id, what);
      if ((await redis.set(key, by, "PX", forMs, "NX")) !== null) return true;
      return (await redis.get(key)) === by && (await redis.pexpire(key, forMs)) === 1;
    },
    async openIds() {
      return await redis.zrange(keys.open, "0", "-1");
    },
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
    async about(target, most) {
      return await redis.zrevrange(`${keys.prefix}:${targetIndex(target)}`, 0, most - 1);
    },
    async ids(index, most) {
      return await redis.zrevrange(index, 0, most - 1);
    },
    starterOf: async (cluster, jobId) => await redis.get(keys.launch(cluster, jobId)),
    async now() {
      return redisTime(await redis.time());
    },
  };
}

/** A deletion is known for longer than the record that tells of it: cluster lists name deleted states for long. */
function disposedBy({ end, target, state }: RequestRecord): object[] {
  const path = end?.report.facts?.["disposed"];
  if (state !== "ended" || typeof path !== "string") return [];
  return [{ cluster: target.cluster, path: plainPath(path), most: MOST_DISPOSED }];
}
