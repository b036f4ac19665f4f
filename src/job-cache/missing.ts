import { z } from "zod";
import { isSameGroup, type ProcessGroup } from "../model/flink-cluster.ts";
import { isTerminal, type JobSummary } from "../model/flink-jobs.ts";

/** A job that was alive in one reading and not listed in the next. */
export const missingSchema = z.object({
  jobId: z.string(),
  name: z.string(),
  /** ms, by the reader's clock. */
  since: z.number(),
  /** Readings without it, one right after the other. */
  answers: z.number(),
  /** The JobManagers that gave them; null: they keep that to themselves, or an earlier version wrote this. */
  by: z.array(z.string()).nullable().default(null),
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
 * Where Flink has failed over once more, or may have, as nobody answered or nobody looked in between, it is counted anew.
 * `processes`: who answers now; asked only where something is missing. Throws what that throws.
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
