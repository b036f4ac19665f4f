import { type Clock, systemClock } from "../../platform/clock.ts";

/** What only changes when a JobManager is started anew. */
const KEPT_MS = 60_000;

/** Where an answer is kept. Several who ask in different ways may share one. */
export interface Keep<T> {
  last: { value: T; until: number } | null;
}

/**
 * Asks once, and keeps the answer for a minute; who asks in the same way meanwhile shares it. Who asks in another way does
 * not wait for that. An error goes to those who wait for it and is not kept.
 */
export function kept<T>(
  ask: () => Promise<T>,
  clock: Pick<Clock, "monotonic"> = systemClock,
  keep: Keep<T> = { last: null },
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
