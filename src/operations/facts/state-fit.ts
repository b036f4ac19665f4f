import type { JobGraph, PlannedVertex, StateSizes } from "../../model/planned-job.ts";

/** A job whose state a program is to take. */
export interface Before {
  /** As Flink lists its vertices. */
  vertices: readonly { id: string; name: string; maxParallelism: number }[];
  /** Its graph in the form of a plan, whose names may be longer. */
  graph: JobGraph;
  sizes: StateSizes;
}

/** State that belongs to one vertex. */
export interface HeldState {
  id: string;
  name: string;
  bytes: number;
}

/** Whether a program takes the state of a job, as far as the first operators of chains tell. */
export type StateFit =
  | {
      is: "fits";
      /** All vertices with state, the largest first. */
      held: readonly HeldState[];
      /** Those whose state goes to a first operator of another name: without uids that may be another operator. */
      renamed: readonly { state: HeldState; to: string }[];
      /** Names of vertices that start empty, because the job had none of that id. */
      fresh: readonly string[];
    }
  | { is: "would drop"; dropped: readonly HeldState[]; fresh: readonly string[] }
  /** State would go to a vertex whose parallelism is above the maximum that belongs to the state. */
  | { is: "too wide"; name: string; parallelism: number; most: number }
  /** State of operators that are inside a chain of the program, where they have no ids. */
  | { is: "moved"; moved: readonly HeldState[] };

/** Compares the graph that a program would have with a job and the size of its state. */
export function fitOf(graph: JobGraph, before: Before): StateFit {
  const planned = new Map(graph.vertices.map((v) => [v.id, v]));
  const heads = new Map(before.graph.vertices.map((v) => [v.id, v.operators[0]]));
  const known = new Map(before.vertices.map((v) => [v.id, v]));
  const held = [...before.sizes]
    .filter(([, bytes]) => bytes > 0)
    .map(([id, bytes]) => ({ id, name: known.get(id)?.name ?? id.slice(0, 8), bytes }))
    .toSorted((a, z) => z.bytes - a.bytes);
  const fresh = graph.vertices.filter((v) => !known.has(v.id)).map(nameOf);
  const gone = held.filter((s) => !planned.has(s.id));
  const dropped = gone.filter((s) => !isInAChain(heads.get(s.id), graph));
  if (dropped.length > 0) return { is: "would drop", dropped, fresh };
  if (gone.length > 0) return { is: "moved", moved: gone };
  const renamed: { state: HeldState; to: string }[] = [];
  for (const state of held) {
    const to = planned.get(state.id);
    if (to === undefined) continue;
    const most = known.get(state.id)?.maxParallelism ?? 0;
    if (most > 0 && to.parallelism > most)
      return { is: "too wide", name: state.name, parallelism: to.parallelism, most };
    const head = heads.get(state.id);
    if (head !== undefined && !isSameName(head, to.operators[0])) renamed.push({ state, to: nameOf(to) });
  }
  return { is: "fits", held, renamed, fresh };
}

const nameOf = (v: PlannedVertex): string => v.operators.join(" -> ");

/** Flink SQL numbers its operators anew each time it plans: `[31]:Join(...)`, `sink[40]: Writer`. */
const unnumbered = (name: string): string => name.replaceAll(/^\[\d+\]:|\[\d+\](?=: |$)/gu, "");

const isSameName = (a: string, z: string | undefined): boolean =>
  z !== undefined && unnumbered(a) === unnumbered(z);

/** Whether an operator of this name is inside a chain of the program, so that its state may well be taken. */
const isInAChain = (name: string | undefined, graph: JobGraph): boolean =>
  name !== undefined && graph.vertices.some((v) => v.operators.slice(1).some((o) => isSameName(name, o)));
