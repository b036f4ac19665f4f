import { type Edge, type Checkpoints, isTerminal, type JobDetail } from "../../model/flink-jobs.ts";
import { vertexNames } from "../wording/names.ts";
import type { CheckpointHistory, JobGraph } from "../../model/picture.ts";
import { bottleneck, type VertexLoad } from "./vertex-load.ts";

/** Characters that fit into a box. */
const LONGEST_NAME = 54;

/**
 * The picture of a job that has not ended; null if it has ended or has no vertices. Vertices without a known load are
 * drawn without it.
 */
export function jobGraph(
  job: JobDetail,
  { loads, edges }: { loads: readonly VertexLoad[]; edges: readonly Edge[] },
  at: number,
): JobGraph | null {
  if (isTerminal(job.state) || job.vertices.length === 0) return null;
  const names = vertexNames(job.vertices, LONGEST_NAME);
  const loadOf = new Map(loads.map((l) => [l.id, l]));
  const vertices = job.vertices.map((v) => ({
    id: v.id,
    name: names.get(v.id) ?? v.name,
    parallelism: v.parallelism,
    tasksRunning: v.tasksRunning,
    tasksFinished: v.tasksFinished,
    tasksTotal: v.tasksTotal,
    busy: share(loadOf.get(v.id)?.busy ?? null),
    backPressured: share(loadOf.get(v.id)?.backPressured ?? null),
  }));
  const slow = bottleneck(loads, edges);
  const slows = slow === null ? [] : [slow.id];
  return { kind: "job graph", job: job.name, state: job.state, at, vertices, edges, slows };
}

/** Converts Flink's ms per second into a share. */
const share = (ms: number | null): number | null =>
  ms === null ? null : Math.min(1, Math.max(0, ms / 1000));

/** The picture of the checkpoints in `/checkpoints`; null if there are none. */
export function checkpointHistory(
  job: string,
  checkpoints: Checkpoints,
  at: number,
): CheckpointHistory | null {
  if (checkpoints.history.length === 0) return null;
  return {
    kind: "checkpoint history",
    job,
    at,
    checkpoints: checkpoints.history
      .map((c) => ({
        id: c.id,
        kind: c.kind,
        isSavepoint: c.isSavepoint,
        triggeredAt: c.triggeredAt,
        durationMs: c.endToEndMs,
        sizeBytes: c.sizeBytes,
      }))
      .toSorted((a, b) => a.id - b.id),
  };
}
