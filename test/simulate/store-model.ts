import { RedisUnavailable } from "../../src/model/errors.ts";
import type { ChangeTarget } from "../../src/model/target.ts";
import { plainPath } from "../../src/model/state-path.ts";
import type { CardRef } from "../../src/requests/ports/conversation.ts";
import { indexesOf, ofOne, targetIndex } from "../../src/requests/record/indexes.ts";
import { claimsOf } from "../../src/requests/record/claims.ts";
import { laterBy } from "../../src/requests/record/reading.ts";
import { isOpen, type RequestRecord } from "../../src/requests/record/record.ts";
import { type Kept, KeptRecords, parseRecord } from "../../src/requests/record/kept.ts";
import { createSeal } from "../../src/platform/seal.ts";
import type {
  Cards,
  Committed,
  Extras,
  Held,
  Transition,
  NotHeld,
  Store,
} from "../../src/requests/record/store.ts";
import type { Locks } from "../../src/requests/record/locks.ts";
import { LocksInMemory } from "../fakes/locks.ts";
import { Lines } from "./lines.ts";
import type { Process } from "./scheduler.ts";
import type { NoAnswer, Wire } from "./wire.ts";

/** Of all our processes; whoever else writes to Redis has none. */
export const SEAL = createSeal(["of the simulator"], () => undefined);
const WRITER = new KeptRecords(SEAL);

/** What Redis holds of requests: shared by all processes, moved in one step by a commit. */
export class StoreModel {
  readonly records = new Map<string, Kept>();
  /** Of each record the revision before. */
  readonly before = new Map<string, Kept>();
  readonly claims = new Map<string, string>();
  readonly locks = new LocksInMemory(
    () => this.#now(),
    (entry) => void this.audit.push(entry),
  );
  readonly lines = new Lines();
  readonly open = new Set<string>();
  readonly audit: string[] = [];
  readonly #indexes = new Map<string, Map<string, number>>();
  readonly #launches = new Map<string, string>();
  readonly #cards = new Map<string, Map<string, number>>();
  readonly #said = new Map<string, Set<string>>();
  readonly #refused = new Set<string>();
  readonly #read = new WeakMap<Kept, RequestRecord>();
  /** Read once by one of ours, and found to be ours: to do it again would take a fifth of a history's time. */
  readonly #genuine = new WeakMap<Kept, { id: string; as: { record: RequestRecord; rev: number } }>();
  readonly #sayers = new Map<string, { by: string; until: number }>();
  /** Deleted paths by cluster. */
  readonly disposed = new Map<string, Map<string, number>>();
  /**
   * Each is called with each record as it is committed, and by which process. `before`: what it is written over, null where
   * there is nothing; an outsider may have moved it here from another request.
   */
  readonly onCommit: ((record: RequestRecord, before: RequestRecord | null, by: string) => void)[] = [];
  readonly #now: () => number;
  readonly #prefix: string;

  /** `now`: Redis's clock. */
  constructor(prefix: string, now: () => number) {
    this.#prefix = prefix;
    this.#now = now;
  }

  record(id: string): RequestRecord | null {
    const kept = this.records.get(id);
    return kept === undefined ? null : this.#parsed(kept);
  }

