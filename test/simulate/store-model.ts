import { RedisUnavailable } from "../../src/errors.ts";
import type { ChangeTarget } from "../../src/operations/operation.ts";
import { plainPath } from "../../src/operations/path.ts";
import type { CardRef } from "../../src/requests/conversation.ts";
import { indexesOf, ofOne, targetIndex } from "../../src/requests/indexes.ts";
import { isOpen, type RequestRecord, upgraded } from "../../src/requests/record.ts";
import type { Cards, Committed, Extras, Held, Move, Store } from "../../src/requests/store.ts";
import type { Process } from "./scheduler.ts";
import type { NoAnswer, Wire } from "./wire.ts";

interface Kept {
  json: string;
  rev: number;
}

/** What Redis holds of requests: shared by all processes, moved in one step by a commit. */
export class StoreModel {
  readonly records = new Map<string, Kept>();
  readonly claims = new Map<string, string>();
  readonly open = new Set<string>();
  readonly audit: string[] = [];
  readonly #indexes = new Map<string, Map<string, number>>();
  readonly #launches = new Map<string, string>();
  readonly #cards = new Map<string, Map<string, number>>();
  readonly #said = new Map<string, Set<string>>();
  readonly #sayers = new Map<string, { by: string; until: number }>();
  /** Deleted paths by cluster. */
  readonly disposed = new Map<string, Map<string, number>>();
  /** Each is called with each record as it is committed. */
  readonly onCommit: ((record: RequestRecord) => void)[] = [];
  readonly #now: () => number;
  readonly #prefix: string;

  /** `now`: Redis's clock. */
  constructor(prefix: string, now: () => number) {
    this.#prefix = prefix;
    this.#now = now;
  }

  record(id: string): RequestRecord | null {
    const kept = this.records.get(id);
    return kept === undefined ? null : parse(kept.json);
  }

