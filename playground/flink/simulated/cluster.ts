import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "../../../src/platform/clock.ts";
import { changedJar, createJar, type JarOptions, type SimulatedJar } from "./jar.ts";
import { createJob, holdsSlots, idOf, type JobOptions, type SimulatedJob, slotsOf, TERMINAL } from "./job.ts";
import { tasksRun } from "./life.ts";
import { SimulatedLog } from "./log.ts";
import { Snapshots, tidyUp } from "./snapshots.ts";

/** How long things take here, ms. */
export interface Timings {
  snapshotMs: number;
  /** From the savepoint of a stop to FINISHED. */
  stopMs: number;
  cancelMs: number;
  /** From the PUT to the restart: the cool-down and the wait for a checkpoint. */
  rescaleMs: number;
  /** With fewer slots than asked for, before it settles for less. */
  stabilizationMs: number;
  /** INITIALIZING, CREATED, and RUNNING with no task running yet, each. */
  restartMs: number;
  disposeMs: number;
  /** `rest.async.store-duration`; 0 keeps for ever. */
  storeMs: number;
  /** How old `/jobs/:id`, its exceptions and `/checkpoints` may be; 3 s in Flink. */
  cacheMs: number;
  /** How old metrics may be; 10 s in Flink. */
  metricsMs: number;
}

export const FAST: Timings = {
  snapshotMs: 40,
  stopMs: 20,
  cancelMs: 20,
  rescaleMs: 50,
  stabilizationMs: 300,
  restartMs: 30,
  disposeMs: 20,
  storeMs: 300_000,
  cacheMs: 0,
  metricsMs: 0,
};

/**
 * Something that really happened. Repeated trigger ids, repeated cancels, a run under an id that is taken and the disposal of
 * what is not there do not appear here. What an effect has no use for is null.
 */
export interface PerformedEffect {
  n: number;
  at: number;
  do: "savepoint" | "stop" | "cancel" | "rescale" | "checkpoint" | "run" | "dispose";
  /** Of a run: the new job, whatever became of it. Null: a disposal. */
  jobId: string | null;
  triggerId: string | null;
  directory: string | null;
  drain: boolean | null;
  format: string | null;
  target: Record<string, { lowerBound: number; upperBound: number }> | null;
  /** Of a run: the jar's id, the path that it was to start from (null: from nothing), and what was asked for. */
  jar: string | null;
  from: string | null;
  parallelism: number | null;
  /** Of a disposal: what was deleted, as it was asked for. */
  path: string | null;
}

export type Operation =
  | { is: "in_progress" }
  | { is: "completed"; at: number; location: string }
  | { is: "failed"; at: number; stack: string };

export interface ClusterOptions {
  version?: string;
  slots?: number;
  timings?: Partial<Timings>;
  /** `execution.checkpointing.savepoint-dir`; null: none. */
  savepointDirectory?: string | null;
  /** Further keys of `/jobmanager/config`. */
  settings?: Record<string, string>;
  webCancel?: boolean;
  webRescale?: boolean;
  /** Those uploaded already; null: it serves none, as in application mode. */
  jars?: readonly JarOptions[] | null;
  /** False: a fail-over loses every job. */
  ha?: boolean;
}

/** The state of a simulated JobManager and what time does to it. */
export class SimulatedCluster {
  readonly #underWay = new Map<string, (() => void)[]>();
  readonly jobs = new Map<string, SimulatedJob>();
  readonly operations = new Map<string, Operation>();
  readonly effects: PerformedEffect[] = [];
  readonly snapshots = new Snapshots();
  readonly options: Required<Omit<ClusterOptions, "timings" | "jars">>;
  /** By id; null: it serves none. */
  readonly jars: Map<string, SimulatedJar> | null;
  timings: Timings;
  slots: number;
  /** Its memory, bytes, and its garbage collection, ms per second. */
  taskManager = { heapUsed: 100_000_000, heapMax: 400_000_000, gcMsPerSecond: 5 };
  readonly logs = { jobManager: new SimulatedLog(), taskManager: new SimulatedLog() };
  /** Requests before this moment are cut, as if nobody listened. */
  downUntil = 0;
  /** Requests before this moment are answered 503. */
  electingUntil = 0;
  /** `web.tmpdir`: each JobManager process gives itself a new one. */
  tmpdir = newTmpdir();
  readonly #clock: Pick<Clock, "now" | "after">;
  readonly #timers = new Set<() => void>();
  #added = 0;
  #checkpointId = 0;

