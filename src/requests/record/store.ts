import { type Clock, systemClock } from "../../platform/clock.ts";
import { RedisUnavailable } from "../../model/errors.ts";
import type { Lock } from "../../model/lock.ts";
import type { ChangeTarget } from "../../model/target.ts";
import { isCertainlyNotTaken, isRedisProblem, type RedisClient } from "../../redis/connect.ts";
import { KEEP_SECONDS, type Keys } from "../../redis/keys.ts";
import { redisTime, replyAt } from "../../redis/replies.ts";
import type { Replication } from "../../redis/replication.ts";
import type { Seal } from "../../platform/seal.ts";
import { auditSeal } from "./audit.ts";
import { COMMIT_SCRIPT, REFUSED_SCRIPT } from "./commit-script.ts";
import { type Cards, readCards } from "./cards.ts";
import type { CardRef } from "../ports/conversation.ts";
import { disposedBy, indexesOf, lineIn, ofOne, targetIndex } from "./indexes.ts";
import { KeptRecords } from "./kept.ts";
import { readingLocks } from "./locks.ts";
import { isOpen, type RequestRecord } from "./record.ts";
import { createReading, type Reading } from "./reading.ts";

export type { Cards } from "./cards.ts";
export type { Held, NotHeld } from "./reading.ts";
export { claimOn, disposalIndex, jobIndex, nameIndex } from "./indexes.ts";

export interface Transition {
  /** The revision that was read; 0: the record is new. */
  rev: number;
  next: RequestRecord;
}

export interface Extras {
  audit?: readonly string[];
  /** Claims to take for the first move's record. Claims held by the requests in `from` are taken over. */
  take?: readonly string[];
  from?: readonly string[];
  release?: readonly string[];
  /** The commit is refused while one of these scopes is locked by anybody but these accounts. */
  unlocked?: { scopes: readonly string[]; accounts: readonly string[] };
  /** The commit is refused after this, ms by Redis's clock. */
  before?: number;
  /** Additional indexes for the first move's record. */
  index?: readonly string[];
}

export type Committed =
  /**
   * `recall`: requests to wake, each the first in line for a claim that is free now. `entry`: the stream id of the
   * commit's last audit entry; absent without one.
   */
  | { is: "ok"; now: number; recall: readonly string[]; entry?: string }
  | { is: "fenced"; requestId: string }
  | { is: "busy"; holder: string }
  | { is: "late" }
  | { is: "locked"; lock: Lock };

/** How many pairs of person and rule are told apart per request; further clicks are counted together. */
const MOST_REFUSED = 100;

/** The records in Redis. Any process may read them; only `commit` moves them. */
export interface Store extends Reading {
  /**
   * Throws RedisUnavailable: Redis does not answer, or (`maybeTaken`) the commit may be there but is not confirmed,
   * also by its replicas. Nothing may be sent then; a retry finds the commit done, or does it.
   */
  commit(moves: readonly Transition[], extras?: Extras): Promise<Committed>;
  /** Records a refused click. The first per `whose` becomes an audit entry, further ones are only counted. */
  refused(id: string, whose: string, entry: string): Promise<void>;
  cards(id: string): Promise<Cards>;
  /** Like `cards`, and records that the first card is about to be posted. `tried`: that was recorded before. */
  cardsToPost(id: string): Promise<Cards & { tried: boolean }>;
  /** Records that a card shows revision `rev`. */
  drawn(id: string, card: CardRef, rev: number): Promise<void>;
  /** Adds a card that was found by a click on it. It is redrawn at the next occasion. */
  addCard(id: string, card: CardRef): Promise<void>;
  /** Records that a reply was posted, so that it is not repeated. False: that was recorded before. */
  said(id: string, what: string): Promise<boolean>;
  /** Removes such a record where the reply was not posted. */
  unsaid(id: string, what: string): Promise<void>;
  /** Takes or renews the right to post a reply for `forMs`. False: another process has it. */
  saying(id: string, what: string, who: { by: string; forMs: number }): Promise<boolean>;
  openIds(): Promise<readonly string[]>;
  /** Ids of the open requests of one person, also of those that another request started; oldest first. */
  openOf(user: string): Promise<readonly string[]>;
  /** Request ids, newest first. */
  ids(index: string, most: number): Promise<readonly string[]>;
  /** Ids of requests about the same target, newest first; for a cluster the newest of all requests. */
  about(target: ChangeTarget, most: number): Promise<readonly string[]>;
  /** The request that started a job; null: none is recorded. */
  starterOf(cluster: string, jobId: string): Promise<string | null>;
  now(): Promise<number>;
}

