import type { Clock } from "../../platform/clock.ts";

/** What was woken this short a time ago is not woken again: one look asks many times. */
const FRESH_MS = 2000;
/** What Flink needs to ask its task managers. */
const FETCH_MS = 500;

/** Waits until metrics are of now. `ask` is any request for metrics; its answer is not looked at. */
export type Fresh = (ask: () => Promise<unknown>) => Promise<void>;

/**
 * Flink fetches metrics when it is asked for them, and answers with those it had before: after a quiet night figures of
 * last evening, and of a new job none (flink-runtime, MetricFetcherImpl.update). So it is asked once for nothing, and given a
 * moment. One of these per lane: none waits for another one's.
 */
export function createFresh(clock: Pick<Clock, "monotonic" | "sleep">): Fresh {
  let woken: { at: number; done: Promise<void> } | null = null;
  return async (ask) => {
    if (woken === null || clock.monotonic() - woken.at > FRESH_MS)
      woken = { at: clock.monotonic(), done: waking(ask, clock) };
    await woken.done;
  };
}

async function waking(ask: () => Promise<unknown>, clock: Pick<Clock, "sleep">): Promise<void> {
  try {
    await ask();
  } catch {
    // whoever asks in earnest hears of it
    return;
  }
  await clock.sleep(FETCH_MS);
}
