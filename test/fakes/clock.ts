import type { Clock } from "../../src/platform/clock.ts";

/** Time that moves only when a test moves it; `sleep` moves it by itself, so that nothing waits. */
export class ManualClock implements Clock {
  at: number;

  constructor(at = 0) {
    this.at = at;
  }

  now(): number {
    return this.at;
  }

  monotonic(): number {
    return this.at;
  }

  sleep(ms: number): Promise<void> {
    this.at += ms;
    return Promise.resolve();
  }

  after(_ms: number, _call: () => void): () => void {
    return () => undefined;
  }

  every(_ms: number, _call: () => void): () => void {
    return () => undefined;
  }

  timeout(): AbortSignal {
    return new AbortController().signal;
  }
}

/** Time that moves only when a test moves it, and wakes who sleeps as it passes; for what waits side by side. */
export class SteppedClock extends ManualClock {
  readonly #sleepers = new Set<{ until: number; wake: () => void }>();

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = {
        until: this.at + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener("abort", sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      if (signal?.aborted === true) sleeper.wake();
      signal?.addEventListener("abort", sleeper.wake);
    });
  }

  override after(ms: number, call: () => void): () => void {
    const sleeper = {
      until: this.at + ms,
      wake: () => {
        this.#sleepers.delete(sleeper);
        call();
      },
    };
    this.#sleepers.add(sleeper);
    return () => void this.#sleepers.delete(sleeper);
  }

  /** Lets time pass, from one sleeper to the next. */
  async advance(ms: number): Promise<void> {
    const end = this.at + ms;
    for (;;) {
      await settle();
      const next = [...this.#sleepers].sort((a, b) => a.until - b.until)[0];
      if (next === undefined || next.until > end) break;
      this.at = Math.max(this.at, next.until);
      next.wake();
    }
    this.at = end;
  }
}

/** Everything that can continue without time passing has done so. */
export const settle = async (): Promise<void> => {
  for (let i = 0; i < 50; i += 1) await Promise.resolve();
};
