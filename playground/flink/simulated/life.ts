import type { SimulatedCluster } from "./cluster.ts";
import { type SimulatedJob, type SimulatedVertex, TERMINAL } from "./job.ts";
import { NOT_READABLE } from "./run-words.ts";
import { begin, complete, decline } from "./snapshots.ts";
import { failureStack } from "./words.ts";

/** `web.exception-history-size` */
const MOST_EXCEPTIONS = 16;

/** A periodic checkpoint, over at once; `failure`: it fails with these words. */
export function checkpoint(
  cluster: SimulatedCluster,
  job: SimulatedJob,
  failure: string | null = null,
): void {
  const entry = begin(cluster, job, "CHECKPOINT");
  entry.expectedMs = 0;
  if (failure === null) complete(cluster, job, entry);
  else decline(cluster, job, entry, failure);
}

/**
 * What really happens to a job that throws: RESTARTING, then RUNNING, or FAILED for good. `vertex`: the name of the one that
 * throws, the first unless another is named.
 */
export function fail(
  cluster: SimulatedCluster,
  job: SimulatedJob,
  {
    message,
    forGood,
    stack,
    vertex = job.vertices[0]?.name ?? "task",
  }: { message: string; forGood: boolean; stack?: string | undefined; vertex?: string | undefined },
): void {
  const task = `${vertex} (1/1) - execution #0`;
  job.exceptions.unshift({ at: cluster.now(), message, task, ...(stack === undefined ? {} : { stack }) });
  job.exceptions.splice(MOST_EXCEPTIONS);
  const words = `${task} switched from RUNNING to FAILED with failure cause:\n${stack ?? failureStack(message)}`;
  cluster.logs.taskManager.add(cluster.now(), ["WARN", "taskmanager.Task"], words.trimEnd());
  if (forGood) {
    job.failure = stack ?? failureStack(message);
    cluster.move(job, "FAILED");
    return;
  }
  job.restarts += 1;
  job.tasksRunning = false;
  cluster.move(job, "RESTARTING");
  cluster.laterFor(job, cluster.timings.restartMs, () => {
    // a cancel may have come first
    if (job.state === "RESTARTING") run(cluster, job);
  });
}

/** RUNNING at once, its tasks later, from its last checkpoint if it has any. */
export function run(cluster: SimulatedCluster, job: SimulatedJob): void {
  restoreLast(cluster, job);
  job.deployed = true;
  cluster.move(job, "RUNNING");
  cluster.laterFor(job, job.tasksAfterMs ?? cluster.timings.restartMs, () => {
    if (job.state !== "RUNNING") return;
    if (job.unreadable) fail(cluster, job, { ...NOT_READABLE, forGood: false, vertex: largestOf(job)?.name });
    else tasksRun(cluster, job);
  });
}

const largestOf = (job: SimulatedJob): SimulatedVertex | undefined =>
  job.vertices.toSorted((a, z) => z.stateBytes - a.stateBytes)[0];

/** All tasks run: the first checkpoint is soon taken, or what is wrong with the job shows. */
export function tasksRun(cluster: SimulatedCluster, job: SimulatedJob): void {
  job.tasksRunning = true;
  const first = job.checkpointCount.completed === 0;
  if (job.checkpointing && (job.fails === null || (job.fails === "after one checkpoint" && first)))
    checkpoint(cluster, job);
  if (job.fails === null) return;
  cluster.laterFor(job, cluster.timings.restartMs, () => {
    if (job.state !== "RUNNING" || !job.tasksRunning) return;
    if (job.fails !== null) fail(cluster, job, { message: "record 1 cannot be counted", forGood: false });
    // repaired meanwhile: the job continues, and its checkpoint completes
    else if (job.checkpointing) checkpoint(cluster, job);
  });
}

/** Savepoints in between are not used for this. */
function restoreLast(cluster: SimulatedCluster, job: SimulatedJob): void {
  const last = job.checkpoints.find((c) => c.status === "completed" && c.type === "CHECKPOINT");
  if (last === undefined || last.path === null) return;
  const times = (job.restored?.times ?? 0) + 1;
  job.restored = { id: last.id, at: cluster.now(), path: last.path, isSavepoint: false, times };
}

/**
 * A new JobManager process: trigger ids and disposals forgotten, checkpoint lists empty, a cancel or stop under way lost,
 * jobs that had ended gone and their ids free, the others back with a new start-time.
 */
export function failOver(cluster: SimulatedCluster, o: { downMs?: number; electionMs?: number }): void {
  cluster.downUntil = cluster.now() + (o.downMs ?? 0);
  cluster.electingUntil = cluster.downUntil + (o.electionMs ?? 0);
  cluster.beginProcess();
  for (const job of cluster.jobs.values()) {
    if (!cluster.options.ha || TERMINAL.has(job.state)) cluster.jobs.delete(job.jobId);
    else recover(cluster, job);
  }
}

function recover(cluster: SimulatedCluster, job: SimulatedJob): void {
  job.startTime = Math.max(cluster.now(), job.startTime + 1);
  job.timestamps = { INITIALIZING: job.startTime };
  job.state = "INITIALIZING";
  job.tasksRunning = false;
  job.stopping = false;
  restoreLast(cluster, job);
  if (job.restored !== null) job.restored.times = 1;
  job.checkpoints = [];
  job.checkpointCount = { completed: 0, failed: 0 };
  const after = Math.max(0, cluster.electingUntil - cluster.now()) + cluster.timings.restartMs;
  cluster.laterFor(job, after, () => {
    if (job.state !== "INITIALIZING") return;
    if (job.failure === null) run(cluster, job);
    else cluster.move(job, "FAILED");
  });
}
