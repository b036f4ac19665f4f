/**
 * The content of a picture, as data. It is drawn when the answer is given, and only if people other than the
 * requester see it.
 */
export type Picture = JobGraph | CheckpointHistory;

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
