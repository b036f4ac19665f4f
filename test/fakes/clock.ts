import type { Clock } from "../../src/clock.ts";

/** Time that stands still until a test moves it; `sleep` moves it by itself, so that nothing waits. */
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

  after(): () => void {
    return () => undefined;
  }

  every(): () => void {
    return () => undefined;
  }

  timeout(): AbortSignal {
    return new AbortController().signal;
  }
}
