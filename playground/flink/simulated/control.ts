import type { PerformedEffect, Timings } from "./cluster.ts";
import type { Fault } from "./faults.ts";
import type { JarOptions, SimulatedJar } from "./jar.ts";
import type { JobOptions, SimulatedJob } from "./job.ts";
import type { SeenRequest } from "./server.ts";
import type { Snapshot } from "./snapshots.ts";

/** Drives a simulated JobManager, in this process or in another. */
export interface SimulatedControl {
  /** What really happened to jobs, in order: the judge of crash tests. */
  effects(): Promise<PerformedEffect[]>;
  /** Every request that arrived at the REST API. */
  requests(): Promise<SeenRequest[]>;
  clearLog(): Promise<void>;
  addJob(options?: JobOptions): Promise<SimulatedJob>;
  jobs(): Promise<SimulatedJob[]>;
  job(jobId: string): Promise<SimulatedJob>;
  changeJob(jobId: string, change: Partial<SimulatedJob>): Promise<SimulatedJob>;
  /** Gone, as after `jobstore.expiration-time` or with its JobManager. */
  removeJob(jobId: string): Promise<void>;
  /** `stack`: what Flink tells of it, instead of the usual one around the message. */
  failJob(jobId: string, how?: { message?: string; forGood?: boolean; stack?: string }): Promise<void>;
  /** A periodic one, now; `failure`: it fails with these words. */
  checkpoint(jobId: string, how?: { failure?: string }): Promise<void>;
  /** As an upload does; the newest is listed first. */
  addJar(jar: JarOptions): Promise<SimulatedJar>;
  /** For the jobs that are started from it from now on. */
  changeJar(id: string, change: Partial<JarOptions>): Promise<SimulatedJar>;
  removeJar(id: string): Promise<void>;
  /** Every savepoint and every last checkpoint that can be restored from. */
  snapshots(): Promise<Snapshot[]>;
  /** As if someone had deleted its directory. */
  removeSnapshot(path: string): Promise<void>;
  timings(change: Partial<Timings>): Promise<Timings>;
  taskManager(change: { heapUsed?: number; heapMax?: number; gcMsPerSecond?: number }): Promise<void>;
  /** What these processes have written, in place of what they write by themselves; null: they write no file. */
  logs(change: { jobManager?: string | null; taskManager?: string | null }): Promise<void>;
  slots(slots: number): Promise<void>;
  fault(fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
  failOver(how?: { downMs?: number; electionMs?: number }): Promise<void>;
}

/** `url` as `startSimulated` or `main.ts` gives it. */
export function controlClient(url: string): SimulatedControl {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${url}/_control/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
  return {
    effects: () => call("GET", "effects"),
    requests: () => call("GET", "requests"),
    clearLog: () => call("DELETE", "log"),
    addJob: (options = {}) => call("POST", "jobs", options),
    jobs: () => call("GET", "jobs"),
    job: (jobId) => call("GET", `jobs/${jobId}`),
    changeJob: (jobId, change) => call("PATCH", `jobs/${jobId}`, change),
    removeJob: (jobId) => call("DELETE", `jobs/${jobId}`),
    failJob: (jobId, how = {}) => call("POST", `jobs/${jobId}/fail`, how),
    checkpoint: (jobId, how = {}) => call("POST", `jobs/${jobId}/checkpoint`, how),
    addJar: (jar) => call("POST", "jars", jar),
    changeJar: (id, change) => call("PATCH", `jars/${encodeURIComponent(id)}`, change),
    removeJar: (id) => call("DELETE", `jars/${encodeURIComponent(id)}`),
    snapshots: () => call("GET", "snapshots"),
    removeSnapshot: (path) => call("DELETE", "snapshots", { path }),
    timings: (change) => call("PUT", "timings", change),
    taskManager: (change) => call("PUT", "task-manager", change),
    logs: (change) => call("PUT", "logs", change),
    slots: (slots) => call("PUT", "slots", { slots }),
    fault: (fault) => call("POST", "faults", fault),
    clearFaults: () => call("DELETE", "faults"),
    failOver: (how = {}) => call("POST", "failover", how),
  };
}