export interface StoreOptions {
  redis: RedisClient;
  keys: Keys;
  seal: Seal;
  /** Null: no replicas are configured. */
  replication?: Replication | null;
  clock?: Pick<Clock, "monotonic">;
}

export function createStore(options: StoreOptions): Store {
  const { redis, keys, seal, replication = null, clock = systemClock } = options;
  const records = new KeptRecords(seal);
  redis.defineCommand("flinkopsCommit", { numberOfKeys: 1, lua: COMMIT_SCRIPT });
  redis.defineCommand("flinkopsRefused", { numberOfKeys: 2, lua: REFUSED_SCRIPT });
  const script = redis as RedisClient & {
    flinkopsCommit(...args: string[]): Promise<[string, string, string?, ...string[]]>;
    flinkopsRefused(...args: (string | number)[]): Promise<number>;
  };
  /** A confirmed revision proves the commit; a promoted replica that never saw the commit has an older one. */
  const replicated = async (move: Transition | undefined): Promise<void> => {
    if (replication === null || move === undefined) return;
    const rev = await replication.confirmed(keys.record(move.next.id), "rev");
    if (rev === null || Number(rev) <= move.rev)
      throw new RedisUnavailable("a commit is not on its replicas yet", { maybeTaken: true });
  };

  const readLock = readingLocks({ redis, keys, seal });
  const store: Store = {
    ...createReading({ redis, keys, seal, records, clock }),

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
        ...(extras.unlocked === undefined ? {} : { unlocked: extras.unlocked }),
        launched: moves.flatMap(({ next }) =>
          next.launched.map((l) => ({ job: `${next.target.cluster}:${l.jobId}`, by: next.id })),
        ),
        disposed: moves.flatMap(({ next }) => disposedBy(next)),
        keep: KEEP_SECONDS,
        seals: (extras.audit ?? []).map((entry) => auditSeal(seal, entry)),
      };
      const sending = [keys.prefix, JSON.stringify(control), ...kept.map((k) => k.json)];
      const answered = await script
        .flinkopsCommit(...sending, ...(extras.audit ?? []))
        .catch((error: unknown) => {
          if (!isRedisProblem(error)) throw error;
          throw new RedisUnavailable("redis did not answer a commit", {
            maybeTaken: !isCertainlyNotTaken(error),
            cause: error,
          });
        });
      if (answered[0] === "locked") {
        const [, scope, json = "", sealed = ""] = answered;
        const lock = await readLock(scope, json, sealed);
        return lock === null ? await store.commit(moves, extras) : { is: "locked", lock };
      }
      const [answer, value, entry = "", ...recall] = answered;
      if (answer === "fenced") return { is: "fenced", requestId: value };
      if (answer === "busy") return { is: "busy", holder: value };
      if (answer === "late") return { is: "late" };
      await replicated(moves[0]);
      for (const [i, one] of kept.entries()) records.saw(moves[i]?.next.id ?? "", one);
      return { is: "ok", now: Number(value), recall, ...(entry === "" ? {} : { entry }) };
    },
    async refused(id, whose, entry) {
      const limits = [MOST_REFUSED, KEEP_SECONDS];
      const sealed = [entry, auditSeal(seal, entry)];
      await script.flinkopsRefused(keys.refused(id), keys.audit, whose, ...limits, ...sealed);
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
      return (await redis.hset(keys.cards(id), `said ${what}`, 1)) === 1;
    },
    async unsaid(id, what) {
      await redis.hdel(keys.cards(id), `said ${what}`);
    },
    async saying(id, what, { by, forMs }) {
      const key = keys.saying(id, what);
      if ((await redis.set(key, by, "PX", forMs, "NX")) !== null) return true;
      return (await redis.get(key)) === by && (await redis.pexpire(key, forMs)) === 1;
    },
    openIds: async () => await redis.zrange(keys.open, "0", "-1"),
    openOf: async (user) => await redis.zinter(2, keys.open, keys.ofActor(user)),
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
  return store;
}
