import { cpus } from "node:os";
import { type BrokenCase, LONGEST_MS, type Told } from "./play.ts";

const HEAD = ["subject", "cases", "understood", "refused", "ways", "cases/s", "slowest, ms of CPU", "broken"];

/** How many of the ways are listed. */
const MOST_WAYS = 12;

const percent = (part: number, of: number): string => `${((100 * part) / Math.max(1, of)).toFixed(0)} %`;

const row = (t: Told): string[] => [
  t.subject,
  String(t.cases),
  percent(t.understood, t.cases),
  percent(t.refused, t.cases),
  String(Object.keys(t.kinds).length),
  ((1000 * t.cases) / Math.max(1, t.ms)).toFixed(0),
  `${t.slowest.ms.toFixed(0)} (case ${t.slowest.n})`,
  String(t.bad),
];

/** One row per subject, in columns. */
export function table(all: readonly Told[]): string {
  const rows = [HEAD, ...all.map(row)];
  const widths = HEAD.map((_, i) => Math.max(...rows.map((cells) => cells[i]?.length ?? 0)));
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** By which ways the cases went, the most frequent first. */
export const ways = (all: readonly Told[]): string =>
  all
    .map(({ subject, kinds }) => {
      const sorted = Object.entries(kinds).toSorted(([, a], [, z]) => z - a);
      const lines = sorted.slice(0, MOST_WAYS).map(([kind, n]) => `  ${String(n).padStart(7)}  ${kind}`);
      const more = sorted.length - lines.length;
      return [subject, ...lines, ...(more > 0 ? [`           ${more} more ways`] : [])].join("\n");
    })
    .join("\n");

/** How to play a case again. */
export const again = (subject: string, seed: number, n: number): string =>
  `npm run fuzz -- --seed ${seed} --only ${subject} --case ${n}`;

/** Longer inputs are shown whole when their case is played again. */
const LONGEST = 2_000;

export function brokenWords({ subject, n, words, input }: BrokenCase, seed: number): string {
  const shown = input.length <= LONGEST ? input : `${input.slice(0, LONGEST)}… (${input.length} characters)`;
  return `\n${subject}, case ${n}: ${words}\n  ${again(subject, seed, n)}\n  ${shown}`;
}

export interface Run {
  seed: number;
  seconds: number;
  processes: number;
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** The table with what it was measured on, for bench/fuzz.md. */
export function markdown(all: readonly Told[], { seed, seconds, processes }: Run): string {
  const cases = all.reduce((sum, t) => sum + t.cases, 0);
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? "unknown"}`;
  return [
    "# Fuzzing",
    "",
    `\`npm run fuzz -- --cases ${cases} --seed ${seed}\`: ${seconds.toFixed(0)} s in ${processes} processes, Node ${process.version}, ${process.platform}, ${machine}.`,
    "",
    `A case is broken if the answer to it does not hold, or if it takes more than ${LONGEST_MS} ms of CPU.`,
    '"Ways" counts the different ways in which the product took or refused an input.',
    "",
    line(HEAD),
    line(HEAD.map(() => "---")),
    ...all.map((t) => line(row(t))),
    "",
  ].join("\n");
}
