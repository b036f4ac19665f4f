/** What a picture shows, as data: it is drawn where the answer is given, if anybody but the asker sees it there. */
export type Picture = JobGraph | CheckpointHistory;

/** Shares are 0 to 1, the largest over the subtasks; null where Flink does not (yet) say. */
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

/** From and to are ids of vertices; `ship` is Flink's word: FORWARD, HASH, REBALANCE. */
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
  /** Ids of the vertices where back-pressure starts, as the words beside the picture have it. */
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
