import type { Random } from "./random.ts";
import type { Process, Scheduler } from "./scheduler.ts";

/** What may happen to one exchange, as probabilities. */
export interface Weather {
  /** It never arrives, and nobody says so. */
  lost: number;
  /** It arrives, and the answer does not. */
  unanswered: number;
  /** It takes as long as `slowMs` at most. */
  slow: number;
  slowMs: number;
}

export const CALM: Weather = { lost: 0, unanswered: 0, slow: 0, slowMs: 0 };

/** What the caller is told where no answer came. `reached`: whether it may have arrived. */
export interface NoAnswer {
  refused(): Error;
  timedOut(): Error;
  timeoutMs: number;
}

/** The way from our processes to one server and back. */
export class Wire {
  readonly name: string;
  weather: Weather = CALM;
  /** Nobody listens until then: connections are refused. */
  refusesUntil = 0;
  /** Nobody answers until then: what arrives waits, and then comes in the order in which it was sent. */
  #hangsUntil = 0;
  /** Exchanges that something happened to. */
  readonly counts = new Map<string, number>();
  readonly #scheduler: Scheduler;
  readonly #random: Random;

  constructor(name: string, scheduler: Scheduler, random: Random) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#random = random.fork(name);
  }

  /** Never less than it would anyway: requests that wait already are due at that time. */
  hang(ms: number): void {
    this.#hangsUntil = Math.max(this.#hangsUntil, this.#scheduler.now + ms);
  }

  /** One exchange: `perform` happens at the server in one moment, or not at all. */
  call<T>(from: Process, perform: () => T, no: NoAnswer): Promise<T> {
    const { now } = this.#scheduler;
    return new Promise<T>((resolve, reject) => {
      let over = false;
      const once = (settle: () => void): void => {
        if (over) return;
        over = true;
        noTimeout();
        settle();
      };
      const back = (settle: () => void): void => {
        this.#scheduler.plan(this.#scheduler.now + this.#latency(), from, () => once(settle));
      };
      const noTimeout = this.#scheduler.plan(now + no.timeoutMs, from, () =>
        once(() => reject(no.timedOut())),
      );
      if (this.#happens("lost", this.weather.lost)) return;
      const arrive = (): void => {
        const at = this.#scheduler.now;
        if (at < this.refusesUntil) {
          this.#count("refused");
          back(() => reject(no.refused()));
          return;
        }
        if (at < this.#hangsUntil) {
          this.#count("hung");
          this.#scheduler.plan(this.#hangsUntil, null, arrive);
          return;
        }
        let settle: () => void;
        try {
          const value = perform();
          settle = () => resolve(value);
        } catch (error) {
          settle = () => reject(error instanceof Error ? error : new Error(String(error)));
        }
        if (!this.#happens("unanswered", this.weather.unanswered)) back(settle);
      };
      const slow = this.#happens("slow", this.weather.slow) ? this.#random.whole(0, this.weather.slowMs) : 0;
      this.#scheduler.plan(now + this.#latency() + slow, null, arrive);
    });
  }

  #latency(): number {
    return this.#random.whole(0, 3);
  }

  #happens(what: string, probability: number): boolean {
    const does = probability > 0 && this.#random.happens(probability);
    if (does) this.#count(what);
    return does;
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
