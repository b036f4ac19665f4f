import type { Edge } from "./flink-jobs.ts";

/** The code that a start would run: a jar, its class and its arguments in full. Never stored. */
export interface Program {
  /** The id of an uploaded jar. */
  jar: string;
  /** Null: the entry class from the jar's manifest. */
  entryClass: string | null;
  args: readonly string[];
  /** Null: the program's own parallelism, or the cluster's default. */
  parallelism: number | null;
  /** The name of a rehearsal; absent: the job has its own name. */
  as?: string;
}

/** A vertex that a program would have. Flink derives `id` from the first operator of the vertex's chain. */
export interface PlannedVertex {
  id: string;
  /** The names of the operators in its chain, the first one first; a chain may branch. */
  operators: readonly string[];
  /** Above 0, or -1 where Flink would decide at the start, as for a batch job. */
  parallelism: number;
}

/** The job graph that a program would have. */
export interface JobGraph {
  /** The job's name. Of a main() that starts several jobs, Flink plans only the first. */
  name: string;
  vertices: readonly PlannedVertex[];
  edges: readonly Edge[];
}

/** What Flink says about a program that it was asked to plan, not to start. */
export type Planned =
  | { is: "planned"; graph: JobGraph }
  /** It cannot be started either: its jar is gone, its class is missing, or main() threw. `why` in Flink's words. */
  | { is: "cannot start"; why: string }
  /** It may be possible to start it, but Flink cannot tell its graph beforehand. */
  | { is: "not told"; why: string };

/** The size of the state of each vertex in one checkpoint, bytes, by vertex id. */
export type StateSizes = ReadonlyMap<string, number>;

/** A vertex of a job as the job cache last saw it. */
export interface SeenVertex {
  id: string;
  name: string;
  maxParallelism: number;
  /** The name of the first operator of its chain; null: Flink did not tell it. */
  head: string | null;
  /** The size of its state in the newest checkpoint at that time. */
  bytes: number;
}

/** The vertices of a job as the job cache last saw them. */
export interface SeenVertices {
  /** When, ms by Redis's clock. */
  at: number;
  /** Null: there are too many to be stored. */
  vertices: readonly SeenVertex[] | null;
}
