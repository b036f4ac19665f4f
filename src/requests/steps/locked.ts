import { type Lock, lockWords } from "../../model/lock.ts";
import type { Intent } from "../../model/intent.ts";
import { type Text, t } from "../../model/text.ts";
import { breakGlass } from "../../policy/break-glass.ts";
import { type Decision, decide } from "../../policy/decide.ts";
import { accountsOf } from "../../policy/membership.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Question } from "../../policy/question.ts";
import { again, type Engine, type Next } from "../ports/engine.ts";
import { lockOn, scopesOf } from "../record/locks.ts";
import type { RequestRecord } from "../record/record.ts";
import type { Extras, Held } from "../record/store.ts";
import { transition } from "../record/transitions.ts";

/** How the lock ends before its time. */
export const unlockWords = (lock: Lock): Text =>
  t`${{ person: lock.by }}, or someone who approves changes there, can unlock it.`;

/** What a request with break-glass would have to pass, besides what the rules say; undefined: nothing. */
export const inTheWay = (lock: Lock | undefined, { lacks }: Pick<Intent, "lacks">): Text | undefined =>
  lock === undefined ? lacks?.refusal.refuse : lockWords(lock);

/** What the policy says of a request with break-glass: what is in the way, too, is passed only by those whom it names. */
export function decidePast(policy: Policy, question: Question, inWay: Text | undefined): Decision {
  const ordinary = decide(policy, question);
  return inWay !== undefined && ordinary.is === "allow" ? breakGlass(policy, question, inWay) : ordinary;
}

/** What has to be free of locks by others when a change of this request is saved. Break-glass passes locks. */
export const unlocked = (
  { policy }: Pick<Engine, "policy">,
  { target, actor, breakGlass }: Pick<RequestRecord, "target" | "actor" | "breakGlass">,
): Pick<Extras, "unlocked"> =>
  breakGlass === undefined
    ? { unlocked: { scopes: scopesOf(target), accounts: accountsOf(policy, actor.user) } }
    : {};

/** Holds a ready request back; the card says for whom. Whoever lifts the lock wakes it. */
export async function holdFor(engine: Engine, held: Held, lock: Lock): Promise<Next> {
  const { record } = held;
  const words = t`${lockWords(lock)}. ${unlockWords(lock)}`;
  const next = { ...record, waiting: { holder: null, words, lock: lock.id } };
  const committed = await transition(engine.store, held, { next });
  if (committed.is !== "ok") return again(0);
  return park(engine, { ...held, record: next, rev: held.rev + 1 }, lock);
}

/**
 * Keeps a request parked while the lock that it waits for stands. Null: it waits for none. When the lock is gone, the
 * time is recorded, because everything is decided again by what holds after it.
 */
export async function untilUnlocked(engine: Engine, held: Held): Promise<Next | null> {
  const { record, now } = held;
  const { waiting } = record;
  if (waiting?.lock === undefined) return null;
  const accounts = accountsOf(engine.policy, record.actor.user);
  const lock = lockOn(await engine.known.locks.all(), record.target, accounts);
  if (lock?.id === waiting.lock) return park(engine, held, lock);
  if (lock !== undefined) return await holdFor(engine, held, lock);
  const next = { ...record, waiting: { holder: null, words: waiting.words, freeAt: now } };
  await transition(engine.store, held, { next });
  return again(0);
}

function park(engine: Engine, held: Held, lock: Lock): Next {
  const { startBy } = held.record;
  engine.present(held);
  const next = Math.min(lock.until, startBy ?? lock.until) + 1 - held.now;
  return again(Math.min(engine.timings.parkSlice, Math.max(next, 1)));
}
