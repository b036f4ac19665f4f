import type { JobGraph, PlannedVertex } from "../../model/planned-job.ts";
import { type Fate, type HeldState, unnumbered } from "./state-fit.ts";

/** An edge into a vertex: the first operator of the vertex that it comes from, and Flink's ship strategy. */
export interface Input {
  from: string;
  ship: string;
}

/** One difference of a vertex that is in both graphs. */
export type VertexChange =
  | { is: "parallelism"; from: number; to: number }
  /** Operators of its chain. */
  | { is: "operators"; gone: readonly string[]; added: readonly string[] }
  | { is: "inputs"; gone: readonly Input[]; added: readonly Input[] };

/** A vertex in both graphs, by its id. */
export interface KeptVertex {
  id: string;
  before: PlannedVertex;
  after: PlannedVertex;
  /** Empty: it is the same. */
  changes: readonly VertexChange[];
}

/** What a program would make of a job's graph. Vertices are the same if they have the same id; `kept` is in the job's order. */
export interface GraphDiff {
  added: readonly PlannedVertex[];
  removed: readonly PlannedVertex[];
  kept: readonly KeptVertex[];
  /** From the id of a removed vertex to the added one that begins with an operator of the same name. */
  successors: ReadonlyMap<string, string>;
}

/** The same, with what becomes of the state. */
export interface Compared {
  diff: GraphDiff;
  /** By the id of each vertex with state; null: the sizes are not known. */
  fates: ReadonlyMap<string, { state: HeldState; fate: Fate }> | null;
}

/** Compares two graphs. A parallelism that Flink decides only at the start is no change. */
export function diffOf(before: JobGraph, after: JobGraph): GraphDiff {
  const ids = new Set(before.vertices.map((v) => v.id));
  const next = new Map(after.vertices.map((v) => [v.id, v]));
  const added = after.vertices.filter((v) => !ids.has(v.id));
  const removed = before.vertices.filter((v) => !next.has(v.id));
  const successors = successorsOf(removed, added);
  const [arrived, arrives] = [arrivals(before), arrivals(after)];
  const kept = before.vertices.flatMap((was): readonly KeptVertex[] => {
    const { id } = was;
    const is = next.get(id);
    if (is === undefined) return [];
    const changes = [
      ...parallelism(was, is),
      ...operators(was, is),
      ...inputs(arrived.get(id) ?? [], arrives.get(id) ?? [], successors),
    ];
    return [{ id, before: was, after: is, changes }];
  });
  return { added, removed, kept, successors };
}

/** The vertices in both graphs that are not the same. */
export const changedIn = ({ kept }: GraphDiff): readonly KeptVertex[] =>
  kept.filter((v) => v.changes.length > 0);

export const isEmptyDiff = (diff: GraphDiff): boolean =>
  diff.added.length === 0 && diff.removed.length === 0 && changedIn(diff).length === 0;

/** The name of the first operator, which gives the vertex its id. */
export const headOf = (v: PlannedVertex): string => v.operators[0] ?? v.id.slice(0, 8);

/** The same, to be compared. */
const headName = (v: PlannedVertex): string => unnumbered(headOf(v));

function successorsOf(
  removed: readonly PlannedVertex[],
  added: readonly PlannedVertex[],
): ReadonlyMap<string, string> {
  const free = new Map<string, string[]>();
  for (const v of added) free.set(headName(v), [...(free.get(headName(v)) ?? []), v.id]);
  const found = new Map<string, string>();
  for (const v of removed) {
    const next = free.get(headName(v))?.shift();
    if (next !== undefined) found.set(v.id, next);
  }
  return found;
}

const parallelism = (was: PlannedVertex, is: PlannedVertex): readonly VertexChange[] =>
  was.parallelism > 0 && is.parallelism > 0 && was.parallelism !== is.parallelism
    ? [{ is: "parallelism", from: was.parallelism, to: is.parallelism }]
    : [];

function operators(was: PlannedVertex, is: PlannedVertex): readonly VertexChange[] {
  const gone = without(was.operators, is.operators, unnumbered);
  const added = without(is.operators, was.operators, unnumbered);
  return gone.length + added.length === 0 ? [] : [{ is: "operators", gone, added }];
}

interface Arrival extends Input {
  id: string;
}

/** The edges into each vertex. */
function arrivals(graph: JobGraph): ReadonlyMap<string, readonly Arrival[]> {
  const names = new Map(graph.vertices.map((v) => [v.id, headName(v)]));
  const found = new Map<string, Arrival[]>();
  for (const { from: id, to, ship } of graph.edges) {
    const into = found.get(to) ?? [];
    into.push({ id, from: names.get(id) ?? id.slice(0, 8), ship });
    found.set(to, into);
  }
  return found;
}

/** An input from a removed vertex and one from its successor are the same input. */
function inputs(
  before: readonly Arrival[],
  after: readonly Arrival[],
  successors: ReadonlyMap<string, string>,
): readonly VertexChange[] {
  const key = ({ id, ship }: Arrival): string => `${successors.get(id) ?? id} ${ship}`;
  const input = ({ from, ship }: Arrival): Input => ({ from, ship });
  const gone = without(before, after, key).map(input);
  const added = without(after, before, key).map(input);
  return gone.length + added.length === 0 ? [] : [{ is: "inputs", gone, added }];
}

/** What is in `some` more often than in `others`. */
function without<T>(some: readonly T[], others: readonly T[], key: (one: T) => string): readonly T[] {
  const left = others.map(key);
  return some.filter((one) => {
    const at = left.indexOf(key(one));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
