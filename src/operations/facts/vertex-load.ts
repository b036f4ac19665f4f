import type { Aggregate, Edge, Vertex } from "../../model/flink-jobs.ts";
import type { FlinkReads } from "../../model/flink-reads.ts";
import { VERTEX_METRICS } from "../wording/metric.ts";
import { optional } from "./optional.ts";

/** How busy a vertex is. Shares of time in ms per second, the highest of its subtasks; null: not known (yet). */
export interface VertexLoad {
  id: string;
  name: string;
  parallelism: number;
  maxParallelism: number;
  busy: number | null;
  backPressured: number | null;
  idle: number | null;
  /** Per second, over the subtasks. */
  recordsIn: Aggregate | null;
  recordsOut: Aggregate | null;
}

/** The web page of Flink calls it low from here on: 10 % of the time. */
export const PRESSED_MS = 100;
/** And high from here on. */
export const PRESSED_HARD_MS = 500;

/** Said where `vertexLoads` has nothing of vertices that are there. */
export const LOAD_NOT_READ = "Load of the vertices: not read in time.";

/**
 * Of the first `most` vertices. None at all where they could not all be read in time: of half of them nothing can be
 * concluded, and no answer waits for this.
 */
export async function vertexLoads(
  flink: FlinkReads,
  jobId: string,
  vertices: readonly Vertex[],
  most: number,
): Promise<readonly VertexLoad[]> {
  const asked = vertices.slice(0, most);
  const ids = asked.map((v) => v.id);
  const all = await optional(flink.decoration.vertexMetricsOf(jobId, ids, VERTEX_METRICS));
  if (all === null) return [];
  return asked.map((v) => {
    const got = all.get(v.id) ?? {};
    return {
      id: v.id,
      name: v.name,
      parallelism: v.parallelism,
      maxParallelism: v.maxParallelism,
      busy: got["busyTimeMsPerSecond"]?.max ?? null,
      backPressured: got["backPressuredTimeMsPerSecond"]?.max ?? null,
      idle: got["idleTimeMsPerSecond"]?.max ?? null,
      recordsIn: got["numRecordsInPerSecond"] ?? null,
      recordsOut: got["numRecordsOutPerSecond"] ?? null,
    };
  });
}

export const isPressed = (v: VertexLoad): boolean => (v.backPressured ?? 0) >= PRESSED_MS;

/**
 * The vertex that holds the job back: it is not pressed itself, but something before it is. Of several the busiest; null
 * where nothing is pressed.
 */
export function bottleneck(loads: readonly VertexLoad[], edges: readonly Edge[]): VertexLoad | null {
  const pressed = new Set(loads.filter(isPressed).map((v) => v.id));
  if (pressed.size === 0) return null;
  const after = new Set(edges.filter((e) => pressed.has(e.from)).map((e) => e.to));
  const free = loads.filter((v) => !pressed.has(v.id));
  const behind = free.filter((v) => after.has(v.id));
  const [busiest] = [behind, free, loads]
    .find((some) => some.length > 0)
    ?.toSorted((a, z) => (z.busy ?? 0) - (a.busy ?? 0)) ?? [null];
  return busiest ?? null;
}
