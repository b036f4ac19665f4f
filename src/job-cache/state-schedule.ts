import { isTerminal, type JobSummary } from "../model/flink-jobs.ts";

/**
 * After how many checkpoints of its own a job is read again. A start tries a dozen numbers after the last checkpoint
 * that was seen (ADR 12), and a reading may be late.
 */
const INTERVALS = 8;
/** Time between a checkpoint's expected completion and reading it, ms: triggers are late, and Flink caches. */
const MARGIN_MS = 3000;

/** How old a job's states may be where nothing is known to have changed, ms. */
export interface Ages {
  least: number;
  most: number;
}

/** When a job's states were read, and when they are due again; ms by a monotonic clock. */
export interface Planned {
  /** What the overview said of the job then; null: unknown. */
  mark: string | null;
  readAt: number;
  /** Infinity: only if the overview says something else. */
  due: number;
}

/**
 * What the overview says of a job, apart from its age. Checkpoints do not show in it. A job that has ended changes no
 * more.
 */
export function markOf({ state, startedAt, lastModifiedAt, tasks }: JobSummary): string {
  return isTerminal(state)
    ? state
    : [state, startedAt, lastModifiedAt, tasks.running, tasks.failed].join(" ");
}

/** How long until a live job is read again, ms. */
export function waitMs(
  job: {
    /** Null: no periodic checkpoints. */
    intervalMs: number | null;
    /** Since its last checkpoint was completed, or since it was started. */
    sinceMs: number;
  },
  { least, most }: Ages,
): number {
  const { intervalMs, sinceMs } = job;
  if (intervalMs === null) return most;
  const longest = Math.min(most, Math.max(least, INTERVALS * intervalMs));
  const ahead = intervalMs - sinceMs;
  // overdue, so nobody knows when it comes: the longer ago, the less often it is asked for
  if (ahead <= 0) return Math.min(longest, Math.max(least, -ahead));
  if (ahead > longest || intervalMs <= MARGIN_MS) return longest;
  const last = ahead + Math.floor((longest - ahead) / intervalMs) * intervalMs;
  return Math.max(least, last + MARGIN_MS);
}

/** A job that is to be read now. */
export interface Due {
  job: JobSummary;
  /** Its states have never been read, or it has ended since: people may want to resume it. */
  isUrgent: boolean;
}

/**
 * The jobs to read now, the most urgent first. `soonest`: how old states may be at most that are not known to have
 * changed, ms; Infinity: as planned.
 */
export function dueOf(
  jobs: readonly JobSummary[],
  plans: ReadonlyMap<string, Planned>,
  { at, soonest }: { at: number; soonest: number },
): readonly Due[] {
  const ranked = jobs.flatMap((job) => {
    const plan = plans.get(job.jobId);
    if (plan === undefined) return [{ job, isUrgent: true, rank: Number.NEGATIVE_INFINITY }];
    const due = Number.isFinite(plan.due) ? Math.min(plan.due, plan.readAt + soonest) : plan.due;
    if (plan.mark === markOf(job)) return due <= at ? [{ job, isUrgent: false, rank: due }] : [];
    return isTerminal(job.state)
      ? [{ job, isUrgent: true, rank: Number.NEGATIVE_INFINITY }]
      : [{ job, isUrgent: false, rank: Math.min(due, at) }];
  });
  return ranked.toSorted((a, z) => (a.rank === z.rank ? 0 : a.rank - z.rank));
}
