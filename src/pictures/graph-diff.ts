import type { GraphDiff } from "../model/picture.ts";
import { DIFF_BOX, type DiffCard, diffCard } from "./diff-box.ts";
import { linksOf, type Row, type RowLink, rowsOf } from "./diff-rows.ts";
import { line, pill } from "./job-graph.ts";
import { el, fitted, type Svg, text } from "./svg.ts";
import { colours, MARGIN, sheet, sizes } from "./theme.ts";
import { clock } from "./words.ts";

const HEAD = 124;
/** Between two rows: an arrow and how it ships. */
const BETWEEN = 46;
/** Between the two graphs. */
const MIDDLE = 30;
/** Edges that pass other boxes run next to them, each in a lane of its own as long as there are lanes. */
const LANE = 10;
const MOST_LANES = 4;

type Side = "before" | "after";

/** A row, and where it is drawn. */
interface PlacedRow {
  row: Row;
  before: DiffCard | null;
  after: DiffCard | null;
  y: number;
  height: number;
}

/** A link that passes boxes, and its lane. */
interface Around {
  link: RowLink;
  lane: number;
}

/** Both graphs from top to bottom, the same vertex at the same height. Deterministic. */
export function drawGraphDiff(diff: GraphDiff): { svg: Svg; width: number; height: number } {
  const rows = place(rowsOf(diff));
  const last = rows.at(-1);
  const height = (last === undefined ? HEAD : last.y + last.height) + MARGIN + 6;
  const sides = (["before", "after"] as const).map((side) => {
    const links = linksOf(
      rows.map(({ row }) => row),
      side,
      diff[side].edges,
    );
    const isAround = (link: RowLink): boolean =>
      rows.slice(link.from + 1, link.to).some((between) => between[side] !== null);
    return { side, straight: links.filter((l) => !isAround(l)), around: inLanes(links.filter(isAround)) };
  });
  const gutter = sides.map(({ around }) => LANE * Math.max(0, ...around.map(({ lane }) => lane + 1)));
  const left = { before: MARGIN + (gutter[0] ?? 0), after: MARGIN + (gutter[0] ?? 0) + DIFF_BOX + MIDDLE };
  const width = left.after + DIFF_BOX + (gutter[1] ?? 0) + MARGIN;
  return {
    width,
    height,
    svg: sheet(
      width,
      height,
      ...head(diff, width),
      ...sides.flatMap(({ side }) => columnTitle(diff, side, left[side])),
      ...rows.map((row) => sameness(row, left)),
      ...sides.flatMap(({ side, straight, around }) => [
        ...straight.map((link) => down(rows, link, left[side] + DIFF_BOX / 2)),
        ...around.map((one) => beside(rows, one, { side, left: left[side] })),
        ...rows.map((row) => row[side]?.at(left[side], row.y, row.height) ?? ""),
        ...straight.map((link) => pill(link.label, { x: left[side] + DIFF_BOX / 2, y: middle(rows, link) })),
      ]),
    ),
  };
}

function place(rows: readonly Row[]): readonly PlacedRow[] {
  let y = HEAD;
  return rows.map((row) => {
    const before = row.before === null ? null : diffCard(row.before);
    const after = row.after === null ? null : diffCard(row.after);
    const height = Math.max(before?.height ?? 0, after?.height ?? 0);
    const placed = { row, before, after, y, height };
    y += height + BETWEEN;
    return placed;
  });
}

/** Links whose rows overlap get different lanes. */
function inLanes(links: readonly RowLink[]): readonly Around[] {
  const ends: number[] = [];
  return links
    .toSorted((a, b) => a.from - b.from || a.to - b.to)
    .map((link) => {
      const free = ends.findIndex((end) => end <= link.from);
      const lane = Math.min(free < 0 ? ends.length : free, MOST_LANES - 1);
      ends[lane] = link.to;
      return { link, lane };
    });
}

const bottom = (row: PlacedRow | undefined): number => (row === undefined ? HEAD : row.y + row.height);
const top = (row: PlacedRow | undefined): number => row?.y ?? HEAD;

/** A straight arrow; where the other graph has a row in between, it passes that height. */
const down = (rows: readonly PlacedRow[], { from, to }: RowLink, x: number): Svg =>
  line([
    { x, y: bottom(rows[from]) },
    { x, y: top(rows[to]) - 2 },
  ]);

const middle = (rows: readonly PlacedRow[], { from, to }: RowLink): number =>
  (bottom(rows[from]) + top(rows[to])) / 2 - 2;

/** An arrow next to the boxes that it passes, on the outer side of the picture. */
function beside(
  rows: readonly PlacedRow[],
  { link, lane }: Around,
  { side, left }: { side: Side; left: number },
): Svg {
  const outwards = side === "before" ? -1 : 1;
  const edge = side === "before" ? left : left + DIFF_BOX;
  const x = edge + outwards * LANE * (lane + 1);
  const turn = outwards * -6;
  const start = bottom(rows[link.from]) - 14 - 7 * lane;
  const end = top(rows[link.to]) + 14 + 7 * lane;
  return el("path", {
    d: `M${edge} ${start} H${x + turn} Q${x} ${start} ${x} ${start + 6} V${end - 6} Q${x} ${end} ${x + turn} ${end} H${edge + outwards * 2}`,
    fill: "none",
    stroke: colours.line,
    "stroke-width": 2,
    "marker-end": "url(#arrow)",
  });
}

/** A dotted line between the two boxes of a vertex that keeps its id. */
function sameness({ row, y, height }: PlacedRow, left: Readonly<Record<Side, number>>): Svg {
  const after = new Set(row.after?.vertices.map((v) => v.id));
  if (!(row.before?.vertices ?? []).some((v) => after.has(v.id))) return "";
  return el("path", {
    d: `M${left.before + DIFF_BOX + 4} ${y + height / 2} H${left.after - 4}`,
    fill: "none",
    stroke: colours.line,
    "stroke-width": 2,
    "stroke-dasharray": "2 4",
  });
}

function head({ job, sum, at }: GraphDiff, width: number): readonly Svg[] {
  const inner = width - 2 * MARGIN;
  return [
    text({ x: MARGIN, y: 34 }, fitted(job, inner, { size: sizes.title, weight: "bold" }), {
      size: sizes.title,
      weight: "bold",
      fill: colours.ink,
    }),
    text({ x: MARGIN, y: 57 }, fitted(`${sum} · ${clock(at)} UTC`, inner, { size: sizes.text }), {
      size: sizes.text,
      fill: colours.soft,
    }),
  ];
}

function columnTitle(diff: GraphDiff, side: Side, x: number): readonly Svg[] {
  const title = side === "before" ? "BEFORE" : "AFTER";
  return [
    text({ x, y: 90 }, title, { size: sizes.small, weight: "bold", fill: colours.soft }),
    text({ x, y: 110 }, fitted(diff[side].title, DIFF_BOX, { size: sizes.text, weight: "bold" }), {
      size: sizes.text,
      weight: "bold",
      fill: colours.ink,
    }),
  ];
}
