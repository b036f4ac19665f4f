import type { Clock } from "../../platform/clock.ts";
import { FlinkRefused, FlinkUnexpected } from "../../model/errors.ts";
import { refused } from "../rest/response.ts";
import type { ClusterConfig } from "../../model/cluster-config.ts";
import type { Http } from "../rest/http.ts";
import { type Keep, kept } from "../rest/minute-cache.ts";
import { createProcesses, noProcesses, type Processes, type ProcessMemory } from "./processes.ts";
import type { FlinkReads } from "../../model/flink-reads.ts";
import type { JobState } from "../../model/flink-jobs.ts";
import { noSightings, type SightingMemory } from "../reads/sightings.ts";
import { type Features, type JobRow, jobManagerConfig, jobsOverview, read } from "../wire/jobs.ts";

/** What is remembered of one cluster, over whichever lane it was heard. */
export interface Known {
  settings: Keep<Settings>;
  features: Keep<Features>;
  processes: ProcessMemory;
  sightings: SightingMemory;
}
export const nothingKnown = (): Known => ({
  settings: { last: null },
  features: { last: null },
  processes: noProcesses(),
  sightings: noSightings(),
});

/** One cluster over one lane. */
export interface Side {
  config: ClusterConfig;
  http: Http;
  clock: Clock;
  known: Known;
  settings: () => Promise<Settings>;
  processes: Processes;
  /** All jobs, as Flink has them at some moment after this was called. */
  jobs: () => Promise<readonly JobRow[]>;
}

/** What an effect works with. */
export interface Access extends Side {
  reads: FlinkReads;
  /** For what is answered when a program's main() is through. */
  starts: Http;
  /** The same processes, for a brake: soon or not at all. */
  hurried: Processes;
}

/** A job at one moment by Flink's clock. `now` is null where Flink does not tell (the job went away just then). */
export interface Moment {
  startTime: number;
  now: number | null;
  state: JobState;
}

export async function readJobs({ config, http }: Pick<Side, "config" | "http">): Promise<readonly JobRow[]> {
  const path = "/jobs/overview";
  const answer = await http.call({ method: "GET", path });
  if (!answer.ok) throw refused(answer);
  return read(jobsOverview, answer.body, `reading ${path} of ${config.name}`);
}

/** From the uncached overview: a cached graph may still show the time before a fail-over. Null: no such job. */
export async function readMoment(access: Access, jobId: string): Promise<Moment | null> {
  const row = (await access.jobs()).find((r) => r.summary.jobId === jobId);
  if (row === undefined) return null;
  // the list has no clock for a job that has ended; its own page has, and an ended job has no other start-time any more
  const now = row.now ?? (await clockOf(access.reads, jobId));
  return { startTime: row.summary.startedAt, now, state: row.summary.state };
}

async function clockOf(reads: FlinkReads, jobId: string): Promise<number | null> {
  const job = await reads.job(jobId);
  return job === "absent" ? null : job.now;
}

/** What a cluster says of its own configuration, by key. */
export type Settings = ReadonlyMap<string, string>;

/**
 * `/jobmanager/config`, kept for a minute; empty where a proxy or a plug-in keeps it shut (it may hold secrets), which is
 * not kept. A JobManager with other settings gives its jobs another start-time, so what is judged by them stays safe.
 */
export function createSettings({
  config,
  http,
  clock,
  known,
}: Pick<Side, "config" | "http" | "clock" | "known">): Pick<Side, "settings" | "processes"> {
  const path = "/jobmanager/config";
  const ask = async (): Promise<Settings> => {
    const answer = await http.call({ method: "GET", path });
    if (!answer.ok) throw refused(answer);
    return read(jobManagerConfig, answer.body, `reading ${path} of ${config.name}`);
  };
  const settings = kept(ask, clock, known.settings);
  // a folder with a random name for each process: flink-runtime, ClusterEntrypoint.generateClusterConfiguration
  const process = async () => (await ask().catch(shut)).get("web.tmpdir") ?? null;
  return {
    settings: async () => await settings().catch(shut),
    processes: createProcesses(process, clock, known.processes),
  };
}

function shut(error: unknown): Settings {
  if (error instanceof FlinkUnexpected || error instanceof FlinkRefused) return new Map();
  throw error;
}
