import { z } from "zod";
import { isTerminal, type JobSummary } from "../flink/reads.ts";

/** A job that was alive in one reading and not listed in the next. */
export const missingSchema = z.object({
  jobId: z.string(),
  name: z.string(),
  /** ms, by the reader's clock. */
  since: z.number(),
  /** Readings without it, in a row. */
  answers: z.number(),
});
export type MissingJob = z.infer<typeof missingSchema>;

/** After that nobody expects it to come back, ms. */
const FORGET_MS = 24 * 3_600_000;
const MOST = 1000;

/** Those that are missing after a reading which lists `now`: what was alive before and is not listed, until it is again. */
export function missingAfter(
  before: { jobs: readonly JobSummary[]; missing: readonly MissingJob[] } | undefined,
  now: readonly JobSummary[],
  at: number,
): MissingJob[] {
  const listed = new Set(now.map((j) => j.jobId));
  const still = (before?.missing ?? [])
    .filter((m) => !listed.has(m.jobId) && at - m.since < FORGET_MS)
    .map((m) => ({ ...m, answers: m.answers + 1 }));
  const vanished = (before?.jobs ?? [])
    .filter((j) => !isTerminal(j.state) && !listed.has(j.jobId))
    .map(({ jobId, name }) => ({ jobId, name, since: at, answers: 1 }));
  return [...still, ...vanished].slice(-MOST);
}
