import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import { NotOurTurn, SlackUnavailable } from "../model/errors.ts";
import type { Looked } from "../redis/answers.ts";
import type { Lane } from "../requests/ports/conversation.ts";
import type { Seal } from "../platform/seal.ts";
import { type Pace, type Rate, turnOf } from "./rate-limits.ts";

/** Answers of Slack that all processes share; src/redis/answers.ts. */
export interface SharedAnswers {
  /** Whoever can write to Redis must not be able to make approvers. */
  readonly seal: Seal;
  look(what: string, want: { notBefore: number; maxAgeMs: number; who: string }): Promise<Looked>;
  keep(what: string, answer: { askedAt: number; value: string; who: string; forMs: number }): Promise<void>;
  letGo(what: string, who: string): Promise<void>;
}

/** Something that Slack is asked, for whoever wants to know. */
export interface Question<T> {
  /** Its name among the shared answers: the same for all processes. */
  what: string;
  key: string;
  rate: Rate;
  /** What is older is asked anew, ms. */
  maxAgeMs: number;
  /** How long an answer is kept, ms. */
  keepMs(answer: T): number;
  /** Throws SlackUnavailable, SlackRefused. */
  ask(): Promise<T>;
  /** How a kept answer is read again; never null. */
  schema: z.ZodType<T>;
}

/** How it is wanted. */
export interface How {
  /** ms by Redis's clock: what was asked before then does not count. */
  notBefore?: number | undefined;
  lane: Lane;
  patienceMs: number;
}

export interface AskOnceOptions {
  /** Null: this process alone. */
  answers: SharedAnswers | null;
  pace: Pace;
  clock: Clock;
}

/** `askedAt` null: without Redis; it counts for whoever asked and for those who do not mind when. */
type Got<T> = { askedAt: number | null; value: T };

/**
 * A brake's look-ups are taken in advance of the pace by up to this, rather than wait for it: what Slack allows above its
 * tiers is not known, but that it does.
 */
const BRAKE_AHEAD_MS = 60_000;
/** Things that one process remembers beside Redis. */
const MOST_OWN = 1000;
const POLL_MS = 25;
const PACE_POLL_MS = 250;

/**
 * Asks Slack at most once at a time for each thing, within the pace, whichever process wants to know. Where Redis does not
 * answer each process asks by itself. Throws NotOurTurn, and what the question throws.
 */
export function createAskOnce(options: AskOnceOptions): <T>(q: Question<T>, how: How) => Promise<T> {
  const underWay = new Map<string, Promise<Got<unknown>>>();
  const asking: Asking = { ...options, held: new Map(), own: new Map() };

  return async <T>(q: Question<T>, how: How): Promise<T> => {
    const { notBefore = 0 } = how;
    // those whose waits differ do not wait for each other
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
  /** Until when Slack asked not to be asked, by key of the pace and our own clock. */
  held: Map<string, number>;
  /** What this process heard last, and when by its own clock: for while Redis is away, and never for what decides. */
  own: Map<string, { at: number; value: unknown }>;
}

async function fetched<T>(
  { answers, pace, clock, held, own }: Asking,
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
      // nothing that lies there is new enough
      from = Number.MAX_SAFE_INTEGER;
      continue;
    }
    if (seen?.is === "wait") {
      // no longer than an own call would take
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
    const { waitMs } = await pace.take(q.key, { ...turn, toleranceMs: turn.toleranceMs + aheadMs });
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

/** An answer counts only as it was, for what and when it was. */
const sealedAs = (what: string, askedAt: number) => ({ kind: "answer", id: what, rev: askedAt }) as const;
