import type { Clock } from "../clock.ts";
import { FlinkRefused, FlinkUnexpected } from "../errors.ts";
import { refused } from "./answer.ts";
import type { ClusterConfig } from "./connection.ts";
import type { Http } from "./http.ts";
import { kept } from "./kept.ts";
import { createProcesses, type Processes } from "./processes.ts";
import type { FlinkReads, JobState } from "./reads.ts";
import { jobManagerConfig, jobsOverview, read } from "./wire.ts";

/** What an effect works with. */
export interface Access {
  config: ClusterConfig;
  http: Http;
  clock: Clock;
  reads: FlinkReads;
  settings: () => Promise<Settings>;
  processes: Processes;
}

/** A job at one moment by Flink's clock. `now` is null where Flink does not tell (the job went away just then). */
export interface Moment {
  startTime: number;
  now: number | null;
  state: JobState;
}

/** From the uncached overview: a cached graph may still show the time before a fail-over. Null: no such job. */
export async function readMoment(access: Access, jobId: string): Promise<Moment | null> {
  const path = "/jobs/overview";
  const answer = await access.http.call({ method: "GET", path });
  if (!answer.ok) throw refused(answer);
  const rows = read(jobsOverview, answer.body, `reading ${path} of ${access.config.name}`);
  const row = rows.find((r) => r.summary.jobId === jobId);
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
export function createSettings(
  http: Http,
  cluster: string,
  clock: Clock,
): Pick<Access, "settings" | "processes"> {
  const path = "/jobmanager/config";
  const ask = async (): Promise<Settings> => {
    const answer = await http.call({ method: "GET", path });
    if (!answer.ok) throw refused(answer);
    return read(jobManagerConfig, answer.body, `reading ${path} of ${cluster}`);
  };
  const settings = kept(ask, clock);
  return {
    settings: async () => await settings().catch(shut),
    // a folder with a random name for each process: flink-runtime, ClusterEntrypoint.generateClusterConfiguration
    processes: createProcesses(async () => (await ask().catch(shut)).get("web.tmpdir") ?? null, clock),
  };
}

function shut(error: unknown): Settings {
  if (error instanceof FlinkUnexpected || error instanceof FlinkRefused) return new Map();
  throw error;
}
