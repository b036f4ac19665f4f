import type { SimulatedCluster } from "./cluster.ts";
import { type SimulatedCheckpoint, type SimulatedJob, subtasksOf } from "./job.ts";

/** A savepoint or checkpoint as it is stored on disk. */
export interface Snapshot {
  path: string;
  id: number;
  /** What its job had counted. */
  counted: number;
  /** The job whose last checkpoint this is, kept and deleted with it; null: a savepoint, which is its owner's. */
  checkpointOf: string | null;
}

/** `file:///a`, `file:/a` and `/a` are one place; a savepoint is its directory or the `_metadata` in it. */
const place = (path: string): string =>
  path.replace(/^file:\/{0,2}(?=\/)/u, "").replace(/\/+(?:_metadata)?$/u, "");

/** What can be restored from. It survives every JobManager. */
export class Snapshots {
  readonly #kept = new Map<string, Snapshot>();

  all(): Snapshot[] {
    return [...this.#kept.values()];
  }

  find(path: string): Snapshot | null {
    return this.#kept.get(place(path)) ?? null;
  }

  keep(snapshot: Snapshot): void {
    if (snapshot.checkpointOf !== null) this.deleteCheckpointOf(snapshot.checkpointOf);
    this.#kept.set(place(snapshot.path), snapshot);
  }

  /** False: there is none. */
  delete(path: string): boolean {
    return this.#kept.delete(place(path));
  }

  deleteCheckpointOf(jobId: string): void {
    for (const s of this.all()) if (s.checkpointOf === jobId) this.delete(s.path);
  }
}

/** The entry of a snapshot that has just begun. */
export function begin(
  cluster: SimulatedCluster,
  job: SimulatedJob,
  type: SimulatedCheckpoint["type"],
): SimulatedCheckpoint {
  const entry: SimulatedCheckpoint = {
    id: cluster.nextCheckpointId(),
    status: "in_progress",
    type,
    triggeredAt: cluster.now(),
    endedAt: 0,
    expectedMs: job.snapshotMs ?? cluster.timings.snapshotMs,
    path: null,
    failure: null,
    subtasks: subtasksOf(job),
    discarded: false,
  };
  job.checkpoints.unshift(entry);
  return entry;
}

/** It is written; `path` null: where the checkpoints of its job lie. */
export function complete(
  cluster: SimulatedCluster,
  job: SimulatedJob,
  entry: SimulatedCheckpoint,
  path: string | null = null,
): string {
  const at = path ?? `file:/checkpoints/${job.jobId}/chk-${entry.id}`;
  const isCheckpoint = entry.type === "CHECKPOINT";
  if (isCheckpoint) discardCheckpoints(job);
  entry.status = "completed";
  entry.endedAt = cluster.now();
  entry.path = at;
  job.checkpointCount.completed += 1;
  const checkpointOf = isCheckpoint ? job.jobId : null;
  cluster.snapshots.keep({ path: at, id: entry.id, counted: job.counted, checkpointOf });
  return at;
}

export function decline(
  cluster: SimulatedCluster,
  job: SimulatedJob,
  entry: SimulatedCheckpoint,
  words: string,
): void {
  entry.status = "failed";
  entry.endedAt = cluster.now();
  entry.failure = words;
  job.checkpointCount.failed += 1;
}

/** A job that has finished needs its checkpoint no more; one that was cancelled or failed may want it kept. */
export function tidyUp(cluster: SimulatedCluster, job: SimulatedJob): void {
  if (job.state !== "FINISHED" && job.retained) return;
  cluster.snapshots.deleteCheckpointOf(job.jobId);
  discardCheckpoints(job);
}

function discardCheckpoints(job: SimulatedJob): void {
  for (const c of job.checkpoints)
    if (c.type === "CHECKPOINT" && c.status === "completed") c.discarded = true;
}