  /** `clock`: the simulator's, where time is its own. */
  constructor(o: ClusterOptions, clock: Pick<Clock, "now" | "after"> = systemClock) {
    this.#clock = clock;
    this.timings = { ...FAST, ...o.timings };
    this.slots = o.slots ?? 4;
    this.options = {
      version: o.version ?? "2.3.0",
      slots: this.slots,
      savepointDirectory: o.savepointDirectory === undefined ? "file:///savepoints" : o.savepointDirectory,
      settings: o.settings ?? {},
      webCancel: o.webCancel ?? true,
      webRescale: o.webRescale ?? true,
      ha: o.ha ?? true,
    };
    this.jars = o.jars === null ? null : new Map();
    for (const jar of o.jars ?? []) this.addJar(jar);
  }

  /** ms since the epoch, by its own clock. */
  now(): number {
    return this.#clock.now();
  }

  add(o: JobOptions): SimulatedJob {
    this.#added += 1;
    const job = createJob(o, this.#added, this.now());
    this.jobs.set(job.jobId, job);
    this.#tell(job, "CREATED", job.state);
    if (job.state === "RUNNING") tasksRun(this, job);
    return job;
  }

  addJar(o: JarOptions): SimulatedJar {
    const jar = createJar(o, this.now());
    this.jars?.set(jar.id, jar);
    return jar;
  }

  changeJar(id: string, change: Partial<JarOptions>): SimulatedJar | null {
    const jar = this.jars?.get(id);
    if (jar === undefined) return null;
    const changed = changedJar(jar, change);
    this.jars?.set(id, changed);
    return changed;
  }

  later(ms: number, what: () => void): void {
    const callOff = this.#clock.after(ms, () => {
      this.#timers.delete(callOff);
      what();
    });
    this.#timers.add(callOff);
  }

  /** What a cancel ends at once: savepoints under way. */
  whenSuspended(jobId: string, end: () => void): void {
    this.#underWay.set(jobId, [...(this.#underWay.get(jobId) ?? []), end]);
  }

  suspend(jobId: string): void {
    const ends = this.#underWay.get(jobId) ?? [];
    this.#underWay.delete(jobId);
    for (const end of ends) end();
  }

  /** A job whose fail-over, cancel or rescale has happened meanwhile is no longer the one that was meant. */
  laterFor(job: SimulatedJob, ms: number, what: () => void): void {
    const { startTime } = job;
    this.later(ms, () => {
      if (this.jobs.get(job.jobId) === job && job.startTime === startTime) what();
    });
  }

  move(job: SimulatedJob, state: string): void {
    this.#tell(job, job.state, state);
    job.state = state;
    job.timestamps[state] = this.now();
    if (!TERMINAL.has(state)) return;
    job.endTime = this.now();
    job.tasksRunning = false;
    job.stopping = false;
    tidyUp(this, job);
  }

  #tell(job: SimulatedJob, from: string, to: string): void {
    const words = `Job ${job.name} (${job.jobId}) switched from state ${from} to ${to}.`;
    this.logs.jobManager.add(this.now(), ["INFO", "executiongraph.ExecutionGraph"], words);
  }

  nextCheckpointId(): number {
    this.#checkpointId += 1;
    return this.#checkpointId;
  }

  record(effect: Partial<PerformedEffect> & Pick<PerformedEffect, "do" | "jobId">): void {
    this.effects.push({ n: this.effects.length + 1, at: this.now(), ...NOTHING, ...effect });
  }

  /** Null: not known (any more). */
  operation(jobId: string, triggerId: string): Operation | null {
    const key = `${jobId}:${triggerId}`;
    const found = this.operations.get(key);
    if (found === undefined) return null;
    const { storeMs } = this.timings;
    if (found.is !== "in_progress" && storeMs > 0 && this.now() - found.at >= storeMs) {
      this.operations.delete(key);
      return null;
    }
    return found;
  }

  slotsFree(): number {
    const used = [...this.jobs.values()].filter(holdsSlots).reduce((sum, j) => sum + slotsOf(j), 0);
    return Math.max(0, this.slots - used);
  }

  /** What was under way in the old one is lost, and what it kept in its memory. */
  beginProcess(): void {
    this.close();
    this.#timers.clear();
    this.#underWay.clear();
    this.operations.clear();
    this.tmpdir = newTmpdir();
  }

  close(): void {
    for (const callOff of this.#timers) callOff();
  }
}

const NOTHING = {
  triggerId: null,
  directory: null,
  drain: null,
  format: null,
  target: null,
  jar: null,
  from: null,
  parallelism: null,
  path: null,
};

const newTmpdir = (): string => `/tmp/flink-web-${randomUUID()}`;

/** Stable, so that a test can name it beforehand. */
export const savepointPath = (directory: string, jobId: string, triggerId: string): string =>
  `${directory.replace(/\/+$/u, "").replace(/^(?:file:\/\/)?\//u, "file:/")}/savepoint-${jobId.slice(0, 6)}-${idOf(triggerId).slice(0, 12)}`;
