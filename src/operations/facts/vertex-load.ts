import type { Aggregate, Edge, Vertex } from "../../model/flink-jobs.ts";
import type { FlinkReads } from "../../model/flink-reads.ts";
import { VERTEX_METRICS } from "../wording/metric.ts";
import { optional } from "../../model/optional.ts";

/** The load of a vertex. Shares of time in ms per second, the highest of its subtasks; null: not known, or not yet. */
export interface VertexLoad {
  id: string;
  name: string;
  parallelism: number;
  maxParallelism: number;
  busy: number | null;
  backPressured: number | null;
  idle: number | null;
  /** Records per second, over the subtasks. */
  recordsIn: Aggregate | null;
  recordsOut: Aggregate | null;
}

/** From here on, the Flink UI calls back-pressure low: 10 % of the time. */
export const PRESSED_MS = 100;
/** From here on, the Flink UI calls it high. */
const PRESSED_HARD_MS = 500;

/** Shown if `vertexLoads` returns nothing for a job that has vertices. */
export const LOAD_NOT_READ = "The load of the vertices was not read in time.";

/**
 * The load of the first `most` vertices. Empty if not all of them could be read in time: half of them would support
 * no conclusion, and answers do not wait for this.
 */
export async function vertexLoads(
  flink: FlinkReads,
  jobId: string,
  { vertices, most }: { vertices: readonly Vertex[]; most: number },
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
export const isPressedHard = (v: VertexLoad): boolean => (v.backPressured ?? 0) >= PRESSED_HARD_MS;

/**
 * The vertex that slows the job down: one that is not back-pressured itself, downstream of one that is. If there is
 * none, any vertex without back-pressure counts, and then any vertex. The busiest is chosen; null: nothing is
 * back-pressured.
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
