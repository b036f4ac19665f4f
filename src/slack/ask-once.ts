import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import { NotOurTurn, SlackUnavailable } from "../model/errors.ts";
import type { Looked } from "../redis/answers.ts";
import type { Lane } from "../requests/ports/conversation.ts";
import type { Seal } from "../platform/seal.ts";
import { type RateLimiter, type Rate, turnOf } from "./rate-limits.ts";

/** Slack's answers, shared by all processes; src/redis/answers.ts. */
export interface SharedAnswers {
  /** Someone who can write to Redis must not be able to add approvers. */
  readonly seal: Seal;
  look(what: string, want: { notBefore: number; maxAgeMs: number; who: string }): Promise<Looked>;
  keep(what: string, answer: { askedAt: number; value: string; who: string; forMs: number }): Promise<void>;
  letGo(what: string, who: string): Promise<void>;
}

/** A question to Slack. */
export interface Question<T> {
  /** Its name among the shared answers, the same in all processes. */
  what: string;
  key: string;
  rate: Rate;
  /** An older answer is not used, ms. */
  maxAgeMs: number;
  /** How long an answer is kept, ms. */
  keepMs(answer: T): number;
  /** Throws SlackUnavailable, SlackRefused. */
  ask(): Promise<T>;
  /** Reads a stored answer; never null. */
  schema: z.ZodType<T>;
}

/** The caller's requirements for an answer. */
export interface How {
  /** ms by Redis's clock: an answer requested earlier does not count. */
  notBefore?: number | undefined;
  lane: Lane;
  patienceMs: number;
}

export interface AskOnceOptions {
  /** Null: this process alone. */
  answers: SharedAnswers | null;
  limiter: RateLimiter;
  clock: Clock;
}

/** `askedAt` null: Redis did not answer; the value counts for its caller and for callers without `notBefore`. */
type Got<T> = { askedAt: number | null; value: T };

/**
 * Look-ups for an urgent operation may be ahead of the pace by up to this, ms, instead of waiting. Slack allows calls
 * above its tiers, but does not say how many.
 */
const BRAKE_AHEAD_MS = 60_000;
/** How many answers one process remembers without Redis. */
const MOST_OWN = 1000;
const POLL_MS = 25;
const PACE_POLL_MS = 250;

/**
 * Asks Slack each question at most once at a time, within the pace, for all processes. If Redis does not answer, each
 * process asks by itself. Throws NotOurTurn, and the errors of the question.
 */
export function createAskOnce(options: AskOnceOptions): <T>(q: Question<T>, how: How) => Promise<T> {
  const underWay = new Map<string, Promise<Got<unknown>>>();
  const asking: Asking = { ...options, held: new Map(), own: new Map() };

  return async <T>(q: Question<T>, how: How): Promise<T> => {
    const { notBefore = 0 } = how;
    // callers with different wait limits do not wait for each other
    const name = `${q.what} ${q.maxAgeMs} ${how.lane} ${how.patienceMs}`;
    for (let other = underWay.get(name); other !== undefined; other = underWay.get(name)) {
      const got = (await other) as Got<T>;
      if (got.askedAt === null ? notBefore === 0 : got.askedAt >= notBefore) return got.value;
    }
    const call = fetched(asking, q, how).finally(() => underWay.delete(name));
    underWay.set(name, call);
    return (await call).value;
  };
}

interface Asking extends AskOnceOptions {
  /** Until when Slack asked us to wait, by key of the pace and by our own clock. */
  held: Map<string, number>;
  /** Last answers of this process, by its own clock: used only while Redis is down, and never for decisions. */
  own: Map<string, { at: number; value: unknown }>;
}

async function fetched<T>(
  { answers, limiter, clock, held, own }: Asking,
  q: Question<T>,
  { notBefore = 0, lane, patienceMs }: How,
): Promise<Got<T>> {
  const who = randomUUID();
  let [left, from] = [patienceMs, notBefore];
  const heard = (value: T): T => {
    if (own.size >= MOST_OWN) own.clear();
    own.set(q.what, { at: clock.monotonic(), value });
    return value;
  };
  const letGo = async (): Promise<void> => await answers?.letGo(q.what, who).catch(() => undefined);
  for (;;) {
    const seen = await answers
      ?.look(q.what, { notBefore: from, maxAgeMs: q.maxAgeMs, who })
      .catch(() => null);
    if (seen?.is === "known") {
      const value = read(answers?.seal.open(sealedAs(q.what, seen.askedAt), seen.value), q.schema);
      if (value !== null) return { askedAt: seen.askedAt, value: heard(value) };
      // the stored answer is not genuine or not readable, so no stored answer counts
      from = Number.MAX_SAFE_INTEGER;
      continue;
    }
    if (seen?.is === "wait") {
      // not deducted from the patience: it takes no longer than a call of our own
      await clock.sleep(POLL_MS);
      continue;
    }
    const last = seen == null && notBefore === 0 ? own.get(q.what) : undefined;
    if (last !== undefined && clock.monotonic() - last.at <= q.maxAgeMs)
      return { askedAt: null, value: last.value as T };
    const heldMs = (held.get(q.key) ?? 0) - clock.monotonic();
    if (heldMs > 0) {
      await letGo();
      throw new SlackUnavailable("slack asks us to wait", Math.ceil(heldMs));
    }
    const turn = turnOf(q.rate, lane);
    const aheadMs = lane === "brake" ? BRAKE_AHEAD_MS : 0;
    const { waitMs } = await limiter.take(q.key, { ...turn, toleranceMs: turn.toleranceMs + aheadMs });
    if (waitMs > 0) {
      await letGo();
      if (waitMs > left) throw new NotOurTurn(Math.ceil(waitMs));
      const ms = Math.min(waitMs, PACE_POLL_MS);
      left -= ms;
      await clock.sleep(ms);
      continue;
    }
    const value = await q.ask().then(heard, async (error: unknown) => {
      await letGo();
      if (error instanceof SlackUnavailable) held.set(q.key, clock.monotonic() + error.retryAfterMs);
      throw error;
    });
    if (answers === null || seen == null) return { askedAt: null, value };
    const sealed = answers.seal.close(sealedAs(q.what, seen.now), JSON.stringify(value));
    await answers
      .keep(q.what, { askedAt: seen.now, value: sealed, who, forMs: q.keepMs(value) })
      .catch(() => undefined);
    return { askedAt: seen.now, value };
  }
}

function read<T>(json: string | null | undefined, schema: z.ZodType<T>): T | null {
  if (json == null) return null;
  const parsed = schema.safeParse(JSON.parse(json));
  return parsed.success ? parsed.data : null;
}

/** The seal covers the question and its time, so an answer counts only for both. */
const sealedAs = (what: string, askedAt: number) => ({ kind: "answer", id: what, rev: askedAt }) as const;
