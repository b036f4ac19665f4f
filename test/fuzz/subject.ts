import type { Random } from "../simulate/random.ts";

/** What came of one input. `kind`: by which way, in few words; the table counts them. */
export interface Outcome {
  is: "understood" | "refused";
  kind: string;
}

/** One door for foreign input: what comes in, and what must hold of the answer. */
export interface Subject {
  name: string;
  /** The input of one case: plain data, so that it can be printed. */
  make(random: Random): unknown;
  /** Lets the product read it. Throws where something does not hold; any error counts. */
  judge(input: unknown): Outcome | Promise<Outcome>;
}

interface TypedSubject<I> {
  name: string;
  make(random: Random): I;
  judge(input: I): Outcome | Promise<Outcome>;
}

/** Forgets the type of the input: what `judge` gets is what `make` made. */
export const subject = <I>(typed: TypedSubject<I>): Subject => typed;

/** Something that does not hold of the answer to an input. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** Throws Broken where it does not hold. */
export function must(held: unknown, words: () => string): void {
  if (held !== true) throw new Broken(words());
}

export const understood = (kind: string): Outcome => ({ is: "understood", kind });
/** The kind is the beginning of the words, without what differs from case to case. */
export const refused = (words: string): Outcome => ({
  is: "refused",
  kind: words
    .replaceAll(/U\+[0-9A-F]+|\d+/gu, "n")
    .replaceAll(/\s+/gu, " ")
    .slice(0, 60),
});
