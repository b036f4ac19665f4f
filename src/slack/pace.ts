import { type Clock, systemClock } from "../clock.ts";

/** How often a thing may be done: one each `periodMs`, and `burst` at once after a rest. */
export interface Rate {
  periodMs: number;
  burst: number;
}

/**
 * Shared by all workers: Slack counts per workspace. `waitMs` 0: taken. Above 0: not taken, ask again after it.
 * Keys: see `rates`.
 */
export interface Pace {
  take(key: string, rate: Rate): Promise<{ waitMs: number }>;
}

/**
 * Slack's limits, kept a little below. Tiers: https://docs.slack.dev/apis/web-api/rate-limits
 */
export const rates = {
  /** chat.postMessage: about one a second for each channel. */
  post: { periodMs: 1000, burst: 3 },
  /** chat.update: tier 3, 50 a minute for all cards of the workspace, the burst included. */
  update: { periodMs: 1500, burst: 10 },
  /** chat.postEphemeral: tier 4, 100 a minute. */
  ephemeral: { periodMs: 750, burst: 20 },
  /** conversations.info: tier 3, 50 a minute. */
  channel: { periodMs: 1500, burst: 10 },
} as const satisfies Record<string, Rate>;

/**
 * The generic cell rate algorithm: one number per key, the time at which the next one would be due if all had kept
 * to the pace (`due`, ms; null: never taken). Pure, so that a script and a test can share it.
 */
export function gcra(due: number | null, now: number, rate: Rate): { due: number; waitMs: number } {
  const from = Math.max(due ?? now, now);
  const earliest = from - (rate.burst - 1) * rate.periodMs;
  return now < earliest
    ? { due: from, waitMs: Math.ceil(earliest - now) }
    : { due: from + rate.periodMs, waitMs: 0 };
}

/** Keeps the pace of one process alone: for the bot's own ephemerals and for tests. */
export function createLocalPace(clock: Pick<Clock, "monotonic"> = systemClock): Pace {
  const dues = new Map<string, number>();
  return {
    take: (key, rate) => {
      const { due, waitMs } = gcra(dues.get(key) ?? null, clock.monotonic(), rate);
      if (waitMs === 0) dues.set(key, due);
      if (dues.size > 1000) for (const [k, d] of dues) if (d < clock.monotonic()) dues.delete(k);
      return Promise.resolve({ waitMs });
    },
  };
}

/** `shared` while it answers, else a pace of this process alone: even that Redis is gone has to be said. */
export function withLocalPace(shared: Pace, local = createLocalPace()): Pace {
  return {
    take: async (key, rate) => await shared.take(key, rate).catch(async () => await local.take(key, rate)),
  };
}