  commit(moves: readonly Move[], extras: Extras): Committed {
    const owner = moves[0]?.next.id ?? "";
    const stale = moves.find((m) => (this.records.get(m.next.id)?.rev ?? 0) !== m.rev);
    if (stale !== undefined) return { is: "fenced", requestId: stale.next.id };
    if (extras.before !== undefined && this.#now() > extras.before) return { is: "late" };
    for (const name of extras.take ?? []) {
      const holder = this.claims.get(name);
      if (holder !== undefined && holder !== owner && extras.from?.includes(holder) !== true)
        return { is: "busy", holder };
    }
    for (const [i, { next, rev }] of moves.entries()) {
      this.records.set(next.id, { json: JSON.stringify(next), rev: rev + 1 });
      const indexes = [
        ...(rev === 0 ? indexesOf(next) : []),
        ...(i === 0 ? (extras.index ?? []).map(ofOne) : []),
      ];
      for (const { name } of indexes) this.#index(name).set(next.id, next.askedAt);
      if (isOpen(next)) this.open.add(next.id);
      else this.open.delete(next.id);
      for (const l of next.launched) this.#launches.set(`${next.target.cluster}:${l.jobId}`, next.id);
      const path = next.end?.report.facts?.["disposed"];
      if (next.state === "ended" && typeof path === "string")
        this.disposedOn(next.target.cluster).set(plainPath(path), this.#now());
      for (const tell of this.onCommit) tell(next);
    }
    for (const name of extras.take ?? []) this.claims.set(name, owner);
    for (const name of extras.release ?? []) if (this.claims.get(name) === owner) this.claims.delete(name);
    this.audit.push(...(extras.audit ?? []));
    return { is: "ok", now: this.#now() };
  }

  disposedOn(cluster: string): Map<string, number> {
    const known = this.disposed.get(cluster) ?? new Map<string, number>();
    this.disposed.set(cluster, known);
    return known;
  }

  cardsOf(id: string): Cards {
    const messages = [...(this.#cards.get(id) ?? [])].map(([key, drawn]) => {
      const [channel = "", ts = ""] = key.split(" ");
      return { card: { channel, ts }, drawn };
    });
    return { messages, said: new Set(this.#said.get(id)) };
  }

  /** As one process reaches it. */
  over(wire: Wire, process: Process): Store {
    const go = async <T>(perform: () => T): Promise<T> => await wire.call(process, perform, REDIS);
    const held = (id: string, readAtMonotonicMs: number): Held | null => {
      const kept = this.records.get(id);
      return kept === undefined
        ? null
        : { record: parse(kept.json), rev: kept.rev, now: this.#now(), readAtMonotonicMs };
    };
    const newest = (index: string, most: number): readonly string[] =>
      [...this.#index(index)]
        .toSorted(([a, x], [z, y]) => y - x || (a < z ? 1 : -1))
        .slice(0, most)
        .map(([id]) => id);
    return {
      load: async (id) => {
        const readAtMonotonicMs = process.clock.monotonic();
        return await go(
          () => held(id, readAtMonotonicMs) ?? { record: null, now: this.#now(), readAtMonotonicMs },
        );
      },
      commit: async (moves, extras = {}) => await written(go(() => this.commit(moves, extras))),
      refused: async (_id, _whose, entry) => await go(() => void this.audit.push(entry)),
      cards: async (id) => await go(() => this.cardsOf(id)),
      cardsToPost: async (id) =>
        await go(() => {
          const before = this.cardsOf(id);
          this.#saidOf(id).add("posting");
          return { ...before, tried: before.said.has("posting") };
        }),
      drawn: async (id, card, rev) => await go(() => this.#draw(id, card, rev)),
      addCard: async (id, card) =>
        await go(() => {
          if (this.#cards.get(id)?.has(`${card.channel} ${card.ts}`) !== true) this.#draw(id, card, 0);
        }),
      said: async (id, what) => await go(() => void this.#saidOf(id).add(what)),
      unsaid: async (id, what) => await go(() => void this.#saidOf(id).delete(what)),
      saying: async (id, what, { by, forMs }) =>
        await go(() => {
          const key = `${id} ${what}`;
          const holder = this.#sayers.get(key);
          if (holder !== undefined && holder.by !== by && holder.until > this.#now()) return false;
          this.#sayers.set(key, { by, until: this.#now() + forMs });
          return true;
        }),
      openIds: async () => await go(() => [...this.open]),
      loadMany: async (ids) => {
        const readAt = process.clock.monotonic();
        return await go(() => ids.flatMap((id) => held(id, readAt) ?? []));
      },
      ids: async (index, most) => await go(() => newest(index.replace(`${this.#prefix}:`, ""), most)),
      about: async (target: ChangeTarget, most) => await go(() => newest(targetIndex(target), most)),
      starterOf: async (cluster, jobId) => await go(() => this.#launches.get(`${cluster}:${jobId}`) ?? null),
      now: async () => await go(() => this.#now()),
    };
  }

  #index(name: string): Map<string, number> {
    const known = this.#indexes.get(name) ?? new Map<string, number>();
    this.#indexes.set(name, known);
    return known;
  }

  #draw(id: string, card: CardRef, rev: number): void {
    const cards = this.#cards.get(id) ?? new Map<string, number>();
    this.#cards.set(id, cards.set(`${card.channel} ${card.ts}`, rev));
  }

  #saidOf(id: string): Set<string> {
    const said = this.#said.get(id) ?? new Set<string>();
    this.#said.set(id, said);
    return said;
  }
}

/** What a caller is told where Redis does not answer. */
export const REDIS: NoAnswer = {
  timeoutMs: 2000,
  refused: () => new Error("Connection is closed."),
  timedOut: () => new Error("Command timed out"),
};

/** As src/requests/store.ts and src/queue/queues.ts tell of what may have been written. */
export async function written<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isTimeout = error instanceof Error && error.message.includes("timed out");
    throw new RedisUnavailable("redis did not answer", isTimeout, { cause: error });
  }
}

const parse = (json: string): RequestRecord => upgraded(JSON.parse(json) as RequestRecord);
