/** What policy decides on. */
export type OperationClass = "view" | "operate" | "destructive";

/** What a command acts on, as typed. */
export type Find =
  | { find: "none" }
  /** All clusters when null. */
  | { find: "cluster"; cluster: string | null }
  /** A name, an id, an id prefix of 6 or more characters, or `cluster/job`. */
  | { find: "job"; job: string }
  /** A job by its name alone, or `cluster/name`; it need not be there. */
  | { find: "name"; name: string }
  /** Where some state lies. */
  | { find: "path"; path: string }
  | { find: "request"; request: string };

/** What it acts on, resolved once; after that nothing is looked up by name again. */
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
/** What a change can act on. */
export type ChangeTarget = JobTarget | ClusterTarget | NameTarget | PathTarget;

/** What nobody else may change meanwhile: a Flink job, whatever has this name, or some state. On the target's cluster. */
export type Hold = { job: string } | { name: string } | { path: string };
