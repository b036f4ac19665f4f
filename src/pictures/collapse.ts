import type { GraphVertex, JobGraph } from "../model/picture.ts";
import { isBusy, sources } from "./pressure.ts";

/** One box of the picture: a vertex, or several vertices joined. */
export interface Box {
  id: string;
  /** With one vertex, the box shows that vertex. */
  vertices: readonly GraphVertex[];
}

export interface Link {
  from: string;
  to: string;
  /** "hash", "hash ×12", "3 ways ×40". */
  label: string;
}

export interface Plan {
  boxes: readonly Box[];
  links: readonly Link[];
  /** The largest number of boxes in one row. */
  beside: number;
}

/** Limits of a phone screen: rows, and boxes per row. */
const MOST_ROWS = 7;
const MOST_BESIDE = 3;
/** Rows of a graph that exceeds the limit: fewer, because it is then an overview. */
const ROWS_OF_OVERVIEW = 5;
/** Vertices that keep a box of their own: the cause of back-pressure, those with missing tasks, the busiest. */
const MOST_KEPT = 2;

/** Reduces the graph to as many boxes as are legible: joins the vertices of a crowded row, and adjacent rows. */
export function collapse(
  graph: Pick<JobGraph, "vertices" | "edges" | "slows">,
  mostBeside = MOST_BESIDE,
): Plan {
  const ranks = rankOf(graph);
  const rows = 1 + Math.max(0, ...ranks.values());
  const kept = new Set(notable(graph).map((v) => v.id));
  const rowOf =
    rows > MOST_ROWS
      ? joinedRows(
          rows,
          [...kept].map((id) => ranks.get(id) ?? 0),
        )
      : null;
  const buckets = Array.from({ length: rows + MOST_KEPT + 1 }, (): GraphVertex[] => []);
  for (const v of graph.vertices) {
    const rank = ranks.get(v.id) ?? 0;
    buckets[rowOf?.[rank] ?? rank]?.push(v);
  }
  const perRow = buckets
    .filter((b) => b.length > 0)
    .map((b, i) => boxesOf({ bucket: b, row: i, kept, ranks, mostBeside }));
  const boxes = perRow.flat();
  return { boxes, links: linksOf(graph, boxes), beside: Math.max(1, ...perRow.map((row) => row.length)) };
}

/**
 * The row of each rank. A rank with a kept vertex is a row of its own: otherwise the vertices before and after it would
 * share one box, and the picture would have a cycle.
 */
function joinedRows(rows: number, kept: readonly number[]): readonly number[] {
  const alone = new Set(kept);
  const room = Math.max(1, ROWS_OF_OVERVIEW - alone.size);
  const joined = rows - alone.size;
  const rowOf: number[] = [];
  let row = 0;
  const join = (ranks: number): void => {
    const parts = Math.max(1, Math.round((room * ranks) / joined));
    for (let i = 0; i < ranks; i += 1) rowOf.push(row + Math.floor((i * parts) / ranks));
    row += parts;
  };
  let waiting = 0;
  for (let rank = 0; rank < rows; rank += 1) {
    if (!alone.has(rank)) waiting += 1;
    else {
      join(waiting);
      rowOf.push(row);
      row += 1;
      waiting = 0;
    }
  }
  join(waiting);
  return rowOf;
}

const alone = (v: GraphVertex): Box => ({ id: v.id, vertices: [v] });

interface Row {
  bucket: readonly GraphVertex[];
  row: number;
  kept: ReadonlySet<string>;
  ranks: ReadonlyMap<string, number>;
  mostBeside: number;
}

function boxesOf({ bucket, row, kept, ranks, mostBeside }: Row): readonly Box[] {
  const oneRank = new Set(bucket.map((v) => ranks.get(v.id))).size === 1;
  if (oneRank && bucket.length <= mostBeside) return bucket.map(alone);
  const rest = bucket.filter((v) => !kept.has(v.id));
  const others: readonly Box[] = rest.length > 1 ? [{ id: `row ${row}`, vertices: rest }] : rest.map(alone);
  return [...bucket.filter((v) => kept.has(v.id)).map(alone), ...others];
}

/** The share of tasks that run or have finished. */
const share = (v: GraphVertex): number => (v.tasksRunning + v.tasksFinished) / v.tasksTotal;

function notable(graph: Pick<JobGraph, "vertices" | "edges" | "slows">): readonly GraphVertex[] {
  const behind = graph.vertices.filter((v) => share(v) < 1).toSorted((a, b) => share(a) - share(b));
  const busiest = graph.vertices.filter(isBusy).toSorted((a, b) => (b.busy ?? 0) - (a.busy ?? 0));
  return [...new Set([...sources(graph), ...behind, ...busiest])].slice(0, MOST_KEPT);
}

/** Each vertex's longest distance from a source. Flink sends no cycles; one would be cut where it closes. */
function rankOf(graph: Pick<JobGraph, "vertices" | "edges">): ReadonlyMap<string, number> {
  const ranks = new Map(graph.vertices.map((v) => [v.id, 0]));
  const next = new Map<string, string[]>();
  const waits = new Map<string, number>();
  for (const { from, to } of graph.edges) {
    if (from === to || !ranks.has(from) || !ranks.has(to)) continue;
    next.set(from, [...(next.get(from) ?? []), to]);
    waits.set(to, (waits.get(to) ?? 0) + 1);
  }
  const ready = graph.vertices.map((v) => v.id).filter((id) => !waits.has(id));
  for (const id of ready) {
    for (const to of next.get(id) ?? []) {
      ranks.set(to, Math.max(ranks.get(to) ?? 0, (ranks.get(id) ?? 0) + 1));
      const left = (waits.get(to) ?? 1) - 1;
      waits.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  return ranks;
}

function linksOf(graph: Pick<JobGraph, "edges">, boxes: readonly Box[]): readonly Link[] {
  const boxOf = new Map(boxes.flatMap((b) => b.vertices.map((v) => [v.id, b.id] as const)));
  const merged = new Map<string, { from: string; to: string; ships: Map<string, number> }>();
  for (const { from: a, to: b, ship } of graph.edges) {
    const from = boxOf.get(a);
    const to = boxOf.get(b);
    if (from === undefined || to === undefined || from === to) continue;
    const key = JSON.stringify([from, to]);
    const link = merged.get(key) ?? { from, to, ships: new Map<string, number>() };
    const word = ship.toLowerCase().replaceAll("_", " ");
    link.ships.set(word, (link.ships.get(word) ?? 0) + 1);
    merged.set(key, link);
  }
  return [...merged.values()].map(({ from, to, ships }) => ({ from, to, label: labelOf(ships) }));
}

function labelOf(ships: ReadonlyMap<string, number>): string {
  const total = [...ships.values()].reduce((sum, n) => sum + n, 0);
  const words = ships.size > 2 ? `${ships.size} ways` : [...ships.keys()].filter((w) => w !== "").join(", ");
  return total > 1 ? `${words} ×${total}`.trim() : words;
}
