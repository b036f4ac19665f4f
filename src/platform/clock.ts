import { setTimeout as sleep } from "node:timers/promises";

/** Time as this process has it. Everything that waits or measures is given one; tests and the simulator give another. */
export interface Clock {
  /** ms since the epoch by this machine's clock. Not comparable with Redis's or Flink's: another machine may be minutes off. */
  now(): number;
  /** ms that only grow, from any beginning: for durations, leases and pauses. */
  monotonic(): number;
  /** Resolves after `ms`, or as soon as `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after `ms` and returns what calls it off. */
  after(ms: number, call: () => void): () => void;
  /** Calls back every `ms` and returns what ends it. */
  every(ms: number, call: () => void): () => void;
  /** Aborts after `ms`, for what only takes a signal. */
  timeout(ms: number): AbortSignal;
}

/** The only place that reads the machine's clock or sets a timer. */
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
