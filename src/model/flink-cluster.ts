/** What a Flink cluster is beside its jobs. No I/O here. */

/** The JobManagers behind one address, by names that each gives itself anew at its start; null: they keep that to themselves. */
export type ProcessGroup = readonly string[] | null;

/** Whether those answers may all have come from one group; of what keeps it to itself, as far as can be told. */
export const isSameGroup = (a: ProcessGroup, z: ProcessGroup): boolean =>
  a === null || z === null ? a === z : a.some((id) => z.includes(id));

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
  /** "" where Flink does not say. */
  host: string;
  slots: number;
  freeSlots: number;
  /** When the JobManager heard from it last, ms by Flink's clock; null: Flink does not say. */
  heartbeatAt: number | null;
  /** Of the machine; null: Flink does not say. */
  cpuCores: number | null;
}

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
