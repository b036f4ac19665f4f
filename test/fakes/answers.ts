import type { Looked } from "../../src/redis/answers.ts";
import type { SharedAnswers } from "../../src/slack/ask-once.ts";
import { aSeal } from "./seal.ts";

/** Shared answers in memory, by a clock of its own; `down` is what Redis throws. The contract is in test/contract/redis. */
export class FakeAnswers implements SharedAnswers {
  now = 1_000_000;
  down: Error | null = null;
  readonly seal = aSeal();
  readonly kept = new Map<string, { at: number; value: string; until?: number }>();
  readonly #asking = new Map<string, { who: string; until: number }>();

  look(what: string, want: { notBefore: number; maxAgeMs: number; who: string }): Promise<Looked> {
    if (this.down !== null) return Promise.reject(this.down);
    const kept = this.kept.get(what);
    const known = kept?.until !== undefined && kept.until < this.now ? undefined : kept;
    const from = Math.max(want.notBefore, this.now - want.maxAgeMs);
    if (known !== undefined && known.at <= this.now && known.at >= from)
      return Promise.resolve({ is: "known", askedAt: known.at, value: known.value });
    const asking = this.#asking.get(what);
    if (asking !== undefined && asking.who !== want.who && asking.until > this.now)
      return Promise.resolve({ is: "wait" });
    this.#asking.set(what, { who: want.who, until: this.now + 2000 });
    return Promise.resolve({ is: "ask", now: this.now });
  }

  keep(what: string, answer: { askedAt: number; value: string; who: string; forMs: number }): Promise<void> {
    if (this.down !== null) return Promise.reject(this.down);
    this.kept.set(what, { at: answer.askedAt, value: answer.value, until: this.now + answer.forMs });
    this.#asking.delete(what);
    return Promise.resolve();
  }

  letGo(what: string): Promise<void> {
    this.#asking.delete(what);
    return Promise.resolve();
  }
}
