import type { Capabilities, Disposal, Jar, Link, ProcessGroup, TaskManager } from "./flink-cluster.ts";
import type {
  Absent,
  Aggregate,
  CheckpointConfig,
  CheckpointTrigger,
  Checkpoints,
  Edge,
  JobDetail,
  JobException,
  JobSummary,
  NotYet,
  Off,
  Requirements,
  Sighting,
  TriggerStatus,
} from "./flink-jobs.ts";

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

/** The second half of FlinkReads; all throw what the first half throws. */
export interface FlinkLooks {
  /** Names that `jobMetrics` knows; empty for a moment after a start. */
  metricNames(jobId: string): Promise<readonly string[]>;
  /** The same of one vertex, over its subtasks. */
  vertexMetricNames(jobId: string, vertexId: string): Promise<readonly string[]>;
  /** What Flink does not (yet) know is absent; so is what is no number. */
  vertexMetrics(
    jobId: string,
    vertexId: string,
    names: readonly string[],
  ): Promise<Readonly<Record<string, Aggregate>>>;
  /** The same of many vertices, by id: a few at a time, and within two seconds in all. Throws FlinkUnreachable where that was not enough. */
  vertexMetricsOf(
    jobId: string,
    vertexIds: readonly string[],
    names: readonly string[],
  ): Promise<ReadonlyMap<string, Readonly<Record<string, Aggregate>>>>;
  /** Empty where Flink does not know the job. */
  edges(jobId: string): Promise<readonly Edge[]>;
  /** Newest first. Null: this cluster takes no jars (application mode, or `web.submit.enable: false`). */
  jars(): Promise<readonly Jar[] | null>;
  taskManagers(): Promise<readonly TaskManager[]>;
  /** What Flink does not (yet) know is absent. */
  taskManagerMetrics(id: string, names: readonly string[]): Promise<Readonly<Record<string, string>>>;
  checkpointTrigger(jobId: string, triggerId: string): Promise<CheckpointTrigger>;
  disposal(id: string): Promise<Disposal>;
  /** Why the job FAILED, the root cause; also where it failed before it had tasks. Null: it did not, or no such job. */
  failure(jobId: string): Promise<string | null>;
  /** Where else a person may look, from the templates of the configuration. */
  links(job: { jobId: string; name: string }): readonly Link[];
}
