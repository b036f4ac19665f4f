import { createRandom, type Random } from "../simulate/random.ts";
import type { Subject } from "./subject.ts";

/** No input may take longer, ms of CPU. */
export const LONGEST_MS = 250;
/** How many broken cases of a subject are told, each with other words; the others are counted. */
const MOST_TOLD = 20;
const alike = ({ words }: BrokenCase): string => words.replaceAll(/\d+/gu, "").slice(0, 100);
const distinct = (all: readonly BrokenCase[]): BrokenCase[] =>
  [...new Map(all.toReversed().map((one) => [alike(one), one])).values()].toReversed().slice(0, MOST_TOLD);
const MOST_KINDS = 400;

/** A case that broke something. */
export interface BrokenCase {
  subject: string;
  n: number;
  words: string;
  input: string;
}

/** What many cases of one subject came to. Plain data: it goes from process to process. */
export interface Told {
  subject: string;
  cases: number;
  understood: number;
  refused: number;
  kinds: Readonly<Record<string, number>>;
  ms: number;
  slowest: { n: number; ms: number };
  /** How many cases broke something; some of them with their words and input. */
  bad: number;
  broken: readonly BrokenCase[];
}

export const nothingTold = (subject: string): Told => ({
  subject,
  cases: 0,
  understood: 0,
  refused: 0,
  kinds: {},
  ms: 0,
  slowest: { n: 0, ms: 0 },
  bad: 0,
  broken: [],
});

export function joined(a: Told, z: Told): Told {
  const kinds = { ...a.kinds };
  for (const [kind, n] of Object.entries(z.kinds)) kinds[kind] = (kinds[kind] ?? 0) + n;
  return {
    subject: a.subject,
    cases: a.cases + z.cases,
    understood: a.understood + z.understood,
    refused: a.refused + z.refused,
    kinds,
    ms: a.ms + z.ms,
    slowest: a.slowest.ms >= z.slowest.ms ? a.slowest : z.slowest,
    bad: a.bad + z.bad,
    broken: distinct([...a.broken, ...z.broken]),
  };
}

/** The chance of one case: the same seed, subject and number give the same input, on every machine. */
export const chanceOf = (seed: number, { name }: Subject, n: number): Random =>
  createRandom(seed).fork(`${name} ${n}`);

/** The input in one line, with what cannot be seen escaped. */
export const shownInput = (input: unknown): string =>
  (JSON.stringify(input) ?? String(input)).replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );

/** Plays `cases` cases from number `from` on. */
export async function play(
  of: Subject,
  { seed, from, cases }: { seed: number; from: number; cases: number },
): Promise<Told> {
  const kinds = new Map<string, number>();
  let broken: readonly BrokenCase[] = [];
  const began = performance.now();
  let [understood, refused, bad, slowest] = [0, 0, 0, { n: from, ms: 0 }];
  for (let n = from; n < from + cases; n += 1) {
    const input = of.make(chanceOf(seed, of, n));
    const cpu = process.cpuUsage();
    let words: string | null = null;
    try {
      const waited = of.judge(input);
      const outcome = waited instanceof Promise ? await waited : waited;
      if (outcome.is === "understood") understood += 1;
      else refused += 1;
      const kind = `${outcome.is}: ${outcome.kind}`;
      if (kinds.has(kind) || kinds.size < MOST_KINDS) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    } catch (error) {
      words = error instanceof Error ? wordsOf(error) : String(error);
    }
    words ??= polluted();
    let ms = since(cpu);
    if (ms > LONGEST_MS && words === null) {
      ms = await again(of, input);
      if (ms > LONGEST_MS) words = `it took ${ms.toFixed(0)} ms of CPU`;
    }
    if (ms > slowest.ms) slowest = { n, ms };
    if (words === null) continue;
    bad += 1;
    broken = distinct([...broken, { subject: of.name, n, words, input: shownInput(input) }]);
  }
  const ms = performance.now() - began;
  return {
    subject: of.name,
    cases,
    understood,
    refused,
    kinds: Object.fromEntries(kinds),
    ms,
    slowest,
    bad,
    broken,
  };
}

const since = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** The compiler and the collector work beside a case, so one that took long is measured twice more. */
async function again(of: Subject, input: unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 2; n += 1) {
    const cpu = process.cpuUsage();
    await of.judge(input);
    least = Math.min(least, since(cpu));
  }
  return least;
}

function wordsOf(error: Error): string {
  const at = (error.stack ?? "").split("\n").filter((line) => /^\s+at /u.test(line));
  const where = at.filter((line) => !/node_modules|node:internal/u.test(line)).slice(0, 4);
  const what = `${error.name}: ${error.message}`.slice(0, 1_000);
  return error.name === "Broken" ? what : [what, ...where.map((line) => line.trim())].join("\n    ");
}

const SHARED: readonly object[] = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const CLEAN = SHARED.map((shared) => new Set(Reflect.ownKeys(shared)));

/** What a case left on objects that everything shares; it is removed, so that later cases are judged by themselves. */
function polluted(): string | null {
  for (const [i, shared] of SHARED.entries()) {
    const keys = Reflect.ownKeys(shared);
    if (keys.length === CLEAN[i]?.size) continue;
    const added = keys.filter((key) => CLEAN[i]?.has(key) !== true);
    for (const key of added) Reflect.deleteProperty(shared, key);
    return `it left ${added.map(String).join(", ")} on what all objects share`;
  }
  return null;
}
