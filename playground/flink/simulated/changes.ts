import { savepointPath, type SimulatedCluster } from "./cluster.ts";
import { holdsSlots, isExecuting, type SimulatedJob, slotsOf } from "./job.ts";
import { fail as failJob, run } from "./life.ts";
import { begin, complete, decline } from "./snapshots.ts";
import { checkpointException, INITIALIZING, stoppingException } from "./words.ts";

export interface SavepointWish {
  jobId: string;
  triggerId: string;
  directory: string;
  format: string;
  /** Null: a savepoint; else a stop with or without drain. */
  drain: boolean | null;
}

/** Savepoint or stop. The same id again starts nothing, whatever it asks for; an unknown job fails later, not now. */
export function trigger(cluster: SimulatedCluster, wish: SavepointWish): void {
  const { jobId, triggerId } = wish;
  if (cluster.operation(jobId, triggerId) !== null) return;
  const key = `${jobId}:${triggerId}`;
  const fail = (stack: string): void => {
    cluster.operations.set(key, { is: "failed", at: cluster.now(), stack });
  };
  const job = cluster.jobs.get(jobId);
  if (job === undefined) {
    fail(
      `org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (${jobId})\n\tat x.y(Z.java:1)`,
    );
    return;
  }
  if (job.state === "INITIALIZING") {
    fail(
      `org.apache.flink.runtime.dispatcher.UnavailableDispatcherOperationException: ${INITIALIZING}\n\tat x.y(Z.java:1)`,
    );
    return;
  }
  if (job.jobType === "BATCH") {
    fail(checkpointException("Blocking output edge exists in running tasks."));
    return;
  }
  if (!isExecuting(job)) {
    fail(checkpointException("The Flink job is currently not executing."));
    return;
  }
  cluster.operations.set(key, { is: "in_progress" });
  cluster.record({
    do: wish.drain === null ? "savepoint" : "stop",
    jobId,
    triggerId,
    directory: wish.directory,
    drain: wish.drain,
    format: wish.format,
  });
  const entry = begin(cluster, job, wish.drain === null ? "SAVEPOINT" : "SYNC_SAVEPOINT");
  job.stopping = wish.drain !== null;
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    // a cancel or a rescale has come between
    const words =
      job.state === "RUNNING" && job.tasksRunning
        ? job.failSnapshot
        : "Checkpoint Coordinator is suspending.";
    if (words !== null) {
      decline(cluster, job, entry, words);
      fail(checkpointException(words));
      // sources that had stopped for it can only come back by a restart
      if (job.stopping && job.state === "RUNNING") failJob(cluster, job, { message: words, forGood: false });
      job.stopping = false;
      return;
    }
    const location = complete(cluster, job, entry, savepointPath(wish.directory, jobId, triggerId));
    const succeed = (): void => {
      cluster.operations.set(key, { is: "completed", at: cluster.now(), location });
    };
    if (wish.drain === null) succeed();
    else finish(cluster, job, { location, succeed, fail });
  };
  cluster.whenSuspended(jobId, end);
  cluster.laterFor(job, entry.expectedMs, end);
}

function finish(
  cluster: SimulatedCluster,
  job: SimulatedJob,
  o: { location: string; succeed: () => void; fail: (stack: string) => void },
): void {
  cluster.laterFor(job, cluster.timings.stopMs, () => {
    if (job.state !== "RUNNING") {
      o.fail(checkpointException("The job was cancelled."));
    } else if (job.failStopping === null) {
      cluster.move(job, "FINISHED");
      o.succeed();
    } else {
      failJob(cluster, job, { message: job.failStopping, forGood: true });
      o.fail(stoppingException(o.location, job.jobId, job.failStopping));
    }
  });
}

/** Accepted before it is done; again while CANCELLING or CANCELED changes nothing. */
export function cancel(cluster: SimulatedCluster, job: SimulatedJob): void {
  if (job.state === "CANCELLING" || job.state === "CANCELED") return;
  cluster.record({ do: "cancel", jobId: job.jobId });
  job.tasksRunning = false;
  cluster.move(job, "CANCELLING");
  // as seen live: a savepoint under way fails at once, it does not run out its time
  cluster.suspend(job.jobId);
  cluster.laterFor(job, cluster.timings.cancelMs, () => cluster.move(job, "CANCELED"));
}

export type Bounds = Record<string, { lowerBound: number; upperBound: number }>;

/** The requested parallelism is recorded at once; the job follows later, as in Flink. */
export function rescale(cluster: SimulatedCluster, job: SimulatedJob, target: Bounds): void {
  const changed = job.vertices.some(
    (v) => v.lowerBound !== target[v.id]?.lowerBound || v.upperBound !== target[v.id]?.upperBound,
  );
  if (!changed) return;
  cluster.record({ do: "rescale", jobId: job.jobId, target });
  for (const v of job.vertices) {
    v.lowerBound = target[v.id]?.lowerBound ?? v.lowerBound;
    v.upperBound = target[v.id]?.upperBound ?? v.upperBound;
  }
  const wish = JSON.stringify(job.vertices.map((v) => v.upperBound));
  const { rescaleMs, stabilizationMs } = cluster.timings;
  const enough = Math.max(...job.vertices.map((v) => v.upperBound)) <= room(cluster, job);
  cluster.laterFor(job, enough ? rescaleMs : Math.max(rescaleMs, stabilizationMs), () => {
    const still = JSON.stringify(job.vertices.map((v) => v.upperBound)) === wish;
    if (still && isExecuting(job)) settle(cluster, job);
  });
}

function settle(cluster: SimulatedCluster, job: SimulatedJob): void {
  const slots = room(cluster, job);
  const next = job.vertices.map((v) => Math.min(v.upperBound, slots));
  if (job.vertices.some((v, i) => (next[i] ?? 0) < v.lowerBound)) return;
  if (job.vertices.every((v, i) => v.parallelism === next[i])) return;
  job.tasksRunning = false;
  cluster.move(job, "CREATED");
  cluster.laterFor(job, cluster.timings.restartMs, () => {
    if (job.state !== "CREATED") return;
    job.vertices.forEach((v, i) => {
      v.parallelism = next[i] ?? v.parallelism;
    });
    run(cluster, job);
  });
}

const room = (cluster: SimulatedCluster, job: SimulatedJob): number =>
  cluster.slotsFree() + (holdsSlots(job) ? slotsOf(job) : 0);
