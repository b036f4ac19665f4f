import { createHash } from "node:crypto";

/** What the simulated JobManager knows of a job. Times are ms since the epoch. */
export interface SimulatedJob {
  jobId: string;
  name: string;
  state: string;
  startTime: number;
  endTime: number;
  timestamps: Record<string, number>;
  scheduler: "Adaptive" | "Default";
  vertices: SimulatedVertex[];
  jobType: "STREAMING" | "BATCH";
  /** False while vertices are being brought up: RUNNING is not healthy. */
  tasksRunning: boolean;
  checkpointing: boolean;
  retained: boolean;
  checkpoints: SimulatedCheckpoint[];
  checkpointCount: { completed: number; failed: number };
  restarts: number;
  /** `stack`: instead of the usual one around the message. */
  exceptions: { at: number; message: string; task: string; stack?: string }[];
  /** Words with which every snapshot fails; null: snapshots work. */
  failSnapshot: string | null;
  /** How long its snapshots take; null: as long as everybody's. */
  snapshotMs: number | null;
  /** The savepoint of a stop is written, then the job fails. */
  failStopping: string | null;
  /** A stop with savepoint runs. */
  stopping: boolean;
  /** How many events it has counted, the state that it keeps: goes with its snapshots, and on where a job starts from one. */
  counted: number;
  /** What its tasks were last started with, and how often they were; null: with nothing. */
  restored: { id: number; at: number; path: string; isSavepoint: boolean; times: number } | null;
  /** What goes wrong each time its tasks run; null: nothing. */
  fails: Failing | null;
  /** True: its tasks throw each time they are given the state that it was started from, before they run. */
  unreadable: boolean;
  /** From RUNNING to running tasks; null: as long as everybody's. */
  tasksAfterMs: number | null;
  /** The stack trace of what it FAILED of, or will as soon as it has begun. */
  failure: string | null;
  /** False before it was given its first slots: Flink counts no tasks then. */
  deployed: boolean;
  /** How long the description of its plan is, characters: that of a large SQL job has millions. */
  planLength: number;
}

/** When the tasks of a job fail, again and again: before they have taken a checkpoint, or after its first. */
export type Failing = "on every record" | "after one checkpoint";

/** What a vertex does, ms per second and records per second over all subtasks. */
export interface VertexLoad {
  busy: number;
  backPressured: number;
  recordsIn: number;
  recordsOut: number;
  /** How many times the share of the others the first subtask has. */
  skew: number;
}

export interface SimulatedVertex {
  /** What is left out is as in an idle job. */
  load: Partial<VertexLoad>;
  id: string;
  name: string;
  parallelism: number;
  maxParallelism: number;
  lowerBound: number;
  upperBound: number;
  /** Names of metrics that are no numbers. */
  gauges: readonly string[];
  /** How much state it has in a checkpoint. */
  stateBytes: number;
}

export interface SimulatedCheckpoint {
  id: number;
  status: "in_progress" | "completed" | "failed";
  type: "CHECKPOINT" | "SAVEPOINT" | "SYNC_SAVEPOINT";
  triggeredAt: number;
  endedAt: number;
  expectedMs: number;
  path: string | null;
  failure: string | null;
  subtasks: number;
  /** Its files are gone, as those of all but the newest checkpoint are. */
  discarded: boolean;
}

/** A job to add; everything has a default. */
export interface JobOptions {
  jobId?: string;
  name?: string;
  state?: string;
  scheduler?: "Adaptive" | "Default";
  /** A batch job has no checkpointing at all, where a streaming job has at least its savepoints. */
  jobType?: "STREAMING" | "BATCH";
  vertices?: {
    name: string;
    parallelism?: number;
    maxParallelism?: number;
    load?: Partial<VertexLoad>;
    gauges?: readonly string[];
    stateBytes?: number;
    /** Its id follows from this; the name. */
    uid?: string;
  }[];
  checkpointing?: boolean;
  retained?: boolean;
  failSnapshot?: string | null;
  snapshotMs?: number;
  failStopping?: string | null;
  counted?: number;
  fails?: Failing | null;
  tasksAfterMs?: number | null;
  planLength?: number;
}

