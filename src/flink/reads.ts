import { FlinkNotYet } from "../errors.ts";
import type { Requirements } from "../operations/effect.ts";
import type { FlinkLooks } from "./looks.ts";

/** Flink's nouns and its reading side. No I/O here. */

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

/** The JobManagers behind one address, by names that each gives itself anew at its start; null: they keep that to themselves. */
export type ProcessGroup = readonly string[] | null;

/** Whether those answers may all have come from one group; of what keeps it to itself, as far as can be told. */
export const isSameGroup = (a: ProcessGroup, z: ProcessGroup): boolean =>
  a === null || z === null ? a === z : a.some((id) => z.includes(id));

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

export interface Capabilities {
  version: string;
  /** `features.web-rescale`: adaptive scheduler, not reactive, not switched off. */
  rescale: boolean;
  /** `jobmanager.scheduler` as configured; null: Flink's own choice, or the configuration is kept shut. */
  scheduler: string | null;
  /** False on clusters that the Kubernetes operator manages by default. */
  cancel: boolean;
  /** `features.web-submit`: takes jars and runs them. */
  submit: boolean;
  /** It was started for the jobs of one program and ends with them (application mode). */
  application: boolean;
  /** It starts task managers by itself where slots are missing (Kubernetes, YARN), so that free slots say little. */
  elastic: boolean;
  slotsTotal: number;
  slotsFree: number;
  taskManagers: number;
  /** Why it looks as if the Kubernetes operator managed it; null if it does not. */
  operatorManaged: string | null;
  /** `execution.checkpointing.savepoint-dir` (1.20: also `state.savepoints.dir`), null when unset. */
  savepointDirectory: string | null;
  /** `rest.async.store-duration` in ms: how long a finished trigger id is remembered. */
  triggerMemoryMs: number;
}

/**
 * Connections to a cluster that requests of one urgency have to themselves, so that what hangs stands in nobody else's way:
 * what ends a job at once, other changes, what people ask, and what nobody waits for.
 */
export const LANES = ["brake", "change", "read", "background"] as const;
export type Lane = (typeof LANES)[number];

/**
 * Everything read from one cluster that is shown to people. All throw FlinkUnreachable (nobody answered), FlinkUnexpected (not Flink),
 * FlinkRefused (Flink's own no, FlinkNotYet among them).
 */
export interface FlinkFacts extends FlinkLooks {
  readonly cluster: string;
  /** Roots from the configuration that a savepoint directory must lie under; empty: only Flink's own default. */
  readonly savepointRoots: readonly string[];
  overview(): Promise<readonly JobSummary[]>;
  job(jobId: string): Promise<JobDetail | Absent>;
  /** `off`: checkpointing is not enabled for this job. `not yet`: it is INITIALIZING. */
  checkpoints(jobId: string): Promise<Checkpoints | Off | Absent | NotYet>;
  checkpointConfig(jobId: string): Promise<CheckpointConfig | Off | Absent | NotYet>;
  /** Newest first. */
  exceptions(jobId: string, most: number): Promise<readonly JobException[]>;
  /** Job metrics by name, as of now; what Flink does not (yet) know is absent. */
  jobMetrics(jobId: string, names: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** `unsupported` carries Flink's reason: the scheduler cannot change parallelism in place. Throws FlinkNotYet. */
  requirements(
    jobId: string,
  ): Promise<{ is: "ok"; vertices: Requirements } | { is: "unsupported"; reason: string }>;
  trigger(jobId: string, triggerId: string): Promise<TriggerStatus>;
  /** Why it looks as if the Kubernetes operator managed it; null if it does not. May be a minute old, so seldom a request. */
  managed(): Promise<string | null>;
  /** Version and slots as they are now; what the cluster is configured to be may be a minute old. */
  capabilities(): Promise<Capabilities>;
  /** Where a person may look: the Flink UI's page of this job, or null when the configuration hides it. */
  uiUrl(jobId: string): string | null;
}

/** What an operation reads. */
export interface FlinkReads extends FlinkFacts {
  /** Uncached; the one read that what happens next may be decided on. Does not throw FlinkUnreachable: that is a sighting. */
  sighting(jobId: string): Promise<Sighting>;
  /** The JobManagers that answer now. Throws FlinkUnreachable. */
  processes(): Promise<ProcessGroup>;
  /**
   * The same for what an answer is complete without: asked once over connections of its own, and given up after two seconds.
   * With `optional`, such a read can neither fail an answer nor hold it up.
   */
  readonly decoration: FlinkFacts;
}
