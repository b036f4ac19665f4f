import type { ChangeTarget, Hold } from "../../model/target.ts";
import { jobIdOf, lineOf, nameOf, type RequestRecord } from "./record.ts";

/** A sorted set of requests, newest last, and how many of the newest it keeps: more can never be asked for. */
export interface Index {
  name: string;
  most: number;
}

/** Of everything, and of one person, filters look through the newest 500. */
const MOST_OF_ALL = 10_000;
/** Of one job or name the newest 200 are looked through. */
const MOST_OF_ONE = 1000;

/** Claims are named by what they protect. */
export const claimOn = (cluster: string, hold: Hold): string => {
  if ("job" in hold) return `${cluster}/id/${hold.job}`;
  return "name" in hold ? `${cluster}/name/${hold.name}` : `${cluster}/path/${hold.path}`;
};

/** Requests by the job's name, which outlives its id. */
export const nameIndex = (cluster: string, name: string): string => `name:${cluster}:${name}`;

/** Requests about some state as such. */
export const disposalIndex = (cluster: string): string => `path:${cluster}`;

export const jobIndex = (cluster: string, jobId: string): string => `job:${cluster}:${jobId}`;

/** Where a new request is found. */
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

/** An index of one job or name. */
export const ofOne = (name: string): Index => ({ name, most: MOST_OF_ONE });

/** Where requests about the same target are found; of a cluster all of them. */
export function targetIndex(target: ChangeTarget): string {
  if (target.kind === "path") return disposalIndex(target.cluster);
  if (target.kind === "cluster") return "all";
  return target.kind === "job"
    ? jobIndex(target.cluster, target.jobId)
    : nameIndex(target.cluster, target.name);
}

/** The claims that it waits for, as the scripts keep them. */
export function lineIn(record: RequestRecord): { line?: string } {
  const line = lineOf(record);
  return line.length === 0 ? {} : { line: JSON.stringify(line) };
}
