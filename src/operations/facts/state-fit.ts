import type { JobGraph, PlannedVertex, SeenVertex, StateSizes } from "../../model/planned-job.ts";

/** A job whose state a program is to take. */
export interface Before {
  /** As Flink lists its vertices. */
  vertices: readonly { id: string; name: string; maxParallelism: number }[];
  /** Its graph in the form of a plan, whose names may be longer. */
  graph: JobGraph;
  sizes: StateSizes;
  /** When the job cache saw these vertices and sizes, ms by Redis's clock; absent: Flink tells them now. */
  seenAt?: number;
}

/** The same as it was last seen. Of the graph only the first operators are known. */
export function beforeFrom({ at, vertices }: { at: number; vertices: readonly SeenVertex[] }): Before {
  const heads = vertices.map(({ id, head }) => ({
    id,
    operators: head === null ? [] : [head],
    parallelism: -1,
  }));
  return {
    vertices,
    graph: { name: "", vertices: heads, edges: [] },
    sizes: new Map(vertices.map(({ id, bytes }) => [id, bytes])),
    seenAt: at,
  };
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

/** What becomes of the state of one vertex. */
export type Fate =
  | { is: "taken" }
  /** It goes to a first operator of another name, which has its id. */
  | { is: "renamed"; to: string }
  | { is: "too wide"; parallelism: number; most: number }
  | { is: "moved" }
  | { is: "dropped" };

/** What becomes of the state of each vertex that holds some, the largest first. */
export function fatesOf(graph: JobGraph, before: Before): readonly { state: HeldState; fate: Fate }[] {
  const planned = new Map(graph.vertices.map((v) => [v.id, v]));
  const heads = new Map(before.graph.vertices.map((v) => [v.id, v.operators[0]]));
  const known = new Map(before.vertices.map((v) => [v.id, v]));
  const fateOf = (id: string): Fate => {
    const to = planned.get(id);
    const head = heads.get(id);
    if (to === undefined) return { is: isInAChain(head, graph) ? "moved" : "dropped" };
    const most = known.get(id)?.maxParallelism ?? 0;
    if (most > 0 && to.parallelism > most) return { is: "too wide", parallelism: to.parallelism, most };
    return head === undefined || isSameName(head, to.operators[0])
      ? { is: "taken" }
      : { is: "renamed", to: nameOf(to) };
  };
  return [...before.sizes]
    .filter(([, bytes]) => bytes > 0)
    .map(([id, bytes]) => ({ id, name: known.get(id)?.name ?? id.slice(0, 8), bytes }))
    .toSorted((a, z) => z.bytes - a.bytes)
    .map((state) => ({ state, fate: fateOf(state.id) }));
}

/** Compares the graph that a program would have with a job and the size of its state. */
export function fitOf(graph: JobGraph, before: Before): StateFit {
  const fates = fatesOf(graph, before);
  const known = new Set(before.vertices.map((v) => v.id));
  const fresh = graph.vertices.filter((v) => !known.has(v.id)).map(nameOf);
  const those = (is: Fate["is"]): readonly HeldState[] =>
    fates.filter(({ fate }) => fate.is === is).map(({ state }) => state);
  const dropped = those("dropped");
  if (dropped.length > 0) return { is: "would drop", dropped, fresh };
  const moved = those("moved");
  if (moved.length > 0) return { is: "moved", moved };
  const renamed: { state: HeldState; to: string }[] = [];
  for (const { state, fate } of fates) {
    if (fate.is === "too wide") return { ...fate, name: state.name };
    if (fate.is === "renamed") renamed.push({ state, to: fate.to });
  }
  return { is: "fits", held: fates.map(({ state }) => state), renamed, fresh };
}

const nameOf = (v: PlannedVertex): string => v.operators.join(" -> ");

/** Flink SQL numbers its operators anew each time it plans: `[31]:Join(...)`, `sink[40]: Writer`. */
export const unnumbered = (name: string): string => name.replaceAll(/^\[\d+\]:|\[\d+\](?=: |$)/gu, "");

const isSameName = (a: string, z: string | undefined): boolean =>
  z !== undefined && unnumbered(a) === unnumbered(z);

/** Whether an operator of this name is inside a chain of the program, so that its state may well be taken. */
const isInAChain = (name: string | undefined, graph: JobGraph): boolean =>
  name !== undefined && graph.vertices.some((v) => v.operators.slice(1).some((o) => isSameName(name, o)));
