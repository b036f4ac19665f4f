import type { SimulatedCluster } from "./cluster.ts";
import { programVertices, type SimulatedJar } from "./jar.ts";
import { type SimulatedJob, slotsOf } from "./job.ts";
import { run } from "./life.ts";
import { noSnapshot, notMapped } from "./run-words.ts";

export interface RunWish {
  jar: SimulatedJar;
  jobId: string;
  name: string;
  /** Null: the program's own. */
  parallelism: number | null;
  from: string | null;
  allowNonRestoredState: boolean;
  /** False: its checkpoints go with it. */
  retained: boolean;
}

/** Accepted before it is known whether it can be: INITIALIZING, then CREATED until it gets slots, or FAILED at once. */
export function start(cluster: SimulatedCluster, wish: RunWish): void {
  const { jar, jobId, name, parallelism, from } = wish;
  const { retained = true } = jar.jobs;
  const vertices = programVertices(jar, parallelism);
  const job = cluster.add({
    ...jar.jobs,
    retained: retained && wish.retained,
    jobId,
    name,
    vertices,
    state: "INITIALIZING",
  });
  cluster.record({ do: "run", jobId, jar: jar.id, from, parallelism });
  // known here at once, so that it survives the JobManager; shown when it would show
  job.failure = restore(cluster, job, wish);
  cluster.laterFor(job, cluster.timings.restartMs, () => {
    if (job.state !== "INITIALIZING") return;
    cluster.move(job, job.failure === null ? "CREATED" : "FAILED");
    if (job.failure === null) waitForSlots(cluster, job);
  });
}

/** Null: it has what it was to start from; else why not. */
function restore(cluster: SimulatedCluster, job: SimulatedJob, wish: RunWish): string | null {
  if (wish.from === null) return null;
  const found = cluster.snapshots.find(wish.from);
  if (found === null) return noSnapshot(wish.from);
  const { fits, readsState } = wish.jar;
  if (!fits && !wish.allowNonRestoredState) return notMapped(wish.from);
  // a path to start from counts as a savepoint, even if it is a checkpoint
  job.restored = { id: found.id, at: cluster.now(), path: found.path, isSavepoint: true, times: 1 };
  if (fits) job.counted = found.counted;
  // Flink reads it in the tasks: by then the job is RUNNING
  job.unreadable = fits && !readsState;
  return null;
}

/** The adaptive scheduler makes do with fewer than it wants, after waiting for more; the default one does not. */
function waitForSlots(cluster: SimulatedCluster, job: SimulatedJob): void {
  const { restartMs, stabilizationMs } = cluster.timings;
  const wanted = slotsOf(job);
  cluster.laterFor(job, wanted <= cluster.slotsFree() ? restartMs : stabilizationMs, () => {
    if (job.state !== "CREATED") return;
    const slots = cluster.slotsFree();
    if (slots < (job.scheduler === "Adaptive" ? 1 : wanted)) {
      waitForSlots(cluster, job);
      return;
    }
    for (const v of job.vertices) v.parallelism = Math.min(v.parallelism, slots);
    run(cluster, job);
  });
}
