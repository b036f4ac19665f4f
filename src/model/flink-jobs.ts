import { FlinkNotYet } from "./errors.ts";
import type { ProcessGroup } from "./flink-cluster.ts";

/** Flink's jobs, as its REST API tells of them. No I/O here. */

/** flink-core `JobStatus`; CANCELLING has two L, CANCELED one. */
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

/** Globally terminal: the job will not run again under this id. */
export type EndedState = "FINISHED" | "FAILED" | "CANCELED";
export const isTerminal = (state: JobState): state is EndedState =>
  state === "FINISHED" || state === "FAILED" || state === "CANCELED";

/**
 * Flink answered and does not list the job just now. That says nothing of whether it has ended: during a fail-over Flink
 * does not know its own jobs. What may be concluded from it is decided by sightings alone.
 */
export type Absent = "absent";

/** What is known of one job at this moment. "Not listed" is not "ended". */
export type Sighting =
  | { is: "alive"; state: Exclude<JobState, EndedState> }
  /** Flink said so. */
  | { is: "ended"; state: EndedState }
  /** For so long, ms, and in so many answers one after the other, those JobManagers have not listed it. */
  | { is: "absent"; forMs: number; answers: number; by: ProcessGroup }
  /** Nobody has answered for so long, ms. */
  | { is: "unanswered"; forMs: number };

/** A row of `/jobs/overview` (uncached). Times in ms since the epoch by Flink's clock; `endedAt` null while alive. */
export interface JobSummary {
  jobId: string;
  name: string;
  state: JobState;
  startedAt: number;
  endedAt: number | null;
  lastModifiedAt: number;
  /** From its start to the answer, or to its end, as Flink counts it; undefined: read by an earlier version. */
  ageMs?: number | undefined;
  tasks: { total: number; running: number; finished: number; failed: number };
  /** `Adaptive`, `Default`, `AdaptiveBatch`; null before Flink 2.3. */
  scheduler: string | null;
  jobType: string | null;
}

export interface Vertex {
  id: string;
  name: string;
  parallelism: number;
  maxParallelism: number;
  state: string;
  /** Those of one group share slots, those of another do not; null before Flink 1.20. */
  slotGroup: string | null;
  tasksRunning: number;
  /** Through with a bounded input: nothing is amiss with them, and they will not run again. */
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
  /** Flink's clock when it answered. Times that Flink tells are compared with this, never with another machine's clock. */
  now: number;
  /**
   * Since when the job is in `state`. Null: Flink does not say, as of a job that waits for slots or is being built under the
   * adaptive scheduler (flink-runtime, ArchivedExecutionGraph.createSparseArchivedExecutionGraph).
   */
  stateSince: number | null;
  scheduler: string | null;
  jobType: string | null;
  vertices: readonly Vertex[];
}

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
  /** Null when not externally addressable. */
  path: string | null;
  failure: string | null;
  discarded: boolean;
  /** CANONICAL or NATIVE of a savepoint; null of a checkpoint. */
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
   * What this job was last started or restarted from; null: from nothing. What a run was told to start from counts as a
   * savepoint with Flink, also where it is a checkpoint.
   */
  latestRestored: { path: string | null; isSavepoint: boolean; at: number } | null;
  /** Newest first, at most `web.checkpoints.history` (10). */
  history: readonly Checkpoint[];
}

/** A job without checkpointing: a batch job, or one that never switched it on. */
export type Off = "off";

/** Flink has the job and is still initializing it, or bringing it back after a fail-over: it cannot tell yet. */
export type NotYet = "not yet";

/**
 * Whether a reason why there is no savepoint only says that the job was not running just then: why it was not stands in its
 * own exceptions. flink-runtime, CheckpointFailureReason
 */
export const isConsequence = (reason: string): boolean =>
  /^Checkpoint ?Coordinator (?:is suspending|shutdown)|^The Flink job is currently not executing|^Not all required tasks are currently running|is not being executed at the moment/iu.test(
    reason,
  );

/** The job's state, where Flink says one. */
export const stateOf = (seen: Sighting): JobState | null =>
  seen.is === "alive" || seen.is === "ended" ? seen.state : null;

/**
 * What was read where there is something; null for a job that has none, or that is not listed just now. Throws FlinkNotYet
 * for "not yet", so that not knowing is never taken for having none.
 */
export function given<T extends object>(read: T | Off | Absent | NotYet): T | null {
  if (read === "not yet") throw new FlinkNotYet();
  return typeof read === "string" ? null : read;
}

export interface CheckpointConfig {
  /** Null: periodic checkpoints are off. */
  intervalMs: number | null;
  timeoutMs: number;
  /** Whether the last checkpoint outlives a cancel. */
  retainedOnCancel: boolean;
  /** Whether it outlives a job that failed for good. */
  retainedOnFailure: boolean;
}

export interface JobException {
  name: string;
  /** The root cause's class, without its package. */
  cause: string;
  /** The line of it that says what went wrong, no stack; "" where it has no words. */
  message: string;
  at: number;
  task: string | null;
  host: string | null;
  /** The whole of it in lines, secrets and encoded runs taken out. For who asks for it; kept nowhere. */
  stack: string;
}

export type TriggerStatus =
  /** Flink does not know this trigger id: never sent, evicted after 5 min, or lost in a fail-over. */
  | { is: "forgotten" }
  | { is: "in_progress" }
  | { is: "completed"; location: string }
  /** `reason` is the root cause; `usable` a savepoint path named inside it (job FAILED while stopping). */
  | { is: "failed"; reason: string; usable: string | null };

/** One metric over the subtasks of a vertex. */
export interface Aggregate {
  min: number;
  max: number;
  avg: number;
  sum: number;
}

/** One edge of the job graph, by vertex id. */
export interface Edge {
  from: string;
  to: string;
  /** FORWARD, HASH, REBALANCE, ...; "" where Flink does not say. */
  ship: string;
}

/** Why a trigger of a checkpoint is where it is. */
export type CheckpointTrigger =
  /** As with `trigger`. */
  | { is: "forgotten" }
  | { is: "in_progress" }
  | { is: "completed"; checkpointId: number }
  /** `reason` is the root cause. */
  | { is: "failed"; reason: string };

/** Per vertex, as in `/jobs/:id/resource-requirements`. */
export type Requirements = Readonly<Record<string, { lowerBound: number; upperBound: number }>>;
