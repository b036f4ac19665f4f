import type { Clock } from "../../src/platform/clock.ts";
import type { RateLimiter, Turn } from "../../src/slack/rate-limits.ts";

/**
 * What the script of src/redis/rate-limiter.ts computes, without Redis: one number per key, `due`, when the next turn
 * would be due at the steady rate (null: never taken), ms.
 */
export function gcra(due: number | null, now: number, turn: Turn): { due: number; waitMs: number } {
  const from = Math.max(due ?? now, now);
  const earliest = from - turn.toleranceMs;
  return now < earliest
    ? { due: from, waitMs: Math.ceil(earliest - now) }
    : { due: from + turn.periodMs, waitMs: 0 };
}

/** A limiter as all processes share it in Redis, by this clock. */
export function sharedLimiter(clock: Pick<Clock, "monotonic">): RateLimiter {
  const dues = new Map<string, number>();
  return {
    take: (key, turn) => {
      const { due, waitMs } = gcra(dues.get(key) ?? null, clock.monotonic(), turn);
      if (waitMs === 0) dues.set(key, due);
      return Promise.resolve({ waitMs });
    },
  };
}
