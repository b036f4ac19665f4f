import { FlinkNotYet } from "./errors.ts";
import type { ProcessGroup } from "./flink-cluster.ts";

/** The data of Flink jobs, as Flink's REST API returns it. No I/O here. */

/** flink-core, `JobStatus`. CANCELLING has two Ls, CANCELED has one. */
export const JOB_STATES = [
  "INITIALIZING",
  "CREATED",
  "RUNNING",
  "FAILING",
  "FAILED",
  "CANCELLING",
  "CANCELED",
  "FINISHED",
  "RESTARTING",
  "SUSPENDED",
  "RECONCILING",
] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Globally terminal states: the job never runs again under this id. */
export type EndedState = "FINISHED" | "FAILED" | "CANCELED";
export const isTerminal = (state: JobState): state is EndedState =>
  state === "FINISHED" || state === "FAILED" || state === "CANCELED";

/**
 * Flink answered but does not list the job. This does not mean that the job has ended: during a fail-over Flink does
 * not know its own jobs. Only a Sighting decides what follows from it.
 */
export type Absent = "absent";

/** What is known about one job right now. "Not listed" does not mean "ended". */
export type Sighting =
  | { is: "alive"; state: Exclude<JobState, EndedState> }
  /** Flink reports that the job has ended. */
  | { is: "ended"; state: EndedState }
  /** The JobManagers `by` have not listed the job for `forMs` ms, in `answers` consecutive answers. */
  | { is: "absent"; forMs: number; answers: number; by: ProcessGroup }
  /** Flink has not answered for `forMs` ms. `refused`: all that time nobody listened at its address. */
  | { is: "unanswered"; forMs: number; refused: boolean };

/**
 * An item of `/jobs/overview` (uncached). Times in ms since the epoch by Flink's clock; `endedAt` is null while the
 * job is alive.
 */
export interface JobSummary {
  jobId: string;
  name: string;
  state: JobState;
  startedAt: number;
  endedAt: number | null;
  lastModifiedAt: number;
  /**
   * Time from the start to the answer, or to the job's end, as Flink counts it, ms; undefined: stored by an earlier
   * version.
   */
  ageMs?: number | undefined;
  tasks: { total: number; running: number; finished: number; failed: number };
  /**
   * Operators of a batch job that have no tasks yet: Flink decides on their parallelism once their input is there. 0
   * before Flink 2.0; undefined: stored by an earlier version.
   */
  pendingOperators?: number | undefined;
  /** `Adaptive`, `Default` or `AdaptiveBatch`; null before Flink 2.3. */
  scheduler: string | null;
  jobType: string | null;
}

export interface Vertex {
  id: string;
  name: string;
  parallelism: number;
  maxParallelism: number;
  state: string;
  /** The slot sharing group; vertices share slots only within one group. Null before Flink 1.20. */
  slotGroup: string | null;
  tasksRunning: number;
  /** Tasks that have consumed their bounded input. They are healthy and will not run again. */
  tasksFinished: number;
  /** 0 while the job waits for slots. */
  tasksTotal: number;
}

/** `/jobs/:id`; may be up to `web.refresh-interval` (3 s) old. */
export interface JobDetail {
  jobId: string;
  name: string;
  state: JobState;
  startedAt: number;
  endedAt: number | null;
  /** Flink's clock when it answered. Flink's times are compared only with this, never with another machine's clock. */
  now: number;
  /**
   * Since when the job has been in `state`. Null: Flink does not say, for example while a job waits for slots or is
   * being built under the adaptive scheduler (flink-runtime,
   * ArchivedExecutionGraph.createSparseArchivedExecutionGraph).
   */
  stateSince: number | null;
  scheduler: string | null;
  jobType: string | null;
  /** As in JobSummary. */
  pendingOperators: number;
  vertices: readonly Vertex[];
}

/**
 * Whether it is a batch job, whose tasks run stage after stage and are not expected to run all at once. False for every
 * job in the overview of a Flink before 2.3, which does not say.
 */
export const isBatch = ({ jobType }: { jobType: string | null }): boolean => jobType === "BATCH";

export interface Checkpoint {
  id: number;
  kind: "completed" | "failed" | "in_progress";
  isSavepoint: boolean;
  triggeredAt: number;
  /** Null while in progress. */
  endToEndMs: number | null;
  sizeBytes: number;
  acknowledged: number;
  subtasks: number;
  /** Null if it is not externally addressable. */
  path: string | null;
  failure: string | null;
  discarded: boolean;
  /** CANONICAL or NATIVE for a savepoint; null for a checkpoint. */
  format: string | null;
  /** SAVEPOINT, SYNC_SAVEPOINT, CHECKPOINT, UNALIGNED_CHECKPOINT. */
  type: string;
}