  /** The judge reads all open records after each step. */
  #parsed(kept: Kept): RequestRecord {
    const record = this.#read.get(kept) ?? parseRecord(kept.json);
    this.#read.set(kept, record);
    return record;
  }

  isOurs(id: string, { rev, json, seal }: Kept): boolean {
    return SEAL.genuine({ kind: "record", id, rev }, json, seal) === "ours";
  }

  commit(moves: readonly Transition[], extras: Extras, by: string): Committed {
    const owner = moves[0]?.next.id ?? "";
    const stale = moves.find((m) => (this.records.get(m.next.id)?.rev ?? 0) !== m.rev);
    if (stale !== undefined) return { is: "fenced", requestId: stale.next.id };
    if (extras.before !== undefined && this.#now() > extras.before) return { is: "late" };
    const lock = extras.unlocked === undefined ? undefined : this.locks.met(extras.unlocked);
    if (lock !== undefined) return { is: "locked", lock };
    for (const name of extras.take ?? []) {
      const holder = this.claims.get(name);
      if (holder !== undefined && holder !== owner && extras.from?.includes(holder) !== true)
        return { is: "busy", holder };
    }
    for (const [i, { next, rev }] of moves.entries()) {
      const known = this.records.get(next.id);
      if (known !== undefined) this.before.set(next.id, known);
      this.records.set(next.id, WRITER.write(next, rev + 1));
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
      const before = known === undefined ? null : this.#parsed(known);
      for (const tell of this.onCommit) tell(next, before, by);
    }
    for (const name of extras.take ?? []) this.claims.set(name, owner);
    for (const name of extras.release ?? []) if (this.claims.get(name) === owner) this.claims.delete(name);
    this.audit.push(...(extras.audit ?? []));
    const moved = moves.map((m) => m.next);
    return { is: "ok", now: this.#now(), recall: this.lines.moved(moved, extras.release ?? [], this.claims) };
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

  /** Its locks, as one process reaches them. */
  locksOver(wire: Wire, process: Process): Locks {
    const go = async <T>(perform: () => T): Promise<T> => await wire.call(process, perform, REDIS);
    return {
      // no call of its own where there is none: it would draw chance, and every history would become another one
      all: async () => (this.locks.all().length === 0 ? [] : await go(() => this.locks.all())),
      place: async (lock, how) => await go(() => this.locks.place(lock, how)),
      lift: async (lock, entry) => await go(() => this.locks.lift(lock, entry)),
    };
  }

  /** As one process reaches it. */
  over(wire: Wire, process: Process): Store {
    const go = async <T>(perform: () => T): Promise<T> => await wire.call(process, perform, REDIS);
    const records = new KeptRecords(SEAL);
    const read = (id: string, readAtMonotonicMs: number): Held | NotHeld => {
      const kept = this.records.get(id) ?? null;
      const known = kept === null ? undefined : this.#genuine.get(kept);
      const found = known !== undefined && known.id === id ? known.as : records.read(id, kept);
      if (kept !== null && typeof found !== "string") {
        records.saw(id, kept);
        this.#genuine.set(kept, { id, as: found });
      }
      const at = { now: this.#now(), readAtMonotonicMs };
      return typeof found === "string"
        ? { record: null, forged: found === "forged", ...at }
        : { ...found, ...at };
    };
    /** What this process knows better than Redis it puts back. */
    const load = async (id: string): Promise<Held | NotHeld> => {
      for (;;) {
        const readAtMonotonicMs = process.clock.monotonic();
        const found = await go(() => read(id, readAtMonotonicMs));
        const is = found.record === null ? (found.forged ? "forged" : "none") : found;
        const newer = records.newer(id, is);
        if (newer === null) return found;
        await go(() => this.#putBack(id, found.record === null ? 0 : found.rev, newer));
      }
    };
    const committed = async (moves: readonly Transition[], extras: Extras): Promise<Committed> => {
      const done = await written(go(() => this.commit(moves, extras, process.name)));
      if (done.is === "ok")
        for (const { next, rev } of moves) records.saw(next.id, records.write(next, rev + 1));
      return done;
    };
    const newestOf = (index: string, most: number): readonly string[] =>
      [...this.#index(index)]
        .toSorted(([a, x], [z, y]) => y - x || (a < z ? 1 : -1))
        .slice(0, most)
        .map(([id]) => id);
    return {
      load,
      later: (held) => laterBy(held, process.clock.monotonic()),
      commit: async (moves, extras = {}) => await committed(moves, extras),
      refused: async (id, whose, entry) =>
        await go(() => {
          const known = this.#refused.has(`${id} ${whose}`);
          this.#refused.add(`${id} ${whose}`);
          if (!known) this.audit.push(entry);
        }),
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
      said: async (id, what) =>
        await go(() => {
          const said = this.#saidOf(id);
          return !said.has(what) && said.add(what).has(what);
        }),
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
      // no call of its own: it would draw chance, and every history would become another one
      openOf: async (user) =>
        await Promise.resolve([...this.open].filter((id) => this.record(id)?.actor.user === user)),
      loadMany: async (ids) => {
        const readAt = process.clock.monotonic();
        return await go(() =>
          ids.flatMap((id) => {
            const found = read(id, readAt);
            return found.record === null ? [] : [found];
          }),
        );
      },
      ids: async (index, most) => await go(() => newestOf(index.replace(`${this.#prefix}:`, ""), most)),
      about: async (target: ChangeTarget, most) => await go(() => newestOf(targetIndex(target), most)),
      starterOf: async (cluster, jobId) => await go(() => this.#launches.get(`${cluster}:${jobId}`) ?? null),
      now: async () => await go(() => this.#now()),
    };
  }

  #putBack(id: string, found: number, kept: Kept): void {
    if ((this.records.get(id)?.rev ?? 0) !== found) return;
    this.records.set(id, kept);
    const record = parseRecord(kept.json);
    this.lines.moved([record], [], this.claims);
    if (isOpen(record)) this.open.add(id);
    else this.open.delete(id);
    const { held, free } = claimsOf(record);
    for (const name of held) if (!this.claims.has(name)) this.claims.set(name, id);
    for (const name of free) if (this.claims.get(name) === id) this.claims.delete(name);
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

/** As src/requests/record/store.ts and src/queue/queues.ts tell of what may have been written. */
export async function written<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isTimeout = error instanceof Error && error.message.includes("timed out");
    throw new RedisUnavailable("redis did not answer", { maybeTaken: isTimeout, cause: error });
  }
}
