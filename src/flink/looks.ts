/** What is looked at beside the job itself: load, edges, jars, task managers. Flink's nouns again; no I/O here. */

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

/** An uploaded jar; `uploadedAt` in ms since the epoch. */
export interface Jar {
  id: string;
  name: string;
  uploadedAt: number;
  entryClasses: readonly string[];
}

export interface TaskManager {
  /** `host:port-random`: shown, and asked with. */
  id: string;
  slots: number;
  freeSlots: number;
}

/** Why a trigger of a checkpoint is where it is. */
export type CheckpointTrigger =
  /** As with `trigger`. */
  | { is: "forgotten" }
  | { is: "in_progress" }
  | { is: "completed"; checkpointId: number }
  /** `reason` is the root cause. */
  | { is: "failed"; reason: string };

/** How far Flink is with deleting a savepoint. */
export type Disposal =
  /** This JobManager process does not know the disposal (any more). */
  | { is: "forgotten" }
  | { is: "in_progress" }
  | { is: "done" }
  /** `missing`: there is no savepoint there (any more). */
  | { is: "failed"; reason: string; missing: boolean };

export interface Link {
  label: string;
  url: string;
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
