import type { CheckpointHistory, GraphVertex, JobGraph, PastCheckpoint } from "../../src/model/picture.ts";

export const AT = Date.UTC(2026, 10, 23, 7, 2);

export const aGraphVertex = (id: string, over: Partial<GraphVertex> = {}): GraphVertex => ({
  id,
  name: id,
  parallelism: 2,
  tasksRunning: 2,
  tasksFinished: 0,
  tasksTotal: 2,
  busy: 0.1,
  backPressured: 0,
  ...over,
});

/** Source, Enrich and Sink in a row; Enrich holds Source up. */
export const aGraph = (over: Partial<JobGraph> = {}): JobGraph => ({
  kind: "job graph",
  job: "orders",
  state: "RUNNING",
  at: AT,
  vertices: [
    aGraphVertex("Source", { backPressured: 0.9 }),
    aGraphVertex("Enrich", { busy: 1, parallelism: 4 }),
    aGraphVertex("Sink"),
  ],
  edges: [
    { from: "Source", to: "Enrich", ship: "HASH" },
    { from: "Enrich", to: "Sink", ship: "FORWARD" },
  ],
  slows: ["Enrich"],
  ...over,
});

/** `layers` layers of `wide`, each fed by two of the layer before. */
export function aLargeGraph(layers: number, wide: number): JobGraph {
  const id = (layer: number, i: number): string => `v${layer * wide + (i % wide)}`;
  const all = Array.from({ length: layers * wide }, (_, n) => ({ layer: Math.floor(n / wide), i: n % wide }));
  return aGraph({
    slows: [],
    vertices: all.map(({ layer, i }) => aGraphVertex(id(layer, i), { parallelism: 1 + i })),
    edges: all
      .filter(({ layer }) => layer > 0)
      .flatMap(({ layer, i }) =>
        [i, i + 1].map((from) => ({ from: id(layer - 1, from), to: id(layer, i), ship: "HASH" })),
      ),
  });
}

export const aPastCheckpoint = (id: number, over: Partial<PastCheckpoint> = {}): PastCheckpoint => ({
  id,
  kind: "completed",
  isSavepoint: false,
  triggeredAt: AT + id * 60_000,
  durationMs: 350,
  sizeBytes: 2_000_000,
  ...over,
});

export const aHistory = (...checkpoints: readonly PastCheckpoint[]): CheckpointHistory => ({
  kind: "checkpoint history",
  job: "orders",
  at: AT,
  checkpoints,
});
