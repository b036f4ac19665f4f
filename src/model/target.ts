/** The class that policy decides on. */
export const OPERATION_CLASSES = ["view", "lock", "operate", "destructive"] as const;
export type OperationClass = (typeof OPERATION_CLASSES)[number];
export const isOperationClass = (word: string): word is OperationClass =>
  OPERATION_CLASSES.some((is) => is === word);

/** The object of a command, as typed. */
export type Find =
  | { find: "none" }
  /** All clusters when null. */
  | { find: "cluster"; cluster: string | null }
  /** A name, an id, an id prefix of 6 or more characters, or `cluster/job`. */
  | { find: "job"; job: string }
  /** A job by its name alone, or `cluster/name`; the job need not exist. */
  | { find: "name"; name: string }
  /** The path of a savepoint or checkpoint. */
  | { find: "path"; path: string }
  | { find: "request"; request: string };

/** The object of a request, resolved once. After that, nothing is looked up by name again. */
export type Target =
  | { kind: "none" }
  | { kind: "cluster"; cluster: string }
  | { kind: "job"; cluster: string; jobId: string; name: string }
  | { kind: "name"; cluster: string; name: string }
  | { kind: "path"; cluster: string; path: string }
  | { kind: "request"; requestId: string };
export type JobTarget = Extract<Target, { kind: "job" }>;
export type ClusterTarget = Extract<Target, { kind: "cluster" }>;
export type NameTarget = Extract<Target, { kind: "name" }>;
export type PathTarget = Extract<Target, { kind: "path" }>;
/** Targets that a change can act on. */
export type ChangeTarget = JobTarget | ClusterTarget | NameTarget | PathTarget;

/**
 * A lock that keeps other requests from changing it meanwhile: a Flink job, a job name, or a state path. On the
 * target's cluster.
 */
export type Hold = { job: string } | { name: string } | { path: string };
