import {
  type Checkpoint,
  type Checkpoints,
  given,
  isTerminal,
  type JobSummary,
} from "../model/flink-jobs.ts";
import type { FlinkReads } from "../model/flink-reads.ts";
import type { KeptJob, KeptState, States } from "./states.ts";

/** Jobs read at once. A thousand of them must not crowd out the requests of people. */
const AT_ONCE = 4;
const MOST_SAVEPOINTS = 20;
/** Clock differences below this are ignored, because the HTTP requests themselves take time. In ms. */
const LEAST_SHIFT_MS = 5000;
/** A job that has not been seen for this long is forgotten, ms. */
const FORGET_MS = 30 * 24 * 3_600_000;

export interface KeepStatesOptions {
  reads: FlinkReads;
  jobs: readonly JobSummary[];
  states: States;
  /** Redis's clock, ms. */
  now: number;
  /** The token of the cluster's reader. */
  token: string;
}

/**
 * Records the restorable states of each live job, and once more of each job that has ended. A job that cannot be read
 * keeps its last states.
 */
export async function keepStates({ reads, jobs, states, now, token }: KeepStatesOptions): Promise<void> {
  const { cluster } = reads;
  const before = new Map((await states.read(cluster)).map((k) => [k.jobId, k]));
  const due = jobs.filter((j) => !isTerminal(j.state) || before.get(j.jobId)?.state !== j.state);
  const shift = shiftOf(jobs, now);
  const left = [...due];
  const seen: KeptJob[] = [];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let job = left.shift(); job !== undefined; job = left.shift()) {
        const kept = await look(reads, job, { before: before.get(job.jobId), now, shift }).catch(() => null);
        if (kept !== null) seen.push(kept);
      }
    }),
  );
  const forget = [...before.values()].filter((k) => k.seenAt < now - FORGET_MS).map((k) => k.jobId);
  // Flink continues to list states that were deleted through it.
  const paths = seen.flatMap((k) => k.states.filter((s) => s.isSavepoint).map((s) => s.path));
  const gone = await states.disposed(cluster, paths);
  const kept = seen.map((k) => ({ ...k, states: k.states.filter((s) => !gone.has(s.path)) }));
  await states.write(cluster, { token, jobs: kept, forget, stillListed: [...gone] });
}

interface Looking {
  before: KeptJob | undefined;
  now: number;
  /** By how much Redis's clock is ahead of Flink's, ms; null: unknown. */
  shift: number | null;
}

async function look(
  reads: FlinkReads,
  job: JobSummary,
  { before, now, shift }: Looking,
): Promise<KeptJob | null> {
  const checkpoints = given(await reads.checkpoints(job.jobId));
  if (checkpoints === null && before === undefined) return null;
  const { retainedOnCancel, retainedOnFailure } = before ??
    given(await reads.checkpointConfig(job.jobId)) ?? { retainedOnCancel: false, retainedOnFailure: false };
  const later = shift ?? (await shiftBy(reads, job, now));
  return {
    v: 1,
    jobId: job.jobId,
    name: job.name,
    state: job.state,
    seenAt: now,
    retainedOnCancel,
    retainedOnFailure,
    states: merged(before?.states ?? [], checkpoints, later),
  };
}

/**
 * By how much Redis's clock is ahead of Flink's, ms. States that flinkops created are dated by Redis's clock, and the
 * newest state is chosen by time. Any live job gives the difference; null: there is no live job.
 */
function shiftOf(jobs: readonly JobSummary[], now: number): number | null {
  const told = jobs.find((j) => !isTerminal(j.state) && j.ageMs !== undefined);
  return told?.ageMs === undefined ? null : notable(now - (told.startedAt + told.ageMs));
}

/** The same difference, read from a job that has ended. */
async function shiftBy(reads: FlinkReads, { jobId }: JobSummary, now: number): Promise<number> {
  const job = await reads.job(jobId).then(given, () => null);
  return job === null ? 0 : notable(now - job.now);
}

const notable = (shift: number): number => (Math.abs(shift) < LEAST_SHIFT_MS ? 0 : shift);

/** Merges the states seen before with Flink's current list, which is empty after a failover. */
function merged(before: readonly KeptState[], checkpoints: Checkpoints | null, shift: number): KeptState[] {
  if (checkpoints === null) return [...before];
  const { latestCompleted, latestSavepoint, history } = checkpoints;
  const all = [...history, ...(latestSavepoint === null ? [] : [latestSavepoint])];
  const discarded = new Set(all.filter((c) => c.discarded).map((c) => c.path));
  const last = latestCompleted === null ? null : stateOf(latestCompleted, shift);
  const checkpoint = last ?? before.find((s) => !s.isSavepoint);
  const savepoints = new Map(
    [...before, ...all.filter((c) => c.isSavepoint).flatMap((c) => stateOf(c, shift) ?? [])]
      .filter((s) => s.isSavepoint && !discarded.has(s.path))
      .map((s) => [s.path, s]),
  );
  return [
    ...(checkpoint === undefined ? [] : [checkpoint]),
    ...[...savepoints.values()].toSorted((a, z) => z.at - a.at).slice(0, MOST_SAVEPOINTS),
  ];
}

function stateOf(c: Checkpoint, shift: number): KeptState | null {
  if (c.kind !== "completed" || c.path === null || c.discarded) return null;
  return {
    isSavepoint: c.isSavepoint,
    path: c.path,
    at: c.triggeredAt + (c.endToEndMs ?? 0) + shift,
    sizeBytes: c.sizeBytes,
    format: c.format,
  };
}