/** `/jobs/:id/checkpoints`; up to 3 s old. */
export interface Checkpoints {
  completed: number;
  failed: number;
  inProgress: number;
  latestCompleted: Checkpoint | null;
  latestSavepoint: Checkpoint | null;
  latestFailed: Checkpoint | null;
  /**
   * The state that this job was last started or restored from; null: none. Flink reports the state that a run was
   * started from as a savepoint, even if it is a checkpoint.
   */
  latestRestored: { path: string | null; isSavepoint: boolean; at: number } | null;
  /** Newest first, at most `web.checkpoints.history` (10). */
  history: readonly Checkpoint[];
}

/** The job has no checkpointing: it is a batch job, or checkpointing was never enabled. */
export type Off = "off";

/** Flink has the job but is still initializing it, or recovering it after a fail-over, so it cannot answer yet. */
export type NotYet = "not yet";

/**
 * Whether the failure reason of a savepoint says only that the job was not running. The actual cause is in the job's
 * exceptions. flink-runtime, CheckpointFailureReason
 */
export const isConsequence = (reason: string): boolean =>
  /^Checkpoint ?Coordinator (?:is suspending|shutdown)|^The Flink job is currently not executing|^Not all required tasks are currently running|is not being executed at the moment/iu.test(
    reason,
  );

/**
 * Whether Flink gave up waiting for a checkpoint (`CheckpointFailureReason.CHECKPOINT_EXPIRED`). A file system that
 * retries for longer than that gives no other reason.
 */
export const isExpired = (reason: string): boolean => /^Checkpoint expired before completing/iu.test(reason);

/** The job's state, if Flink reports one; else null. */
export const stateOf = (seen: Sighting): JobState | null =>
  seen.is === "alive" || seen.is === "ended" ? seen.state : null;

/**
 * The value if there is one; null for a job that has none, or that is not listed. Throws FlinkNotYet for "not yet",
 * so that an unknown value is never mistaken for a missing one.
 */
export function given<T extends object>(read: T | Off | Absent | NotYet): T | null {
  if (read === "not yet") throw new FlinkNotYet();
  return typeof read === "string" ? null : read;
}

export interface CheckpointConfig {
  /** Null: periodic checkpoints are off. */
  intervalMs: number | null;
  timeoutMs: number;
  /** Whether Flink retains the last checkpoint when the job is cancelled. */
  retainedOnCancel: boolean;
  /** Whether Flink retains the last checkpoint when the job fails for good. */
  retainedOnFailure: boolean;
}

export interface JobException {
  name: string;
  /** The root cause's class, without its package. */
  cause: string;
  /** The line of the root cause that describes the problem, without the stack; "" if it has no message. */
  message: string;
  at: number;
  task: string | null;
  host: string | null;
  /** The task manager's id. Null: Flink does not say, as with the adaptive scheduler. */
  taskManager: string | null;
  /** The whole stack trace, with secrets and encoded data removed. Shown only on request and never stored. */
  stack: string;
}

export type TriggerStatus =
  /** Flink does not know this trigger id: it was never sent, was evicted after 5 min, or was lost in a fail-over. */
  | { is: "forgotten" }
  | { is: "in_progress" }
  | { is: "completed"; location: string }
  /** `reason` is the root cause. `usable` is a savepoint path named in it (the job FAILED while stopping). */
  | { is: "failed"; reason: string; usable: string | null };

/** One metric aggregated over the subtasks of a vertex. */
export interface Aggregate {
  min: number;
  max: number;
  avg: number;
  sum: number;
}

/** One edge of the job graph, between vertex ids. */
export interface Edge {
  from: string;
  to: string;
  /** FORWARD, HASH, REBALANCE, ...; "" if Flink does not say. */
  ship: string;
}

/** Status of a triggered checkpoint. */
export type CheckpointTrigger =
  /** Flink does not know this trigger id, for the same reasons as in TriggerStatus. */
  | { is: "forgotten" }
  | { is: "in_progress" }
  | { is: "completed"; checkpointId: number }
  /** `reason` is the root cause. */
  | { is: "failed"; reason: string };

/** Parallelism bounds per vertex, as in `/jobs/:id/resource-requirements`. */
export type Requirements = Readonly<Record<string, { lowerBound: number; upperBound: number }>>;
