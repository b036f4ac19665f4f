import {
  type Checkpoint,
  type CheckpointConfig,
  type Checkpoints,
  given,
  isTerminal,
  type JobSummary,
} from "../model/flink-jobs.ts";
import type { FlinkReads } from "../model/flink-reads.ts";
import type { Clock } from "../platform/clock.ts";
import { type Due, dueOf, markOf, type Planned, waitMs } from "./state-schedule.ts";
import type { KeptJob, KeptState, States } from "./states.ts";
import { createVertexReader, type Looked } from "./vertex-reader.ts";

/** Jobs read at once. A thousand of them must not crowd out the requests of people. */
const AT_ONCE = 4;
/** Jobs of a cluster read a second, unless they are urgent. */
const PER_SECOND = 9;
/** Urgent jobs read at a time: a worker that finds a thousand jobs for the first time knows them soon. */
const MOST_URGENT = 200;
/** Where nobody watches, states may be this many times as old as where somebody does. */
const UNWATCHED = 6;
/** How many times within that age it is checked which jobs are due. */
const TURNS = 5;
const MOST_SAVEPOINTS = 20;
/** Clock differences below this are ignored, because the HTTP requests themselves take time. In ms. */
const LEAST_SHIFT_MS = 5000;
/** A job that has not been seen for this long is forgotten, ms. */
const FORGET_MS = 30 * 24 * 3_600_000;

export interface StateReaderOptions {
  reads: FlinkReads;
  states: States;
  /** How old the states of a job may be while someone watches its cluster, ms. */
  every: number;
  clock: Pick<Clock, "monotonic">;
}

/** A cluster as it was just listed. */
export interface Listing {
  jobs: readonly JobSummary[];
  /** Redis's clock, ms. */
  now: number;
  /** The token of the cluster's reader. */
  token: string;
  /** Someone views the cluster, or it ends with its job: its states are to be as new as they can be. */
  isPressing: boolean;
}

/** Records the restorable states of one cluster's jobs. */
export interface StateReader {
  /** How often `keep` is to be called, ms. */
  readonly turnMs: number;
  /**
   * Reads those jobs whose turn it is: at once what is new, has changed or has ended, and the others by the age of what
   * is known of them, nine a second at most. A job that cannot be read keeps its last states. Reads the vertices of some
   * of these jobs as well.
   */
  keep(listing: Listing): Promise<void>;
}

/** What one holder of the reader's seat knows; nobody else writes meanwhile. */
interface Term {
  token: string;
  /** By job id, like `plans`. A job that takes no checkpoints is in `plans` only. */
  kept: Map<string, KeptJob>;
  plans: Map<string, Planned>;
}

