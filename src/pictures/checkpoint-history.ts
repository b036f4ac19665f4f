import type { CheckpointHistory, PastCheckpoint } from "../model/picture.ts";
import { widthOf } from "./font.ts";
import { colours, MARGIN, sheet, sizes } from "./theme.ts";
import { el, fitted, type Svg, text, type Point } from "./svg.ts";
import { clocks, shortBytes, shortDuration } from "./words.ts";

/** Flink keeps ten checkpoints by default; a cluster may be configured to keep more. */
export const MOST_SHOWN = 12;
const WIDTH = 560;
const CHART = 142;
const HEAD = 70;
const BETWEEN = 46;
const FOOT = 36;
/** Space below the last numbers if there is no legend, px. */
const EDGE = 10;
const INNER = WIDTH - 2 * MARGIN;
const STEP_MOST = 64;
/** Height of the highest bar, px; the space above it holds its figure and mark. */
const ROOM = CHART - 56;
/** Height of a checkpoint without a figure, px. */
const ABSENT = 16;

interface Chart {
  title: string;
  of(c: PastCheckpoint): number | null;
  words(n: number): string;
  fill: string;
}
const CHARTS: readonly Chart[] = [
  { title: "Duration", of: (c) => c.durationMs, words: shortDuration, fill: colours.pressed },
  // a failed checkpoint's size covers only the state that arrived
  {
    title: "Size",
    of: (c) => (c.kind === "completed" ? c.sizeBytes : null),
    words: shortBytes,
    fill: colours.good,
  },
];

/** Two rows of bars, the oldest checkpoint on the left. */
export function drawCheckpointHistory(history: CheckpointHistory): {
  svg: Svg;
  width: number;
  height: number;
} {
  const shown = history.checkpoints.slice(-MOST_SHOWN);
  const below = legend(0, shown);
  // without a completed checkpoint there is no size to compare
  const charts = CHARTS.filter((chart) => shown.some((c) => chart.of(c) !== null));
  const height = HEAD + charts.length * (CHART + BETWEEN) + (below.length === 0 ? EDGE : FOOT);
  return {
    width: WIDTH,
    height,
    svg: sheet(
      WIDTH,
      height,
      ...head(history, shown),
      ...charts.map((chart, i) => drawChart(chart, shown, HEAD + 22 + i * (CHART + BETWEEN))),
      ...(below.length === 0 ? [] : legend(height - 20, shown)),
    ),
  };
}

function head(history: CheckpointHistory, shown: readonly PastCheckpoint[]): readonly Svg[] {
  const failed = shown.filter((c) => c.kind === "failed").length;
  const first = shown[0];
  const last = shown.at(-1);
  const words =
    first === undefined || last === undefined
      ? "none yet"
      : `${shown.length === 1 ? "1 checkpoint" : `${shown.length} checkpoints`} · ${failed === 0 ? "none failed" : `${failed} failed`} · ${clocks(first.triggeredAt, last.triggeredAt)}`;
  return [
    text(
      { x: MARGIN, y: 34 },
      fitted(`Checkpoints of ${history.job}`, INNER, { size: sizes.title, weight: "bold" }),
      {
        size: sizes.title,
        weight: "bold",
        fill: colours.ink,
      },
    ),
    text({ x: MARGIN, y: 57 }, fitted(words, INNER, { size: sizes.text }), {
      size: sizes.text,
      fill: colours.soft,
    }),
  ];
}