/** Ids follow from the name, so that two runs of a test see the same ones. */
export const idOf = (text: string): string => createHash("md5").update(text).digest("hex");

/** As in Flink, where a uid makes the id whatever the job is called: the same program has the same ids under two names. */
export const vertexIdOf = (v: { name: string; uid?: string }): string => idOf(`vertex ${v.uid ?? v.name}`);

/** Of a job, and of the program in a jar, where nobody says otherwise. */
export const TWO_VERTICES: NonNullable<JobOptions["vertices"]> = [
  { name: "Source: events" },
  { name: "Count per key -> Sink: discard" },
];

/** Where nobody says how much state the vertices have, the second has all of it. */
export function withState(
  vertices: NonNullable<JobOptions["vertices"]>,
): (NonNullable<JobOptions["vertices"]>[number] & { stateBytes: number })[] {
  const isSaid = vertices.some((v) => v.stateBytes !== undefined);
  return vertices.map((v, i) => ({ ...v, stateBytes: v.stateBytes ?? (!isSaid && i === 1 ? 4096 : 0) }));
}

export function createJob(o: JobOptions, n: number, now: number): SimulatedJob {
  const name = o.name ?? `job-${n}`;
  const state = o.state ?? "RUNNING";
  return {
    jobId: o.jobId ?? idOf(`job ${n} ${name}`),
    name,
    state,
    startTime: now,
    endTime: -1,
    timestamps: { INITIALIZING: now, ...(state === "INITIALIZING" ? {} : { CREATED: now }), [state]: now },
    scheduler: o.scheduler ?? "Adaptive",
    jobType: o.jobType ?? "STREAMING",
    vertices: withState(o.vertices ?? TWO_VERTICES).map((v) => ({
      id: vertexIdOf(v),
      name: v.name,
      parallelism: v.parallelism ?? 1,
      maxParallelism: v.maxParallelism ?? 128,
      lowerBound: 1,
      upperBound: v.parallelism ?? 1,
      load: v.load ?? {},
      gauges: v.gauges ?? [],
      stateBytes: v.stateBytes,
    })),
    tasksRunning: state === "RUNNING",
    checkpointing: o.jobType !== "BATCH" && (o.checkpointing ?? true),
    retained: o.retained ?? true,
    checkpoints: [],
    checkpointCount: { completed: 0, failed: 0 },
    restarts: 0,
    exceptions: [],
    failSnapshot: o.failSnapshot ?? null,
    snapshotMs: o.snapshotMs ?? null,
    failStopping: o.failStopping ?? null,
    stopping: false,
    counted: o.counted ?? 0,
    restored: null,
    fails: o.fails ?? null,
    unreadable: false,
    tasksAfterMs: o.tasksAfterMs ?? null,
    failure: null,
    deployed: state !== "INITIALIZING",
    planLength: o.planLength ?? 0,
  };
}

export const TERMINAL: ReadonlySet<string> = new Set(["FINISHED", "FAILED", "CANCELED"]);

/** Flink's ExecutionGraph runs and answers to a checkpoint. */
export const isExecuting = (job: SimulatedJob): boolean =>
  job.state === "RUNNING" && job.tasksRunning && !job.stopping;

export const subtasksOf = (job: SimulatedJob): number =>
  job.vertices.reduce((sum, v) => sum + v.parallelism, 0);

/** From RUNNING on, before its tasks are up. */
export const holdsSlots = (job: SimulatedJob): boolean => job.tasksRunning || job.state === "RUNNING";

/** Slot sharing: a job needs as many slots as its widest vertex. */
export const slotsOf = (job: SimulatedJob): number => Math.max(...job.vertices.map((v) => v.parallelism));