export function createStateReader({ reads, states, every, clock }: StateReaderOptions): StateReader {
  const { cluster } = reads;
  const turnMs = every / TURNS;
  const mostOrdinary = Math.ceil((PER_SECOND * turnMs) / 1000);
  const vertexReader = createVertexReader({ reads, states, clock });
  let term: Term | null = null;

  const begin = async (token: string, now: number): Promise<Term> => {
    const kept = new Map((await states.read(cluster)).map((k) => [k.jobId, k]));
    const at = clock.monotonic();
    const plans = [...kept.values()].map(({ jobId, state, seenAt }): [string, Planned] => {
      const readAt = at - Math.max(0, now - seenAt);
      return [
        jobId,
        isTerminal(state)
          ? { mark: state, readAt, due: Number.POSITIVE_INFINITY }
          : { mark: null, readAt, due: readAt },
      ];
    });
    return { token, kept, plans: new Map(plans) };
  };

  const readAll = async (due: readonly Due[], on: Term, looking: Listing): Promise<readonly Looked[]> => {
    const { jobs, now } = looking;
    const shift = shiftOf(jobs, now);
    const at = clock.monotonic();
    const left = due.map((d) => d.job);
    const seen: Looked[] = [];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let job = left.shift(); job !== undefined; job = left.shift()) {
          const before = on.kept.get(job.jobId);
          const looked = await look(reads, job, { before, now, shift }).catch(() => "unread" as const);
          if (looked !== null && looked !== "unread") seen.push(looked);
          const wait = looked === "unread" ? every : nextIn(job, looked?.kept ?? null, { now, least: every });
          on.plans.set(job.jobId, { mark: markOf(job), readAt: at, due: at + wait });
        }
      }),
    );
    return seen;
  };

  return {
    turnMs,
    async keep(listing) {
      const { jobs, now, token, isPressing } = listing;
      const on = term?.token === token ? term : await begin(token, now);
      // what is not written is not known, so a failure begins the term anew
      term = null;
      const soonest = isPressing ? every : Number.POSITIVE_INFINITY;
      const due = dueOf(jobs, on.plans, { at: clock.monotonic(), soonest });
      const urgent = due.filter((d) => d.isUrgent).length;
      const some = due.slice(0, Math.max(mostOrdinary, Math.min(urgent, MOST_URGENT)));
      const forget = [...on.kept.values()].filter((k) => k.seenAt < now - FORGET_MS).map((k) => k.jobId);
      if (some.length === 0 && forget.length === 0) {
        term = on;
        return;
      }
      const seen = await readAll(some, on, listing);
      // Flink continues to list states that were deleted through it.
      const paths = seen.flatMap(({ kept }) => kept.states.filter((s) => s.isSavepoint).map((s) => s.path));
      const gone = await states.disposed(cluster, paths);
      const looked = seen.map(({ kept, newest }) => ({
        newest,
        kept: { ...kept, states: kept.states.filter((s) => !gone.has(s.path)) },
      }));
      const kept = looked.map((one) => one.kept);
      await states.write(cluster, { token, jobs: kept, vertices: [], forget, stillListed: [...gone] });
      for (const job of kept) on.kept.set(job.jobId, job);
      // urgent ones leave no debt
      const spent = Math.min(some.length, mostOrdinary);
      const read = await vertexReader.read(looked, { now, spent });
      if (read.jobs.length > 0) await states.write(cluster, { token, ...read, forget: [], stillListed: [] });
      for (const job of read.jobs) on.kept.set(job.jobId, job);
      for (const id of forget) on.kept.delete(id);
      const listed = new Set(jobs.map((j) => j.jobId));
      for (const id of on.plans.keys()) if (!listed.has(id) && !on.kept.has(id)) on.plans.delete(id);
      term = on;
    },
  };
}

/** How long until the job is read again, ms; `kept` null: it takes no checkpoints. */
function nextIn(
  job: JobSummary,
  kept: KeptJob | null,
  { now, least }: { now: number; least: number },
): number {
  if (isTerminal(job.state)) return Number.POSITIVE_INFINITY;
  const last = kept?.states.find((s) => !s.isSavepoint);
  const sinceMs = last === undefined ? (job.ageMs ?? 0) : now - last.at;
  return waitMs({ intervalMs: kept?.intervalMs ?? null, sinceMs }, { least, most: UNWATCHED * least });
}

interface Looking {
  before: KeptJob | undefined;
  now: number;
  /** By how much Redis's clock is ahead of Flink's, ms; null: unknown. */
  shift: number | null;
}

/** Null: the job takes no checkpoints. */
async function look(
  reads: FlinkReads,
  job: JobSummary,
  { before, now, shift }: Looking,
): Promise<Looked | null> {
  const checkpoints = given(await reads.checkpoints(job.jobId));
  if (checkpoints === null && before === undefined) return null;
  const later = shift ?? (await shiftBy(reads, job, now));
  const kept: KeptJob = {
    v: 1,
    jobId: job.jobId,
    name: job.name,
    state: job.state,
    seenAt: now,
    ...(await configOf(reads, job, before)),
    startedAt: job.startedAt,
    ...(before?.startedAt === job.startedAt && { verticesAt: before.verticesAt }),
    states: merged(before?.states ?? [], checkpoints, later),
  };
  return { kept, newest: (checkpoints?.latestCompleted ?? checkpoints?.latestSavepoint)?.id ?? null };
}

type Configured = Pick<CheckpointConfig, "retainedOnCancel" | "retainedOnFailure" | "intervalMs">;
const NOT_CONFIGURED: Configured = { retainedOnCancel: false, retainedOnFailure: false, intervalMs: null };

/** A job's configuration does not change while it runs. */
async function configOf(
  reads: FlinkReads,
  { jobId, startedAt }: JobSummary,
  before: KeptJob | undefined,
): Promise<Configured> {
  const known = before === undefined ? null : { ...NOT_CONFIGURED, ...configuredOf(before) };
  if (known !== null && before?.startedAt === startedAt) return known;
  const read = given(await reads.checkpointConfig(jobId));
  return read === null ? (known ?? NOT_CONFIGURED) : configuredOf(read);
}

const configuredOf = (from: KeptJob | CheckpointConfig): Configured => ({
  retainedOnCancel: from.retainedOnCancel,
  retainedOnFailure: from.retainedOnFailure,
  intervalMs: from.intervalMs ?? null,
});

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
