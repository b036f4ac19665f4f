/** The data of a Flink cluster, except for its jobs. No I/O here. */

/**
 * The JobManagers behind one address. Each gives itself a new id when it starts. Null: they do not reveal their ids.
 */
export type ProcessGroup = readonly string[] | null;

/** Whether two answers may come from the same group of JobManagers. Two answers without ids count as one group. */
export const isSameGroup = (a: ProcessGroup, z: ProcessGroup): boolean =>
  a === null || z === null ? a === z : a.some((id) => z.includes(id));

export interface Capabilities {
  version: string;
  /** `features.web-rescale`: the adaptive scheduler, not in reactive mode, with rescaling not switched off. */
  rescale: boolean;
  /** `jobmanager.scheduler` as configured; null: Flink's default, or the configuration is not readable. */
  scheduler: string | null;
  /** False by default on clusters that the Kubernetes operator manages. */
  cancel: boolean;
  /** `features.web-submit`: the cluster accepts jars and runs them. */
  submit: boolean;
  /** Application mode: the cluster was started for the jobs of one program and ends with them. */
  application: boolean;
  /**
   * The cluster starts task managers when slots are missing (Kubernetes, YARN), so the number of free slots says
   * little.
   */
  elastic: boolean;
  slotsTotal: number;
  slotsFree: number;
  taskManagers: number;
  /** The evidence that the Kubernetes operator manages the cluster; null: there is none. */
  operatorManaged: string | null;
  /** `execution.checkpointing.savepoint-dir` (1.20: also `state.savepoints.dir`); null: not set. */
  savepointDirectory: string | null;
  /** `flink.hadoop.fs.defaultFS` or `fs.default-scheme`; null: not set there (Hadoop's own files are not readable). */
  defaultFileSystem: string | null;
  /** `s3.entropy.key`; null: not set. */
  entropyKey: string | null;
  /** `rest.async.store-duration`, ms: how long Flink remembers a finished trigger id. */
  triggerMemoryMs: number;
}

/** An uploaded jar; `uploadedAt` in ms since the epoch. */
export interface Jar {
  id: string;
  name: string;
  uploadedAt: number;
  entryClasses: readonly string[];
}

export interface TaskManager {
  /** `host:port-random`: shown to people, and used in requests. */
  id: string;
  /** "" if Flink does not say. */
  host: string;
  slots: number;
  freeSlots: number;
  /** When the JobManager last received a heartbeat, ms by Flink's clock; null: Flink does not say. */
  heartbeatAt: number | null;
  /** CPU cores of the machine; null: Flink does not say. */
  cpuCores: number | null;
}

/** Progress of deleting a savepoint. */
export type Disposal =
  /** This JobManager process does not know the disposal, or no longer knows it. */
  | { is: "forgotten" }
  | { is: "in_progress" }
  | { is: "done" }
  /** `missing`: there is no savepoint at that path, or no longer one. */
  | { is: "failed"; reason: string; missing: boolean };

export interface Link {
  label: string;
  url: string;
}
