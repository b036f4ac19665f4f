/**
 * The content of a picture, as data. It is drawn when the answer is given, and only if people other than the
 * requester see it.
 */
export type Picture = JobGraph | CheckpointHistory | GraphDiff;

/** Shares are 0 to 1, the highest over the subtasks; null if Flink does not know them, or not yet. */
export interface GraphVertex {
  id: string;
  name: string;
  parallelism: number;
  tasksRunning: number;
  tasksFinished: number;
  tasksTotal: number;
  busy: number | null;
  backPressured: number | null;
}

/** `from` and `to` are vertex ids; `ship` is Flink's term: FORWARD, HASH, REBALANCE. */
export interface GraphEdge {
  from: string;
  to: string;
  ship: string;
}

export interface JobGraph {
  kind: "job graph";
  job: string;
  state: string;
  /** When it was read, ms since the epoch. */
  at: number;
  vertices: readonly GraphVertex[];
  edges: readonly GraphEdge[];
  /** Ids of the vertices where back-pressure starts, matching the text that goes with the picture. */
  slows: readonly string[];
}

export interface PastCheckpoint {
  id: number;
  kind: "completed" | "failed" | "in_progress";
  isSavepoint: boolean;
  triggeredAt: number;
  /** Null while in progress. */
  durationMs: number | null;
  sizeBytes: number;
}

export interface CheckpointHistory {
  kind: "checkpoint history";
  job: string;
  at: number;
  /** Oldest first. */
  checkpoints: readonly PastCheckpoint[];
}

/** A vertex before or after a change of its job's program. */
export interface DiffVertex {
  id: string;
  name: string;
  /** Added only after, removed only before, the others in both under the same id. */
  change: "same" | "added" | "removed" | "changed";
  /** What is worth saying about it on this side, each a line: "parallelism 4", "41 MB of state, dropped". */
  notes: readonly string[];
  /** Vertices of the two sides that are drawn next to each other have the same. */
  row: string;
}

export interface DiffSide {
  /** "RUNNING", or the name of the jar. */
  title: string;
  vertices: readonly DiffVertex[];
  edges: readonly GraphEdge[];
}

export interface GraphDiff {
  kind: "graph diff";
  job: string;
  /** "1 vertex added, 2 changed" */
  sum: string;
  at: number;
  before: DiffSide;
  after: DiffSide;
}
