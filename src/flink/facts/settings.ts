import type { Clock } from "../../platform/clock.ts";
import { FlinkRefused, FlinkUnexpected } from "../../model/errors.ts";
import { refused } from "../rest/response.ts";
import type { ClusterConfig } from "../../model/cluster-config.ts";
import type { Http } from "../rest/http.ts";
import { type MinuteCache, cachedForAMinute } from "../rest/minute-cache.ts";
import { createEnds, type Ends } from "./ends.ts";
import { createProcesses, noProcesses, type Processes, type ProcessMemory } from "./processes.ts";
import type { FlinkReads } from "../../model/flink-reads.ts";
import type { JobState } from "../../model/flink-jobs.ts";
import { noSightings, type SightingMemory } from "../reads/sightings.ts";
import { type Features, type JobRow, jobManagerConfig, jobsOverview, read } from "../wire/jobs.ts";

/** The known state of one cluster, shared by all its lanes. */
export interface Known {
  settings: MinuteCache<Settings>;
  features: MinuteCache<Features>;
  processes: ProcessMemory;
  sightings: SightingMemory;
  ends: Ends;
}
export const nothingKnown = (): Known => ({
  settings: { last: null },
  features: { last: null },
  processes: noProcesses(),
  sightings: noSightings(),
  ends: createEnds(),
});

/** One cluster over one lane. */
export interface Side {
  config: ClusterConfig;
  http: Http;
  /** For calls that Flink answers only after a program's main() has returned. */
  starts: Http;
  clock: Clock;
  known: Known;
  settings: () => Promise<Settings>;
  processes: Processes;
  /** All jobs, as of some moment after this call. */
  jobs: () => Promise<readonly JobRow[]>;
}

/** The dependencies of an effect. */
export interface Access extends Side {
  reads: FlinkReads;
  /** The same processes with a short time limit, for urgent operations. */
  hurried: Processes;
}

/** A job at one moment of Flink's clock. `now` is null if Flink does not tell it (the job vanished at that moment). */
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

/** Reads the uncached overview: a cached graph may still show the state before a failover. Null: no such job. */
export async function readMoment(access: Access, jobId: string): Promise<Moment | null> {
  const row = (await access.jobs()).find((r) => r.summary.jobId === jobId);
  if (row === undefined) return null;
  // the list has no clock for an ended job; the job's details have one, and an ended job's start-time no longer changes
  const now = row.now ?? (await clockOf(access.reads, jobId));
  return { startTime: row.summary.startedAt, now, state: row.summary.state };
}

async function clockOf(reads: FlinkReads, jobId: string): Promise<number | null> {
  const job = await reads.job(jobId);
  return job === "absent" ? null : job.now;
}

/** A cluster's own configuration, by key. */
export type Settings = ReadonlyMap<string, string>;

/**
 * `/jobmanager/config`, kept for a minute. Empty if a proxy or plug-in blocks it, because it may hold secrets; an empty
 * result is not kept. A JobManager with other settings gives its jobs another start-time, so decisions based on these
 * settings stay safe.
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
  const settings = cachedForAMinute(ask, clock, known.settings);
  // each process has a folder with a random name: flink-runtime, ClusterEntrypoint.generateClusterConfiguration
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
