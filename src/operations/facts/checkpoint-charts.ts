import type { Checkpoint } from "../../model/flink-jobs.ts";
import type { Chart } from "../../model/report.ts";

/** As many as Slack's chart has room for. */
const MOST = 20;

/** A unit, and how many of the smallest unit it holds. */
type Unit = readonly [name: string, holds: number];
const TIME: readonly Unit[] = [
  ["ms", 1],
  ["s", 1_000],
  ["min", 60_000],
];
const SIZE: readonly Unit[] = [
  ["B", 1],
  ["kB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
  ["TB", 1e12],
];

/** Duration and size of the last completed checkpoints and savepoints, the oldest first; none of fewer than two. */
export function checkpointCharts(history: readonly Checkpoint[]): readonly Chart[] {
  const completed = history
    .filter((c) => c.kind === "completed" && c.endToEndMs !== null)
    .toSorted((a, z) => a.id - z.id)
    .slice(-MOST);
  if (completed.length < 2) return [];
  const chart = (quantity: string, units: readonly Unit[], of: (c: Checkpoint) => number): Chart => {
    const most = Math.max(...completed.map(of));
    const [unit, holds] = units.findLast(([, size]) => most >= size) ?? ["", 1];
    return {
      title: `${quantity}, ${unit}`,
      quantity,
      of: "Checkpoint",
      bars: completed.map((c) => ({ label: `#${c.id}`, value: Number((of(c) / holds).toPrecision(3)) })),
    };
  };
  const both = [chart("Duration", TIME, (c) => c.endToEndMs ?? 0), chart("Size", SIZE, (c) => c.sizeBytes)];
  // bars of nothing but zeros show nothing
  return both.filter(({ bars }) => bars.some(({ value }) => value > 0));
}
