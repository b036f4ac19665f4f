import { setTimeout as sleep } from "node:timers/promises";

/** Time in this process. All code that waits or measures receives a clock; tests and the simulator pass their own. */
export interface Clock {
  /** ms since the epoch on this machine. Not comparable with Redis's or Flink's clock, which may differ by minutes. */
  now(): number;
  /** Monotonic ms from an arbitrary start: for durations, leases and pauses. */
  monotonic(): number;
  /** Resolves after `ms`, or as soon as `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after `ms`; returns a function that cancels it. */
  after(ms: number, call: () => void): () => void;
  /** Calls back every `ms`; returns a function that stops it. */
  every(ms: number, call: () => void): () => void;
  /** Aborts after `ms`, for APIs that only accept a signal. */
  timeout(ms: number): AbortSignal;
}

/** The only code that reads the machine's clock or sets a timer. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) =>
    await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  every(ms, call) {
    const timer = setInterval(call, ms);
    return () => clearInterval(timer);
  },
  timeout: (ms) => AbortSignal.timeout(ms),
};

/**
 * Calls back when this turn of the event loop has handled everything that had arrived: to send together what belongs to it. How much
 * that is decides nothing, so the simulator need not bend it.
 */
export const atEndOfTurn = (call: () => void): void => void setImmediate(call);
