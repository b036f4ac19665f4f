import { given, isTerminal, type JobSummary } from "../../model/flink-jobs.ts";
import type { Context } from "../../model/operation.ts";
import { samePath } from "../../model/state-path.ts";
import type { ChangeTarget } from "../../model/target.ts";

/** A job that is alive and was last started from this path; null: none. */
export async function usedBy(
  c: Context<unknown, ChangeTarget>,
  jobs: readonly JobSummary[],
  path: string,
): Promise<JobSummary | null> {
  const fileSystem = await c.known.restorable.fileSystem(c.target.cluster);
  for (const job of jobs.filter((j) => !isTerminal(j.state))) {
    const restored = given(await c.flink.checkpoints(job.jobId))?.latestRestored?.path ?? null;
    if (restored !== null && samePath(restored, path, fileSystem)) return job;
  }
  return null;
}
