import type { FlinkReads } from "./flink-reads.ts";
import type { Sighting } from "./flink-jobs.ts";
import type { JobTarget } from "./target.ts";
import type { RequestOnName, StartedJob } from "./knowledge.ts";

/** One of the jobs that replaced each other under one name. */
export interface LineageJob extends StartedJob {
  /** The request that started it; null: flinkops did not. */
  by: RequestOnName | null;
}

/**
 * The job that people mean by a name, and the jobs that flinkops requests have started in its place, oldest first. A
 * request under way may add to it at any time. A job of the same name that someone else deployed is not part of it. A
 * rehearsal of the job belongs to it as long as nothing else ends it. `brake`: the id of the request that ends them all. It
 * takes over every request of the name, so it ends their rehearsals too, of whichever job they are.
 */
export function lineageOf(
  { jobId }: Pick<JobTarget, "jobId">,
  requests: readonly RequestOnName[],
  brake?: string,
): readonly LineageJob[] {
  const starter = requests.find((r) => r.launched.some((j) => j.jobId === jobId)) ?? null;
  const line: LineageJob[] = [{ jobId, fate: "sent", by: starter }];
  const isInLine = (one: { jobId: string }): boolean => line.some((j) => j.jobId === one.jobId);
  for (const request of requests.toReversed()) {
    // a restart that rolls back starts a second job: whoever means its first one means that, too
    const after = request.launched.findIndex(isInLine);
    const follows = isInLine(request) || after >= 0 || (request.jobId === "" && request.state === "running");
    const isRunning = request.state === "running";
    // a request that ends by itself ends its rehearsal before
    const leaves = isRunning || request.supersededBy !== undefined;
    const rehearsals = follows
      ? leaves
      : brake !== undefined && (isRunning || request.supersededBy === brake);
    for (const started of request.launched.slice(after + 1))
      if (!isInLine(started) && (started.isRehearsal === true ? rehearsals : follows))
        line.push({ ...started, by: request });
  }
  return line;
}

/** Running requests that act on the lineage or may add to it. */
export const changing = (
  line: readonly LineageJob[],
  requests: readonly RequestOnName[],
): readonly RequestOnName[] =>
  requests.filter(
    (r) =>
      r.state === "running" && (line.some((j) => j.jobId === r.jobId || j.by?.id === r.id) || r.jobId === ""),
  );

/** A job of the lineage as Flink shows it now. */
export interface Sighted extends LineageJob {
  seen: Sighting;
  /** The request that started the next job made sure that this one had ended. */
  isReplaced: boolean;
}

/** Sights every job of the lineage, except those that never reached Flink. Throws FlinkRefused, FlinkUnexpected. */
export async function sightAll(flink: FlinkReads, line: readonly LineageJob[]): Promise<readonly Sighted[]> {
  const had = line.filter((j) => j.fate !== "never");
  return await Promise.all(
    had.map(async (j, i) => ({
      ...j,
      seen: await flink.sighting(j.jobId),
      isReplaced: j.isRehearsal !== true && had.slice(i + 1).some((later) => later.isRehearsal !== true),
    })),
  );
}
