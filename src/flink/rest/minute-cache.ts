import { type Clock, systemClock } from "../../platform/clock.ts";

/** For values that change only when a JobManager restarts, ms. */
const KEPT_MS = 60_000;

/** Storage for an answer. Several readers with different connections may share it. */
export interface MinuteCache<T> {
  last: { value: T; until: number } | null;
}

/**
 * Reads once and keeps the answer for a minute. Concurrent callers of the returned function share one call; another
 * function over the same `keep` does not wait for it. An error goes to the waiting callers and is not kept.
 */
export function cachedForAMinute<T>(
  ask: () => Promise<T>,
  clock: Pick<Clock, "monotonic"> = systemClock,
  keep: MinuteCache<T> = { last: null },
): () => Promise<T> {
  let asking: Promise<T> | null = null;
  const anew = async (): Promise<T> => {
    try {
      const value = await ask();
      keep.last = { value, until: clock.monotonic() + KEPT_MS };
      return value;
    } finally {
      asking = null;
    }
  };
  return async () => {
    if (keep.last !== null && clock.monotonic() < keep.last.until) return keep.last.value;
    asking ??= anew();
    return await asking;
  };
}
