import { type Clock, systemClock } from "../platform/clock.ts";
import type { Lane } from "../requests/ports/conversation.ts";

/** A rate: one call per `periodMs`, and `burst` at once after a rest. */
export interface Rate {
  periodMs: number;
  burst: number;
}

/** One turn: the steady interval between turns, and how early this one may be. */
export interface Turn {
  periodMs: number;
  toleranceMs: number;
}

/**
 * Shared by all processes, because Slack counts per workspace. `waitMs` 0: taken. Above 0: not taken, try again after
 * it. Keys: see `rates`.
 */
export interface RateLimiter {
  take(key: string, turn: Turn): Promise<{ waitMs: number }>;
}

/**
 * Slack's limits, slightly reduced. Tiers: https://docs.slack.dev/apis/web-api/rate-limits
 */
export const rates = {
  /** chat.postMessage: about one per second and channel. */
  post: { periodMs: 1000, burst: 3 },
  /** chat.update: tier 3, 50 a minute for all cards of the workspace, including the burst. */
  update: { periodMs: 1500, burst: 10 },
  /** chat.postEphemeral: tier 4, 100 a minute. */
  ephemeral: { periodMs: 750, burst: 20 },
  /** conversations.info: tier 3, 50 a minute. */
  channel: { periodMs: 1500, burst: 10 },
  /** users.info: tier 4, 100 a minute. */
  account: { periodMs: 750, burst: 20 },
  /**
   * usergroups.users.list and usergroups.list: tier 2, 20 a minute. The burst is in addition, as Slack permits, because
   * people decide in bursts and each decision needs several calls.
   */
  group: { periodMs: 3000, burst: 10 },
} as const satisfies Record<string, Rate>;

/**
 * The share of the burst that a lane may use. The rest is reserved for more urgent lanes: with posts, a brake never
 * waits longer than a second.
 */
const shares: Readonly<Record<Lane, number>> = {
  brake: 1,
  approval: 0.9,
  answer: 0.8,
  outcome: 0.7,
  mention: 0.6,
  milestone: 0.25,
  followUp: 0,
};

/** A turn for this lane. */
export const turnOf = (rate: Rate, lane: Lane): Turn => ({
  periodMs: rate.periodMs,
  toleranceMs: Math.round((rate.burst - 1) * rate.periodMs * shares[lane]),
});

/** Turns that are remembered per key; no burst is larger. */
const MOST_TURNS = 50;
const MOST_KEYS = 1000;

/**
 * The limits of one process, for the time without Redis: a turn is free if fewer than the burst were taken in the time
 * that Slack gives a burst. Only Redis spreads turns evenly, in redis/rate-limiter.ts.
 */
export function createLocalLimiter(clock: Pick<Clock, "monotonic"> = systemClock): RateLimiter {
  const taken = new Map<string, readonly number[]>();
  return {
    take: (key, { periodMs, toleranceMs }) => {
      const now = clock.monotonic();
      const burst = 1 + Math.floor(toleranceMs / periodMs);
      const before = taken.get(key) ?? [];
      const recent = before.filter((at) => at > now - burst * periodMs);
      const first = recent.at(-burst);
      if (first !== undefined) return Promise.resolve({ waitMs: first + burst * periodMs - now });
      taken.set(key, [...before, now].slice(-MOST_TURNS));
      if (taken.size > MOST_KEYS) taken.delete([...taken.keys()][0] ?? key);
      return Promise.resolve({ waitMs: 0 });
    },
  };
}

/** Uses `shared` while it answers, else this process's own limits: even the report of a Redis outage needs limits. */
export function withLocalLimiter(shared: RateLimiter, local = createLocalLimiter()): RateLimiter {
  return {
    take: async (key, turn) => await shared.take(key, turn).catch(async () => await local.take(key, turn)),
  };
}
