import type { ChangeTarget } from "../../src/model/target.ts";
import type { CardRef } from "../../src/requests/ports/conversation.ts";
import { isOpen, type RequestRecord } from "../../src/requests/record/record.ts";
import { LocksInMemory } from "./locks.ts";
import { Lines } from "../simulate/lines.ts";
import type { Cards, Committed, Extras, Held, Transition, Store } from "../../src/requests/record/store.ts";

/** Records in memory, with the same fences as the script in Redis. `clock` is moved by the test. */
export class FakeStore implements Store {
  clock = 1_000_000;
  /** The monotonic clock of the process that reads. */
  monotonic = (): number => performance.now();
  readonly audit: string[] = [];
  /** Whose records are not ours. */
  readonly forged = new Set<string>();
  readonly claims = new Map<string, string>();
  readonly locks = new LocksInMemory(
    () => this.clock,
    (entry) => void this.audit.push(entry),
  );
  readonly lines = new Lines();
  /** Who says which piece of which request, and until when. */
  readonly sayers = new Map<string, { by: string; until: number }>();
  readonly #records = new Map<string, { record: RequestRecord; rev: number }>();
  readonly #cards = new Map<string, Map<string, number>>();
  readonly #said = new Map<string, Set<string>>();

  /** Puts a record there as if it had been committed before. */
  put(record: RequestRecord, rev = 1): void {
    this.#records.set(record.id, { record, rev });
  }

  get(id: string): RequestRecord {
    const found = this.#records.get(id);
    if (found === undefined) throw new Error(`no record ${id}`);
    return found.record;
  }

  load(id: string): ReturnType<Store["load"]> {
    const readAtMonotonicMs = this.monotonic();
    const found = this.forged.has(id) ? undefined : this.#records.get(id);
    return Promise.resolve(
      found === undefined
        ? { record: null, forged: this.forged.has(id), now: this.clock, readAtMonotonicMs }
        : { ...found, now: this.clock, readAtMonotonicMs },
    );
  }

  later(held: Held): Held {
    return { ...held, now: this.clock, readAtMonotonicMs: this.monotonic() };
  }

  commit(moves: readonly Transition[], extras: Extras = {}): Promise<Committed> {
    const owner = moves[0]?.next.id ?? "";
    const stale = moves.find((m) => (this.#records.get(m.next.id)?.rev ?? 0) !== m.rev);
    if (stale !== undefined) return Promise.resolve({ is: "fenced", requestId: stale.next.id });
    if (extras.before !== undefined && this.clock > extras.before) return Promise.resolve({ is: "late" });
    const lock = extras.unlocked === undefined ? undefined : this.locks.met(extras.unlocked);
    if (lock !== undefined) return Promise.resolve({ is: "locked", lock });
    for (const name of extras.take ?? []) {
      const holder = this.claims.get(name);
      if (holder !== undefined && holder !== owner && extras.from?.includes(holder) !== true)
        return Promise.resolve({ is: "busy", holder });
    }
    for (const { next, rev } of moves) this.#records.set(next.id, { record: next, rev: rev + 1 });
    for (const name of extras.take ?? []) this.claims.set(name, owner);
    for (const name of extras.release ?? []) if (this.claims.get(name) === owner) this.claims.delete(name);
    this.audit.push(...(extras.audit ?? []));
    const moved = moves.map((m) => m.next);
    const recall = this.lines.moved(moved, extras.release ?? [], this.claims);
    const entry = extras.audit?.length ? { entry: `${this.audit.length}-0` } : {};
    return Promise.resolve({ is: "ok", now: this.clock, recall, ...entry });
  }

  cards(id: string): Promise<Cards> {
    const messages = [...(this.#cards.get(id) ?? [])].map(([key, drawn]) => {
      const [channel = "", ts = ""] = key.split(" ");
      return { card: { channel, ts }, drawn };
    });
    return Promise.resolve({ messages, said: new Set(this.#said.get(id)) });
  }

  async cardsToPost(id: string): Promise<Cards & { tried: boolean }> {
    const before = await this.cards(id);
    await this.said(id, "posting");
    return { ...before, tried: before.said.has("posting") };
  }

  drawn(id: string, card: CardRef, rev: number): Promise<void> {
    const cards = this.#cards.get(id) ?? new Map<string, number>();
    this.#cards.set(id, cards.set(`${card.channel} ${card.ts}`, rev));
    return Promise.resolve();
  }

  async addCard(id: string, card: CardRef): Promise<void> {
    if (!(this.#cards.get(id)?.has(`${card.channel} ${card.ts}`) ?? false)) await this.drawn(id, card, 0);
  }

  said(id: string, what: string): Promise<boolean> {
    const isNew = this.#said.get(id)?.has(what) !== true;
    this.#said.set(id, (this.#said.get(id) ?? new Set()).add(what));
    return Promise.resolve(isNew);
  }

  unsaid(id: string, what: string): Promise<void> {
    this.#said.get(id)?.delete(what);
    return Promise.resolve();
  }

  saying(id: string, what: string, { by, forMs }: { by: string; forMs: number }): Promise<boolean> {
    const key = `${id} ${what}`;
    const holder = this.sayers.get(key);
    if (holder !== undefined && holder.by !== by && holder.until > this.clock) return Promise.resolve(false);
    this.sayers.set(key, { by, until: this.clock + forMs });
    return Promise.resolve(true);
  }

  openIds(): Promise<readonly string[]> {
    return Promise.resolve(
      [...this.#records.values()].filter((r) => isOpen(r.record)).map((r) => r.record.id),
    );
  }

  openOf(user: string): Promise<readonly string[]> {
    const open = [...this.#records.values()].map((r) => r.record).filter(isOpen);
    const theirs = open.filter((record) => record.actor.user === user);
    return Promise.resolve(theirs.toSorted((a, z) => a.askedAt - z.askedAt).map(({ id }) => id));
  }

  async loadMany(ids: readonly string[]): Promise<readonly Held[]> {
    const all = await Promise.all(ids.map(async (id) => await this.load(id)));
    return all.filter((held) => held.record !== null);
  }

  async refused(_id: string, _whose: string, entry: string): Promise<void> {
    await this.commit([], { audit: [entry] });
  }

  starterOf(_cluster: string, jobId: string): Promise<string | null> {
    const starter = [...this.#records.values()].find((r) => r.record.launched.some((l) => l.jobId === jobId));
    return Promise.resolve(starter?.record.id ?? null);
  }

  ids(): Promise<readonly string[]> {
    return Promise.resolve([...this.#records.keys()]);
  }

  about(target: ChangeTarget): Promise<readonly string[]> {
    const same = [...this.#records.values()].filter(
      ({ record: r }) => JSON.stringify(r.target) === JSON.stringify(target),
    );
    return Promise.resolve(same.map(({ record }) => record.id));
  }

  now(): Promise<number> {
    return Promise.resolve(this.clock);
  }
}
