import type { Capabilities, Disposal, Jar, Link, ProcessGroup, TaskManager } from "./flink-cluster.ts";
import type { Log, LogOwner } from "./flink-log.ts";
import type {
  Absent,
  Aggregate,
  CheckpointConfig,
  CheckpointTrigger,
  Checkpoints,
  Edge,
  JobDetail,
  JobException,
  JobState,
  JobSummary,
  NotYet,
  Off,
  Requirements,
  Sighting,
  TriggerStatus,
} from "./flink-jobs.ts";
import type { JobGraph, Planned, Program, StateSizes } from "./planned-job.ts";

/**
 * Each lane has its own connections to a cluster, so that slow requests in one do not block the others: break-glass,
 * operations that end a job at once, other changes, watching what parked requests wait for, reads for people, and
 * background reads.
 */
export const LANES = ["break-glass", "brake", "change", "watch", "read", "background"] as const;
export type Lane = (typeof LANES)[number];

/** An operation that Flink has begun and whose end it tells under an id. */
export type AsyncOperation =
  | { kind: "savepoint" | "checkpoint"; jobId: string; triggerId: string }
  | { kind: "disposal"; triggerId: string };

/**
 * Everything that is read from one cluster to be shown to people. Every method throws FlinkUnreachable (no answer),
 * FlinkUnexpected (the answer is not Flink's API) and FlinkRefused (Flink's own refusal, including FlinkNotYet).
 */
export interface FlinkFacts extends FlinkClusterReads {
  readonly cluster: string;
  /** Roots from the configuration that a savepoint directory must be under; empty: only Flink's own default is used. */
  readonly savepointRoots: readonly string[];
  /** How old the rehearsal of other code may be that a restart needs, ms; null: it needs none. */
  readonly requireRehearsal: number | null;
  overview(): Promise<readonly JobSummary[]>;
  job(jobId: string): Promise<JobDetail | Absent>;
  /** `off`: checkpointing is not enabled for this job. `not yet`: the job is INITIALIZING. */
  checkpoints(jobId: string): Promise<Checkpoints | Off | Absent | NotYet>;
  checkpointConfig(jobId: string): Promise<CheckpointConfig | Off | Absent | NotYet>;
  /** Newest first. */
  exceptions(jobId: string, most: number): Promise<readonly JobException[]>;
  /** Current job metrics by name; metrics that Flink does not know, or not yet, are absent. */
  jobMetrics(jobId: string, names: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** `unsupported` carries Flink's reason: the scheduler cannot change parallelism in place. Throws FlinkNotYet. */
  requirements(
    jobId: string,
  ): Promise<{ is: "ok"; vertices: Requirements } | { is: "unsupported"; reason: string }>;
  /**
   * The end of a process's log, without secrets. A log is read from its beginning, at most 128 MB, within the time of
   * a read.
   */
  log(owner: LogOwner): Promise<Log>;
  trigger(jobId: string, triggerId: string): Promise<TriggerStatus>;
  /** Whether Flink says that the operation is in progress. Nothing else of the answer is read; a refusal means no. */
  isInProgress(operation: AsyncOperation): Promise<boolean>;
  /**
   * The evidence that the Kubernetes operator manages the cluster; null: there is none. Cached for up to a minute, so
   * it rarely sends a request.
   */
  managed(): Promise<string | null>;
  /** Flink's own default directory of savepoints; null: none is set. Cached like `managed`. */
  savepointDirectory(): Promise<string | null>;
  /** Version and slots are current; the cluster's configuration may be up to a minute old. */
  capabilities(): Promise<Capabilities>;
  /** The job's page in the Flink UI; null if the configuration hides it. */
  uiUrl(jobId: string): string | null;
}

/** Everything that an operation reads. */
export interface FlinkReads extends FlinkFacts {
  /**
   * Uncached. It is the only read that may decide what happens next. Does not throw FlinkUnreachable: no answer is a
   * sighting.
   */
  sighting(jobId: string): Promise<Sighting>;
  /**
   * The state that a job of a cluster that does not answer has ended in, as far as this process knows; null: not known.
   * `refusedMs`: for how long connections have been refused, ms.
   */
  ending(jobId: string, refusedMs: number): JobState | null;
  /** The JobManagers that answer now. Throws FlinkUnreachable. */
  processes(): Promise<ProcessGroup>;
  /**
   * The same reads for optional details: sent once, over connections of their own, and given up after two seconds.
   * With `optional`, such a read can neither fail nor delay an answer.
   */
  readonly decoration: FlinkFacts;
}

/** The other reads of FlinkFacts. They throw the same errors. */
export interface FlinkClusterReads {
  /** Names that `jobMetrics` knows; empty for a moment after a start. */
  metricNames(jobId: string): Promise<readonly string[]>;
  /** The metric names of one vertex, over its subtasks. */
  vertexMetricNames(jobId: string, vertexId: string): Promise<readonly string[]>;
  /** Metrics that are not numbers, or that Flink does not know yet, are absent. */
  vertexMetrics(
    jobId: string,
    vertexId: string,
    names: readonly string[],
  ): Promise<Readonly<Record<string, Aggregate>>>;
  /**
   * The metrics of many vertices, by vertex id. Requests a few at a time, for at most two seconds in all. Throws
   * FlinkUnreachable if that is not enough.
   */
  vertexMetricsOf(
    jobId: string,
    vertexIds: readonly string[],
    names: readonly string[],
  ): Promise<ReadonlyMap<string, Readonly<Record<string, Aggregate>>>>;
  /** Empty if Flink does not know the job. */
  edges(jobId: string): Promise<readonly Edge[]>;
  /**
   * The graph that a program would have. Flink runs its main() in the JobManager for that, and starts nothing. So the
   * program must be one that may be started. Takes at most ten seconds.
   */
  planOf(program: Program): Promise<Planned>;
  /** The graph of a job, in the form of a plan. Null: Flink does not list the job. */
  graphOf(jobId: string): Promise<JobGraph | null>;
  /** By vertex, in one checkpoint of a job. Null: Flink no longer lists the checkpoint, or not the job. */
  stateSizes(jobId: string, checkpointId: number): Promise<StateSizes | null>;
  /** Newest first. Null: this cluster accepts no jars (application mode, or `web.submit.enable: false`). */
  jars(): Promise<readonly Jar[] | null>;
  taskManagers(): Promise<readonly TaskManager[]>;
  /** Metrics that Flink does not know, or not yet, are absent. */
  taskManagerMetrics(id: string, names: readonly string[]): Promise<Readonly<Record<string, string>>>;
  checkpointTrigger(jobId: string, triggerId: string): Promise<CheckpointTrigger>;
  disposal(id: string): Promise<Disposal>;
  /**
   * The root cause why the job FAILED, even if it failed before it had tasks. Null: it did not fail, or there is no
   * such job.
   */
  failure(jobId: string): Promise<string | null>;
  /** Further links for this job, from the templates in the configuration. */
  links(job: { jobId: string; name: string }): readonly Link[];
}
