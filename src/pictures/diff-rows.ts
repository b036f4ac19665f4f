import type { DiffSide, DiffVertex, GraphDiff, GraphEdge } from "../model/picture.ts";

/** A box on one side: a vertex, or several that are drawn as one. */
export interface DiffBox {
  vertices: readonly DiffVertex[];
}

/** What is drawn at one height; null: that side has nothing there. */
export interface Row {
  before: DiffBox | null;
  after: DiffBox | null;
}

/** An edge from one row to a later one on the same side. */
export interface RowLink {
  from: number;
  to: number;
  /** "hash", "hash, forward" */
  label: string;
}

/** More rows than this are joined where nothing changes. */
const MOST_ROWS = 7;
/** What is still more is joined at the end, so that the picture remains one that a phone shows. */
const MOST_DRAWN = 10;

/** The rows of both graphs in the order of their edges. A vertex in both graphs is one row. */
export function rowsOf(diff: GraphDiff): readonly Row[] {
  const [before, after] = [boxesOf(diff.before), boxesOf(diff.after)];
  const rows = levelled(
    order(diff).map((row) => ({ before: before.get(row) ?? null, after: after.get(row) ?? null })),
  );
  const same = rows.map(isSame);
  const brief = folded(rows, (i) => same[i] === true && same[i - 1] !== false && same[i + 1] !== false);
  const found = [rows, brief].find((way) => way.length <= MOST_ROWS) ?? folded(rows, (i) => same[i] === true);
  if (found.length <= MOST_DRAWN) return found;
  return [...found.slice(0, MOST_DRAWN - 1), joined(found.slice(MOST_DRAWN - 1))];
}

/** The box of each row. */
const boxesOf = ({ vertices }: DiffSide): ReadonlyMap<string, DiffBox> =>
  new Map(vertices.map((v) => [v.row, { vertices: [v] }]));

/** The edges of one side between its boxes, each pair of boxes once. An edge upwards closes a cycle and is left out. */
export function linksOf(
  rows: readonly Row[],
  side: "before" | "after",
  edges: readonly GraphEdge[],
): readonly RowLink[] {
  const rowOf = new Map(rows.flatMap((row, i) => (row[side]?.vertices ?? []).map((v) => [v.id, i] as const)));
  const found = new Map<string, { from: number; to: number; ships: Set<string> }>();
  for (const edge of edges) {
    const from = rowOf.get(edge.from);
    const to = rowOf.get(edge.to);
    if (from === undefined || to === undefined || from >= to) continue;
    const link = found.get(`${from} ${to}`) ?? { from, to, ships: new Set<string>() };
    if (edge.ship !== "") link.ships.add(edge.ship.toLowerCase().replaceAll("_", " "));
    found.set(`${from} ${to}`, link);
  }
  return [...found.values()].map(({ from, to, ships }) => ({
    from,
    to,
    label: ships.size > 2 ? `${ships.size} ways` : [...ships].join(", "),
  }));
}

/** From sources to sinks, and a chain of vertices without a break where possible. */
function order({ before, after }: GraphDiff): readonly string[] {
  const rowOf = new Map([...before.vertices, ...after.vertices].map((v) => [v.id, v.row]));
  const rows = new Set(rowOf.values());
  const next = new Map<string, Set<string>>();
  const waits = new Map<string, number>();
  for (const edge of [...before.edges, ...after.edges]) {
    const from = rowOf.get(edge.from);
    const to = rowOf.get(edge.to);
    if (from === undefined || to === undefined || from === to) continue;
    const its = next.get(from) ?? new Set();
    if (its.has(to)) continue;
    next.set(from, its.add(to));
    waits.set(to, (waits.get(to) ?? 0) + 1);
  }
  const ready = [...rows].filter((row) => !waits.has(row)).toReversed();
  const done = new Set<string>();
  for (let row = ready.pop(); row !== undefined; row = ready.pop()) {
    done.add(row);
    for (const to of next.get(row) ?? []) {
      const left = (waits.get(to) ?? 1) - 1;
      waits.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  // rows of a cycle, which the two graphs may have together although neither has one
  return [...done, ...[...rows].filter((row) => !done.has(row))];
}

/** Next to each other what only one graph has: on each side the order remains. */
function levelled(rows: readonly Row[]): readonly Row[] {
  const out: Row[] = [];
  let removed: Row[] = [];
  let added: Row[] = [];
  const close = (): void => {
    for (let i = 0; i < Math.max(removed.length, added.length); i += 1)
      out.push({ before: removed[i]?.before ?? null, after: added[i]?.after ?? null });
    [removed, added] = [[], []];
  };
  for (const row of rows) {
    if (row.after === null) removed.push(row);
    else if (row.before === null) added.push(row);
    else {
      close();
      out.push(row);
    }
  }
  close();
  return out;
}

const isSame = ({ before, after }: Row): boolean =>
  [...(before?.vertices ?? []), ...(after?.vertices ?? [])].every((v) => v.change === "same");

/** With each run of such rows as one. */
function folded(rows: readonly Row[], isFoldable: (index: number) => boolean): readonly Row[] {
  const out: Row[] = [];
  let run: Row[] = [];
  const close = (): void => {
    if (run.length > 0) out.push(joined(run));
    run = [];
  };
  for (const [i, row] of rows.entries()) {
    if (isFoldable(i)) run.push(row);
    else {
      close();
      out.push(row);
    }
  }
  close();
  return out;
}

function joined(rows: readonly Row[]): Row {
  const side = (one: "before" | "after"): DiffBox | null => {
    const vertices = rows.flatMap((row) => row[one]?.vertices ?? []);
    return vertices.length === 0 ? null : { vertices };
  };
  return { before: side("before"), after: side("after") };
}
