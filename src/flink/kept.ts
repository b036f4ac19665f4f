import { type Clock, systemClock } from "../clock.ts";

/** What only changes when a JobManager is started anew. */
const KEPT_MS = 60_000;

/**
 * Asks once, and keeps the answer for a minute; who asks meanwhile shares it. An error goes to those who wait for it and
 * is not kept.
 */
export function kept<T>(
  ask: () => Promise<T>,
  clock: Pick<Clock, "monotonic"> = systemClock,
): () => Promise<T> {
  let last: { answer: Promise<T>; until: number } | null = null;
  return () => {
    if (last !== null && clock.monotonic() < last.until) return last.answer;
    const mine = { answer: ask(), until: clock.monotonic() + KEPT_MS };
    last = mine;
    mine.answer.catch(() => {
      if (last === mine) last = null;
    });
    return mine.answer;
  };
}
