/** The value below which the share `q` of them is. */
export const at = (of: readonly number[], q: number): number =>
  of.toSorted((a, b) => a - b)[Math.min(of.length - 1, Math.floor(of.length * q))] ?? 0;

export const median = (of: readonly number[]): number => at(of, 0.5);

/** A measured figure, as bench/RESULTS.md shows it. */
export interface Result {
  what: string;
  figure: string;
  /** What it is beside, where something else was measured in turn. */
  beside?: string;
}
/** Everything that this run has shown. */
export const results: Result[] = [];

function times(ms: readonly number[], base: readonly number[]): string {
  const ratio = median(ms) / median(base);
  return `${ratio.toFixed(ratio < 1 ? 2 : 1)}x`;
}

/** Median and 95th percentile, ms; `base`: what the median is a multiple of. */
export function line(what: string, ms: readonly number[], base?: readonly number[]): void {
  results.push({
    what,
    figure: `${median(ms).toFixed(1)} ms (p95 ${at(ms, 0.95).toFixed(1)})`,
    ...(base !== undefined && { beside: times(ms, base) }),
  });
  const ratio = base === undefined ? "" : times(ms, base);
  const cells = [median(ms), at(ms, 0.95)].map((n) => n.toFixed(1).padStart(8));
  console.log(`${what.padEnd(56)}${cells.join("")}  ${ratio}`);
}

const shown = (n: number): string => n.toFixed(n < 1 ? 2 : 1);

/** What was measured of one build, by what it is. */
export type Figures = { readonly [what: string]: number };

/** The medians of each build, side by side where there are two. */
export function table(heading: string, mine: readonly Figures[], theirs: readonly Figures[]): void {
  const compared = theirs.length > 0;
  console.log(`\n${heading.padEnd(56)}${compared ? "     this  against  ratio" : "     this"}`);
  for (const what of Object.keys(mine[0] ?? {})) {
    const [a, b] = [mine, theirs].map((all) => median(all.map((one) => one[what] ?? Number.NaN)));
    if (a === undefined || b === undefined) continue;
    results.push({ what, figure: shown(a) });
    const cells = (compared ? [a, b] : [a]).map((n) => shown(n).padStart(9));
    console.log(`${what.padEnd(56)}${cells.join("")}${compared ? `  ${(a / b).toFixed(2)}x` : ""}`);
  }
}
