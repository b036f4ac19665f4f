import { z } from "zod";
import { isSameGroup, type ProcessGroup } from "../model/flink-cluster.ts";
import { isTerminal, type JobSummary } from "../model/flink-jobs.ts";

/** A job that was alive in one reading and is not listed in the next. */
export const missingSchema = z.object({
  jobId: z.string(),
  name: z.string(),
  /** When the job was first missing, ms by the reader's clock. */
  since: z.number(),
  /** Number of consecutive readings without the job. */
  answers: z.number(),
  /** The JobManagers that gave these readings; null: unknown, or written by an earlier version. */
  by: z.array(z.string()).nullable().default(null),
});
export type MissingJob = z.infer<typeof missingSchema>;

/** A missing job is forgotten after this, ms. */
const FORGET_MS = 24 * 3_600_000;
const MOST = 1000;
/**
 * After a longer gap, consecutive readings say nothing about the time between them. Twice the interval of an
 * unwatched cluster, ms.
 */
const UNBROKEN_MS = 30_000;

/** The previous reading; all times are ms by the reader's clock. */
interface Before {
  jobs: readonly JobSummary[];
  missing: readonly MissingJob[];
  readAt: number | null;
  unreachableSince: number | null;
}

/**
 * Returns the jobs that are missing after a reading that lists `jobs`: jobs that were alive before and are not listed
 * now. A job stays missing until it is listed again. The count restarts where Flink failed over in between, or may
 * have: the JobManager changed, no JobManager answered, or no reading took place.
 * `processes` returns the JobManagers that answer now; it is called only where a job is missing, and its errors are
 * passed on.
 */
export async function missingAfter(
  before: Before | undefined,
  { jobs, at }: { jobs: readonly JobSummary[]; at: number },
  processes: () => Promise<ProcessGroup>,
): Promise<MissingJob[]> {
  const listed = new Set(jobs.map((j) => j.jobId));
  const still = (before?.missing ?? []).filter((m) => !listed.has(m.jobId) && at - m.since < FORGET_MS);
  const vanished = (before?.jobs ?? []).filter((j) => !isTerminal(j.state) && !listed.has(j.jobId));
  if (still.length + vanished.length === 0) return [];
  const group = await processes();
  const by = group === null ? null : [...group];
  const anew = { since: at, answers: 1, by };
  const goesOn = (m: MissingJob): boolean => isUnbroken(before, at) && isSameGroup(m.by, by);
  return [
    ...still.map((m) => (goesOn(m) ? { ...m, answers: m.answers + 1, by } : { ...m, ...anew })),
    ...vanished.map(({ jobId, name }) => ({ jobId, name, ...anew })),
  ].slice(-MOST);
}

const isUnbroken = (before: Before | undefined, at: number): boolean =>
  before?.unreachableSince === null && before.readAt !== null && at - before.readAt <= UNBROKEN_MS;
