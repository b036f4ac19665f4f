import type { ChangeTarget, Hold } from "../../model/target.ts";
import { plainPath } from "../../model/state-path.ts";
import { jobIdOf, lineOf, nameOf, type RequestRecord, told } from "./record.ts";

/** A sorted set of request ids, newest last, and how many of the newest it keeps. No query asks for more. */
export interface Index {
  name: string;
  most: number;
}

/** Limit of the indexes of all requests and of deletions. Filters read the newest 500 requests. */
const MOST_OF_ALL = 10_000;
/** Limit of the indexes of one person, job or name. Queries read at most the newest 500. */
const MOST_OF_ONE = 1000;

/** The name of the claim on a job, a job name or a path. */
export const claimOn = (cluster: string, hold: Hold): string => {
  if ("job" in hold) return `${cluster}/id/${hold.job}`;
  return "name" in hold ? `${cluster}/name/${hold.name}` : `${cluster}/path/${hold.path}`;
};

/** The index of requests by job name, which outlives the job's id. */
export const nameIndex = (cluster: string, name: string): string => `name:${cluster}:${name}`;

/** The index of requests whose target is a saved state. */
export const disposalIndex = (cluster: string): string => `path:${cluster}`;

export const jobIndex = (cluster: string, jobId: string): string => `job:${cluster}:${jobId}`;

/** The indexes that a new request is added to. */
export function indexesOf(r: RequestRecord): Index[] {
  const { target } = r;
  const [jobId, name] = [jobIdOf(target), nameOf(target)];
  const path = target.kind === "path" ? [disposalIndex(target.cluster)] : [];
  return [
    { name: "all", most: MOST_OF_ALL },
    { name: `actor:${r.actor.user}`, most: MOST_OF_ONE },
    ...path.map((one) => ({ name: one, most: MOST_OF_ALL })),
    ...(name === "" ? [] : [ofOne(nameIndex(target.cluster, name))]),
    ...(jobId === "" ? [] : [ofOne(jobIndex(target.cluster, jobId))]),
  ];
}

/** An index of one job or name, with its limit. */
export const ofOne = (name: string): Index => ({ name, most: MOST_OF_ONE });

/** The index of requests about the same target; for a cluster the index of all requests. */
export function targetIndex(target: ChangeTarget): string {
  if (target.kind === "path") return disposalIndex(target.cluster);
  if (target.kind === "cluster") return "all";
  return target.kind === "job"
    ? jobIndex(target.cluster, target.jobId)
    : nameIndex(target.cluster, target.name);
}

/** The names of the claims that the request waits for, as JSON, for the scripts. */
export function lineIn(record: RequestRecord): { line?: string } {
  const line = lineOf(record);
  return line.length === 0 ? {} : { line: JSON.stringify(line) };
}

/** How many deleted paths are kept per cluster; the oldest are dropped. */
const MOST_DISPOSED = 20_000;

/**
 * What a request has deleted, by its report or by the result of a phase. It is kept for longer than the record, because
 * Flink continues to list deleted states.
 */
export const disposedBy = ({ end, run, target, state }: RequestRecord): object[] =>
  state === "ended"
    ? told("disposed", { run, report: end?.report ?? null }).map((path) => ({
        cluster: target.cluster,
        path: plainPath(path),
        most: MOST_DISPOSED,
      }))
    : [];
