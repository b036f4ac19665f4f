import type { History } from "./history.ts";
import type { Violation } from "./verdict.ts";

type Counts = Readonly<Record<string, number>>;

/** What many histories came to. Plain data: it goes from process to process. */
export interface Totals {
  histories: number;
  steps: number;
  /** Requests that were accepted. */
  asked: number;
  /** How often each kind of fault happened. */
  faults: Counts;
  outcomes: Counts;
  /** Phase -> fault -> how often one met the other. */
  met: Readonly<Record<string, Counts>>;
  bad: readonly { seed: number; violations: readonly Violation[] }[];
}

export const noTotals = (): Totals => ({
  histories: 0,
  steps: 0,
  asked: 0,
  faults: {},
  outcomes: {},
  met: {},
  bad: [],
});

export const withHistory = (totals: Totals, told: History): Totals =>
  withTotals(totals, {
    histories: 1,
    steps: told.steps,
    asked: told.asked,
    faults: Object.fromEntries(told.faults),
    outcomes: Object.fromEntries(told.outcomes),
    met: Object.fromEntries([...told.met].map(([phase, row]) => [phase, Object.fromEntries(row)])),
    bad: told.violations.length === 0 ? [] : [{ seed: told.seed, violations: told.violations.slice(0, 5) }],
  });

export function withTotals(a: Totals, b: Totals): Totals {
  const phases = new Set([...Object.keys(a.met), ...Object.keys(b.met)]);
  return {
    histories: a.histories + b.histories,
    steps: a.steps + b.steps,
    asked: a.asked + b.asked,
    faults: sum(a.faults, b.faults),
    outcomes: sum(a.outcomes, b.outcomes),
    met: Object.fromEntries([...phases].map((phase) => [phase, sum(a.met[phase] ?? {}, b.met[phase] ?? {})])),
    bad: [...a.bad, ...b.bad],
  };
}

function sum(a: Counts, b: Counts): Counts {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...keys].map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)]));
}