function drawChart(chart: Chart, shown: readonly PastCheckpoint[], top: number): Svg {
  const step = Math.min(STEP_MOST, INNER / Math.max(1, shown.length));
  const wide = step * 0.62;
  const bottom = top + CHART;
  // a failed checkpoint lasts until its timeout, so it must not set the scale
  const most = Math.max(1, ...shown.map((c) => (c.kind === "completed" ? (chart.of(c) ?? 0) : 0)));
  const bars = shown.flatMap((c, i) => {
    const middle = MARGIN + (i + 0.5) * step;
    const value = c.kind === "in_progress" ? null : chart.of(c);
    const high = value === null ? ABSENT : Math.max(3, Math.min(1, value / most) * ROOM);
    const area = { x: middle - wide / 2, y: bottom - high, wide, high };
    return [
      value === null && c.kind === "failed" ? failedWord(middle, bottom) : bar(c, area, chart.fill),
      ...(value === null ? [] : [label(chart.words(value), { x: middle, y: bottom - high - 7 }, step)]),
      ...marks(c, middle, bottom - high - 31),
      text({ x: middle, y: bottom + 17 }, fitted(String(c.id), step - 2, { size: sizes.small }), {
        size: sizes.small,
        fill: colours.soft,
        anchor: "middle",
      }),
    ];
  });
  return el(
    "g",
    {},
    text({ x: MARGIN, y: top + 2 }, chart.title, { size: sizes.name, weight: "bold", fill: colours.ink }),
    ...bars,
    el("path", {
      d: `M${MARGIN} ${bottom} H${MARGIN + INNER}`,
      stroke: colours.line,
      "stroke-width": 1.5,
    }),
  );
}

/** The marks above a bar's figure: failed, savepoint. */
function marks(c: PastCheckpoint, x: number, y: number): readonly Svg[] {
  const all = [...(c.kind === "failed" ? [cross] : []), ...(c.isSavepoint ? [diamond] : [])];
  return all.map((mark, i) => mark(x + (i - (all.length - 1) / 2) * 22, y));
}

interface Area {
  x: number;
  y: number;
  wide: number;
  high: number;
}
function bar(c: PastCheckpoint, { x, y, wide, high }: Area, fill: string): Svg {
  return el("rect", {
    x,
    y,
    width: wide,
    height: high,
    fill: c.kind === "failed" ? "url(#bad)" : c.kind === "in_progress" ? colours.paper : fill,
    stroke: c.kind === "failed" ? colours.bad : fill,
    "stroke-width": 2,
    "stroke-dasharray": c.kind === "in_progress" ? "4 3" : undefined,
  });
}

const failedWord = (x: number, bottom: number): Svg =>
  text({ x, y: bottom - 6 }, "failed", { size: sizes.small, fill: colours.bad, anchor: "middle" });

/** Left out if it would overlap its neighbor. */
function label(words: string, { x, y }: Point, step: number): Svg {
  const size = [sizes.small, 12, 11].find((s) => widthOf(words, s) <= step - 1);
  return size === undefined ? "" : text({ x, y }, words, { size, fill: colours.ink, anchor: "middle" });
}

const cross = (x: number, y: number): Svg =>
  el("path", {
    d: `M${x - 6} ${y - 6} L${x + 6} ${y + 6} M${x + 6} ${y - 6} L${x - 6} ${y + 6}`,
    stroke: colours.bad,
    "stroke-width": 3.5,
    "stroke-linecap": "round",
  });

const diamond = (x: number, y: number): Svg =>
  el("path", {
    d: `M${x} ${y - 8} L${x + 8} ${y} L${x} ${y + 8} L${x - 8} ${y} Z`,
    fill: colours.paper,
    stroke: colours.ink,
    "stroke-width": 2,
  });

function legend(y: number, shown: readonly PastCheckpoint[]): readonly Svg[] {
  const entries: [string, (x: number) => Svg][] = [];
  if (shown.some((c) => c.kind === "failed")) entries.push(["failed", (x) => cross(x + 8, y - 5)]);
  if (shown.some((c) => c.isSavepoint)) entries.push(["savepoint", (x) => diamond(x + 8, y - 5)]);
  if (shown.some((c) => c.kind === "in_progress"))
    entries.push([
      "in progress",
      (x) =>
        el("rect", {
          x: x + 1,
          y: y - 12,
          width: 14,
          height: 14,
          fill: "none",
          stroke: colours.pressed,
          "stroke-width": 2,
          "stroke-dasharray": "4 3",
        }),
    ]);
  let x = MARGIN;
  return entries.flatMap(([words, mark]) => {
    const at = x;
    x += 24 + widthOf(words, sizes.small) + 20;
    return [mark(at), text({ x: at + 24, y }, words, { size: sizes.small, fill: colours.soft })];
  });
}
