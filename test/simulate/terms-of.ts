import type { Terms } from "./agreement.ts";

/** What a step has sent may arrive after its end, while Redis hangs. */
const LATE_MS = 15_000;

/** What each of our processes decides by, and what each step under way was begun with. */
export class TermsOf {
  /** What a process begins with. */
  newest: Terms;
  /** By process: since when it had which, ms. */
  readonly #taken = new Map<string, { terms: Terms; at: number }[]>();
  /** `process request` -> the terms of each step, and until when something of it may arrive, ms. */
  readonly #steps = new Map<string, { terms: Terms; until: number }[]>();
  readonly #now: () => number;

  constructor(first: Terms, now: () => number) {
    this.newest = first;
    this.#now = now;
  }

  readonly take = (process: string, terms: Terms): void => {
    const taken = this.#taken.get(process) ?? [];
    this.#taken.set(process, [...taken, { terms, at: this.#now() }]);
  };

  readonly current = (process: string): Terms => this.#taken.get(process)?.at(-1)?.terms ?? this.newest;

  /** All that a process has had since then, ms. */
  since(process: string, at: number): readonly Terms[] {
    const taken = this.#taken.get(process) ?? [];
    const first = taken.findLastIndex((one) => one.at <= at);
    return taken.slice(Math.max(0, first)).map((one) => one.terms);
  }

  /** A step begins: it keeps to what the process has now. Returns what ends it. */
  begin(process: string, requestId: string): () => void {
    const key = `${process} ${requestId}`;
    const known = this.#steps.get(key) ?? [];
    const step = { terms: this.current(process), until: Infinity };
    this.#steps.set(key, [...known.filter((s) => s.until > this.#now()), step]);
    return () => {
      step.until = this.#now() + LATE_MS;
    };
  }

  /** What the steps were begun with that may be behind a commit which arrives now. */
  deciding(process: string, requestId: string): readonly Terms[] {
    const steps = this.#steps.get(`${process} ${requestId}`) ?? [];
    return steps.filter((s) => s.until > this.#now()).map((s) => s.terms);
  }
}
