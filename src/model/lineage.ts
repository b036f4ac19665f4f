import type { FlinkReads } from "./flink-reads.ts";
import type { Sighting } from "./flink-jobs.ts";
import type { JobTarget } from "./target.ts";
import type { RequestOnName, StartedJob } from "./knowledge.ts";

/** One of the jobs that replaced each other under one name. */
export interface LineageJob extends StartedJob {
  /** The request that has started it; null: it is where the line begins. */
  by: RequestOnName | null;
}

/**
 * What people mean by "orders": the job, and what requests of ours have put in its place since, oldest first. A request
 * that is under way may add to it at any time. A job of the same name that somebody else has deployed is not of it.
 */
export function lineageOf(
  { jobId }: Pick<JobTarget, "jobId">,
  requests: readonly RequestOnName[],
): readonly LineageJob[] {
  const line: LineageJob[] = [{ jobId, fate: "sent", by: null }];
  for (const request of requests.toReversed()) {
    const follows =
      line.some((j) => j.jobId === request.jobId) || (request.jobId === "" && request.state === "running");
    if (!follows) continue;
    for (const started of request.launched)
      if (!line.some((j) => j.jobId === started.jobId)) line.push({ ...started, by: request });
  }
  return line;
}

/** Those under way that act on the line, or may add to it. */
export const changing = (
  line: readonly LineageJob[],
  requests: readonly RequestOnName[],
): readonly RequestOnName[] =>
  requests.filter(
    (r) =>
      r.state === "running" && (line.some((j) => j.jobId === r.jobId || j.by?.id === r.id) || r.jobId === ""),
  );

/** One of the line as Flink shows it now. */
export interface Sighted extends LineageJob {
  seen: Sighting;
  /** Whoever put another job in its place made sure that it had ended. */
  isReplaced: boolean;
}

/** Each of the line but what Flink never had. Throws FlinkRefused, FlinkUnexpected. */
export async function sightAll(flink: FlinkReads, line: readonly LineageJob[]): Promise<readonly Sighted[]> {
  const had = line.filter((j) => j.fate !== "never");
  return await Promise.all(
    had.map(async (j, i) => ({
      ...j,
      seen: await flink.sighting(j.jobId),
      isReplaced: i < had.length - 1,
    })),
  );
}
