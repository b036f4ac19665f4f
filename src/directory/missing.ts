import { z } from "zod";
import { isTerminal, type JobSummary } from "../flink/reads.ts";

/** A job that was alive in one reading and not listed in the next. */
export const missingSchema = z.object({
  jobId: z.string(),
  name: z.string(),
  /** ms, by the reader's clock. */
  since: z.number(),
  /** Readings without it, one right after the other. */
  answers: z.number(),
});
export type MissingJob = z.infer<typeof missingSchema>;

/** After that nobody expects it to come back, ms. */
const FORGET_MS = 24 * 3_600_000;
const MOST = 1000;
/** A gap that is longer tells nothing of what was listed in between: twice the time between two readings that nobody waits for. */
const UNBROKEN_MS = 30_000;

/** A reading as the next one looks at it; all ms by the reader's clock. */
interface Before {
  jobs: readonly JobSummary[];
  missing: readonly MissingJob[];
  readAt: number | null;
  unreachableSince: number | null;
}

/**
 * Those that are missing after a reading which lists `now`: what was alive before and is not listed, until it is again.
 * Where nobody answered or nobody looked in between, Flink may have failed over once more: then it is counted anew.
 */
export function missingAfter(
  before: Before | undefined,
  now: readonly JobSummary[],
  at: number,
): MissingJob[] {
  const listed = new Set(now.map((j) => j.jobId));
  const still = (before?.missing ?? [])
    .filter((m) => !listed.has(m.jobId) && at - m.since < FORGET_MS)
    .map((m) =>
      isUnbroken(before, at) ? { ...m, answers: m.answers + 1 } : { ...m, since: at, answers: 1 },
    );
  const vanished = (before?.jobs ?? [])
    .filter((j) => !isTerminal(j.state) && !listed.has(j.jobId))
    .map(({ jobId, name }) => ({ jobId, name, since: at, answers: 1 }));
  return [...still, ...vanished].slice(-MOST);
}

const isUnbroken = (before: Before | undefined, at: number): boolean =>
  before?.unreachableSince === null && before.readAt !== null && at - before.readAt <= UNBROKEN_MS;
