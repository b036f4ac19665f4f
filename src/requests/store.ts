import { type Clock, systemClock } from "../clock.ts";
import { StoredDataInvalid } from "../errors.ts";
import type { ChangeTarget, Hold } from "../operations/operation.ts";
import type { RedisClient } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import { COMMIT_SCRIPT } from "./commit-script.ts";
import type { CardRef } from "./conversation.ts";
import { isOpen, jobIdOf, nameOf, type RequestRecord, upgraded } from "./record.ts";

/** A record as read, with what fences its next move. */
export interface Held {
  record: RequestRecord;
  rev: number;
  /** Redis's clock when it was read, ms. */
  now: number;
  /** This process's monotonic clock just before it was read: never later than `now` in real time. */
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
  | { is: "ok"; now: number }
  | { is: "fenced"; requestId: string }
  | { is: "busy"; holder: string }
  | { is: "late" };

/** Closed requests stay readable for 400 days: the audit year and some. */
const KEEP_SECONDS = 400 * 86_400;

/** Records in Redis: read anywhere, moved only by `commit`. */
export interface Store {
  /** One round trip. Null: no such record. */
  load(id: string): Promise<Held | { record: null; now: number; readAtMonotonicMs: number }>;
  commit(moves: readonly Move[], extras?: Extras): Promise<Committed>;
  cards(id: string): Promise<Cards>;
  /** The same, and says for good that somebody is about to post the first one; `tried`: somebody was before. */
  cardsToPost(id: string): Promise<Cards & { tried: boolean }>;
  /** A card that exists; drawn as of `rev`. */
  drawn(id: string, card: CardRef, rev: number): Promise<void>;
  /** A card that was found by a click on it; to be drawn at the next occasion. */
  addCard(id: string, card: CardRef): Promise<void>;
  /** True once per `what`, for replies that should not be repeated. */
  said(id: string, what: string): Promise<void>;
  openIds(): Promise<readonly string[]>;
  loadMany(ids: readonly string[]): Promise<readonly Held[]>;
  /** Newest first. */
  ids(index: string, most: number): Promise<readonly string[]>;
  /** Requests about the same target, newest first; of a cluster the newest of all. */
  about(target: ChangeTarget, most: number): Promise<readonly string[]>;
  now(): Promise<number>;
}

export interface Cards {
  messages: readonly { card: CardRef; drawn: number }[];
  said: ReadonlySet<string>;
}

/** `replicas`: how many must have a commit before it counts (Redis WAIT); 0 without replicas. */
export function createStore(
  redis: RedisClient,
  keys: Keys,
  replicas = 0,
  clock: Pick<Clock, "monotonic"> = systemClock,
): Store {
  redis.defineCommand("flinkopsCommit", { numberOfKeys: 1, lua: COMMIT_SCRIPT });
  const script = redis as RedisClient & { flinkopsCommit(...args: string[]): Promise<[string, string]> };

  return {
    async load(id) {
      const readAtMonotonicMs = clock.monotonic();
      const replies = await redis.multi().hmget(keys.record(id), "rev", "json").time().exec();
      const [rev, json] = reply<[string | null, string | null]>(replies, 0);
      const now = redisTime(reply<[number, number]>(replies, 1));
      if (rev === null || json === null) return { record: null, now, readAtMonotonicMs };
      return { record: parseRecord(json), rev: Number(rev), now, readAtMonotonicMs };
    },

    async commit(moves, extras = {}) {
      const owner = moves[0]?.next.id ?? "";
      const control = {
        moves: moves.map((m, i) => ({
          id: m.next.id,
          rev: m.rev,
          at: m.next.askedAt,
          open: isOpen(m.next),
          indexes: [...(m.rev === 0 ? indexesOf(m.next) : []), ...(i === 0 ? (extras.index ?? []) : [])],
        })),
        take: (extras.take ?? []).map((name) => ({ name, owner })),
        from: extras.from ?? [],
        release: (extras.release ?? []).map((name) => ({ name, owner })),
        ...(extras.before === undefined ? {} : { before: extras.before }),
        keep: KEEP_SECONDS,
      };
      const [answer, value] = await script.flinkopsCommit(
        keys.prefix,
        JSON.stringify(control),
        ...moves.map((m) => JSON.stringify(m.next)),
        ...(extras.audit ?? []),
      );
      if (answer === "fenced") return { is: "fenced", requestId: value };
      if (answer === "busy") return { is: "busy", holder: value };
      if (answer === "late") return { is: "late" };
      if (replicas > 0) await redis.wait(replicas, 1000);
      return { is: "ok", now: Number(value) };
    },

    async cards(id) {
      return readCards(await redis.hgetall(keys.cards(id)));
    },
    async cardsToPost(id) {
      const replies = await redis
        .multi()
        .hsetnx(keys.cards(id), "said posting", 1)
        .hgetall(keys.cards(id))
        .exec();
      const fields = reply<Record<string, string>>(replies, 1);
      return { ...readCards(fields), tried: reply<number>(replies, 0) === 0 };
    },
    async drawn(id, card, rev) {
      await redis.hset(keys.cards(id), `${card.channel} ${card.ts}`, rev);
    },
    async addCard(id, card) {
      await redis.hsetnx(keys.cards(id), `${card.channel} ${card.ts}`, 0);
    },
    async said(id, what) {
      await redis.hset(keys.cards(id), `said ${what}`, 1);
    },
    async openIds() {
      return await redis.zrange(keys.open, "0", "-1");
    },
    async loadMany(ids) {
      if (ids.length === 0) return [];
      const readAtMonotonicMs = clock.monotonic();
      const batch = redis.pipeline().time();
      for (const id of ids) batch.hmget(keys.record(id), "rev", "json");
      const replies = await batch.exec();
      const now = redisTime(reply<[number, number]>(replies, 0));
      return ids.flatMap((_, i) => {
        const [rev, json] = reply<[string | null, string | null]>(replies, i + 1);
        return rev === null || json === null
          ? []
          : [{ record: parseRecord(json), rev: Number(rev), now, readAtMonotonicMs }];
      });
    },
    async about(target, most) {
      return await redis.zrevrange(`${keys.prefix}:${targetIndex(target)}`, 0, most - 1);
    },
    async ids(index, most) {
      return await redis.zrevrange(index, 0, most - 1);
    },
    async now() {
      return redisTime(await redis.time());
    },
  };
}

function readCards(hash: Record<string, string>): Cards {
  const fields = Object.entries(hash);
  const said = fields.filter(([f]) => f.startsWith("said ")).map(([f]) => f.slice(5));
  const messages = fields
    .filter(([f]) => !f.startsWith("said "))
    .map(([f, drawn]) => {
      const [channel = "", ts = ""] = f.split(" ");
      return { card: { channel, ts }, drawn: Number(drawn) };
    });
  return { messages, said: new Set(said) };
}

/** Claims are named by what they protect. */
export const claimOn = (cluster: string, hold: Hold): string => {
  if ("job" in hold) return `${cluster}/id/${hold.job}`;
  return "name" in hold ? `${cluster}/name/${hold.name}` : `${cluster}/path/${hold.path}`;
};

/** Requests by the job's name, which outlives its id. */
export const nameIndex = (cluster: string, name: string): string => `name:${cluster}:${name}`;

/** Requests about some state as such. */
export const disposalIndex = (cluster: string): string => `path:${cluster}`;

function targetIndex(target: ChangeTarget): string {
  if (target.kind === "path") return disposalIndex(target.cluster);
  if (target.kind === "cluster") return "all";
  return target.kind === "job"
    ? jobIndex(target.cluster, target.jobId)
    : nameIndex(target.cluster, target.name);
}

export const jobIndex = (cluster: string, jobId: string): string => `job:${cluster}:${jobId}`;

function indexesOf(r: RequestRecord): string[] {
  const { target } = r;
  const [jobId, name] = [jobIdOf(target), nameOf(target)];
  return [
    "all",
    `actor:${r.actor.user}`,
    ...(target.kind === "path" ? [disposalIndex(target.cluster)] : []),
    ...(name === "" ? [] : [nameIndex(target.cluster, name)]),
    ...(jobId === "" ? [] : [jobIndex(target.cluster, jobId)]),
  ];
}

/** Tolerates what it does not know, refuses what it cannot read. */
function parseRecord(json: string): RequestRecord {
  const value: unknown = JSON.parse(json);
  if (typeof value !== "object" || value === null || !("v" in value) || value.v !== 1)
    throw new StoredDataInvalid("reading a record: written by another version of flinkops");
  return upgraded(value as RequestRecord);
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- names the reply's type where it is read
function reply<T>(replies: [Error | null, unknown][] | null, index: number): T {
  const [error, value] = replies?.[index] ?? [new Error("no reply"), null];
  if (error !== null) throw error;
  return value as T;
}

const redisTime = ([seconds = 0, micros = 0]: readonly (number | string)[]): number =>
  Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
