import { type Lock, scopeName } from "../../src/model/lock.ts";
import type { Locks } from "../../src/requests/record/locks.ts";
import type { Extras } from "../../src/requests/record/store.ts";

/** Ben has locked orders on prod for two hours. */
export const aLock = (over: Partial<Lock> = {}): Lock => ({
  v: 1,
  id: "lock1",
  cluster: "prod",
  job: "orders",
  by: "U0BEN00001",
  reason: "looking for the leak",
  at: 1_000_000,
  until: 1_000_000 + 2 * 3_600_000,
  channel: "C1",
  ...over,
});

/** Locks in memory, with the same rules as the scripts in Redis. */
export class LocksInMemory {
  readonly #standing = new Map<string, Lock>();
  readonly #placed = new Set<string>();
  readonly #now: () => number;
  readonly #audit: (entry: string) => void;

  constructor(now: () => number, audit: (entry: string) => void) {
    this.#now = now;
    this.#audit = audit;
  }

  /** The same as the engine and the bot reach them. */
  reached(): Locks {
    return {
      all: () => Promise.resolve(this.all()),
      place: (lock, how) => Promise.resolve(this.place(lock, how)),
      lift: (lock, entry) => Promise.resolve(this.lift(lock, entry)),
    };
  }

  all(): readonly Lock[] {
    for (const [scope, lock] of this.#standing) if (lock.until <= this.#now()) this.#standing.delete(scope);
    return [...this.#standing.values()];
  }

  /** The lock that a commit meets; undefined: none. */
  met({ scopes, accounts }: NonNullable<Extras["unlocked"]>): Lock | undefined {
    const locks = this.all();
    const named = scopes.flatMap((scope) => locks.filter((lock) => scopeName(lock) === scope));
    return named.find((lock) => !accounts.includes(lock.by));
  }

  place(lock: Lock, { accounts, entry }: Parameters<Locks["place"]>[1]): Awaited<ReturnType<Locks["place"]>> {
    if (this.#placed.has(lock.id)) return { is: "placed before" };
    const scope = scopeName(lock);
    const held = this.all().find((one) => scopeName(one) === scope);
    if (held !== undefined && held.by !== lock.by && !accounts.includes(held.by))
      return { is: "held", lock: held };
    this.#standing.set(scope, lock);
    this.#placed.add(lock.id);
    this.#audit(entry);
    return { is: "placed" };
  }

  lift({ id }: Lock, entry: string): boolean {
    const found = this.all().find((lock) => lock.id === id);
    if (found === undefined) return false;
    this.#standing.delete(scopeName(found));
    this.#audit(entry);
    return true;
  }
}
