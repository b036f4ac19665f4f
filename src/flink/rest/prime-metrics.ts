import type { Clock } from "../../platform/clock.ts";

/** Metrics refreshed within this time are not refreshed again, because one operation reads many, ms. */
const FRESH_MS = 2000;
/** How long Flink needs to fetch metrics from its TaskManagers, ms. */
const FETCH_MS = 500;

/** Waits until metrics are current. `ask` is any request for metrics; its answer is ignored. */
export type PrimeMetrics = (ask: () => Promise<unknown>) => Promise<void>;

/**
 * Flink fetches metrics when someone reads them, but answers with the previous values: after a quiet night with those
 * of last evening, for a new job with none (flink-runtime, MetricFetcherImpl.update). So the first read is discarded,
 * and Flink gets a moment to fetch. Create one per lane, so that no lane waits for another.
 */
export function createPrimeMetrics(clock: Pick<Clock, "monotonic" | "sleep">): PrimeMetrics {
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
    // the real read reports the error
    return;
  }
  await clock.sleep(FETCH_MS);
}
