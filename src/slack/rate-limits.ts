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

/**
 * The generic cell rate algorithm: one number per key, `due`, the time in ms at which the next turn would be due at the
 * steady pace (null: never taken). Pure, so that a script and a test can share it.
 */
export function gcra(due: number | null, now: number, turn: Turn): { due: number; waitMs: number } {
  const from = Math.max(due ?? now, now);
  const earliest = from - turn.toleranceMs;
  return now < earliest
    ? { due: from, waitMs: Math.ceil(earliest - now) }
    : { due: from + turn.periodMs, waitMs: 0 };
}

/** The pace of one process: used without Redis, and in tests. */
export function createLocalLimiter(clock: Pick<Clock, "monotonic"> = systemClock): RateLimiter {
  const dues = new Map<string, number>();
  return {
    take: (key, turn) => {
      const { due, waitMs } = gcra(dues.get(key) ?? null, clock.monotonic(), turn);
      if (waitMs === 0) dues.set(key, due);
      if (dues.size > 1000) for (const [k, d] of dues) if (d < clock.monotonic()) dues.delete(k);
      return Promise.resolve({ waitMs });
    },
  };
}

/** Uses `shared` while it answers, else this process's own pace: even the report of a Redis outage needs a pace. */
export function withLocalLimiter(shared: RateLimiter, local = createLocalLimiter()): RateLimiter {
  return {
    take: async (key, turn) => await shared.take(key, turn).catch(async () => await local.take(key, turn)),
  };
}
