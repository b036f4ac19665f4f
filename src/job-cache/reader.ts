import { FlinkUnreachable } from "../model/errors.ts";
import { isTerminal, type JobSummary } from "../model/flink-jobs.ts";
import type { Clock } from "../platform/clock.ts";
import type { FlinkReads } from "../model/flink-reads.ts";
import type { Log } from "../platform/log.ts";
import type { RedisClient } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import type { JobCache, Seen } from "./job-cache.ts";
import { missingAfter } from "./missing.ts";
import { createPauses } from "./pauses.ts";
import { createSeats, type Turn } from "./seats.ts";
import { createStateReader, type StateReader } from "./state-reader.ts";
import type { States } from "./states.ts";

/** How often a cluster's facts are read, ms. The number of free slots is at most this old. */
const FACTS_MS = 10_000;
/** Time to live of a reader's seat, ms. A reader that does not renew it in time loses the cluster. */
const SEAT_MS = 10_000;
const TICK_MS = 500;
/** Turns because someone waits are at least this far apart, ms. */
const HINTED_MS = 100;

export interface ReaderOptions {
  redis: RedisClient;
  keys: Keys;
  jobCache: JobCache;
  clusters: readonly FlinkReads[];
  worker: string;
  /** How often an unwatched cluster is read, ms; `watched`: how often a watched one is, ms. */
  idle: number;
  watched: number;
  states: States;
  /** How old the restorable states of a watched cluster's jobs may be, ms. */
  everyState: number;
  /** Calls `hint` when someone waits for a watched cluster to be read. Not every time, and perhaps for nothing. */
  onWaited(hint: () => void): void;
  log: Log;
  clock: Clock;
}

/** Keeps the job cache fresh. Each cluster has one reader at a time, the holder of its reader key. */
export function startReader(options: ReaderOptions): { close(): Promise<void> } {
  const stop = new AbortController();
  const running = loop(options, stop.signal);
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}

/** One cluster of this worker. */
interface Reader {
  options: ReaderOptions;
  reads: FlinkReads;
  stateReader: StateReader;
  /** Null: another worker reads the cluster. */
  token: string | null;
  /** What this worker wrote last with `token`; null: nothing yet. */
  seen: Seen | null;
  /** By this process's monotonic clock, only to decide when the next reading is due. */
  readAt: number;
  statesAt: number;
  /**
   * The work under way. The seat is renewed meanwhile: with many jobs, recording states takes longer than one reading.
   */
  reading: Promise<void> | null;
  states: Promise<void> | null;
  noting: Noting;
}

/** One call renews the seats of all clusters, because most of the time that is all there is to do. */
async function loop(options: ReaderOptions, signal: AbortSignal): Promise<void> {
  const { clock, log } = options;
  const ttlMs = Math.min(SEAT_MS, 3 * options.idle);
  const every = Math.min(options.watched, TICK_MS, ttlMs / 3);
  const seats = createSeats(options.redis, options.keys, { worker: options.worker, ttlMs });
  const readers = options.clusters.map((reads) => createReader(options, reads));
  const names = readers.map(({ reads }) => reads.cluster);
  const noting = createNoting(log, {});
  const pauses = createPauses({ leastMs: Math.min(HINTED_MS, every), mostMs: every }, { clock, signal });
  if (readers.length > 0) options.onWaited(() => pauses.hint());
  while (!signal.aborted && readers.length > 0) {
    await noting(async () => {
      const turns = await seats.take(names);
      for (const [i, turn] of turns.entries()) if (readers[i] !== undefined) act(readers[i], turn);
    });
    await pauses.next();
  }
  // Gives the seats up before awaiting a reading: it may take long, and without the seat its result is not written.
  await Promise.all(
    readers.map(async ({ reads, token, noting: own }) => {
      if (token !== null) await own(async () => await seats.leave(reads.cluster, token));
    }),
  );
  for (const { reading, states } of readers) {
    await reading;
    await states;
  }
}

function createReader(options: ReaderOptions, reads: FlinkReads): Reader {
  const { states, everyState, clock, log } = options;
  return {
    options,
    reads,
    stateReader: createStateReader({ reads, states, every: everyState, clock }),
    token: null,
    seen: null,
    readAt: Number.NEGATIVE_INFINITY,
    statesAt: clock.monotonic(),
    reading: null,
    states: null,
    noting: createNoting(log, { cluster: reads.cluster }),
  };
}

type Noting = (work: () => Promise<void>) => Promise<void>;

/** Runs `work` and logs its error: once, until the error changes or the work succeeds. */
function createNoting(log: Log, about: { cluster?: string }): Noting {
  let last: string | null = null;
  return async (work) => {
    try {
      await work();
      last = null;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== last) log.warn({ ...about, problem }, "job cache cannot be written");
      last = problem;
    }
  };
}

/** Starts what is due at this turn. */
function act(reader: Reader, turn: Turn): void {
  const { options, noting } = reader;
  const { token } = turn;
  if (token !== reader.token) reader.seen = null;
  reader.token = token;
  if (token === null) return;
  const now = options.clock.monotonic();
  if (reader.reading === null && now - reader.readAt >= (turn.watched ? options.watched : options.idle)) {
    reader.readAt = now;
    reader.reading = noting(async () => await read(reader, token, turn.now)).finally(() => {
      reader.reading = null;
    });
  }
  keepStates(reader, token, turn);
}

async function read(reader: Reader, token: string, now: number): Promise<void> {
  const { reads, options } = reader;
  const { jobCache } = options;
  // `jobCache.read()` would mark the cluster as watched because of its own reader.
  const before = reader.seen ?? (await jobCache.peek([reads.cluster])).get(reads.cluster);
  const seen = await look(reads, before, now);
  const isWritten = await jobCache.write(reads.cluster, seen, token);
  if (isWritten && reader.token === token) reader.seen = seen;
}

function keepStates(reader: Reader, token: string, { now, watched }: Turn): void {
  const { options, reads, stateReader, seen } = reader;
  const at = options.clock.monotonic();
  if (seen === null || seen.unreachableSince !== null) return;
  if (reader.states !== null || at - reader.statesAt < stateReader.turnMs) return;
  reader.statesAt = at;
  // The JobManager of an application cluster ends with its job, and nobody can be asked for its last checkpoint then.
  const isPressing = watched || seen.facts?.application === true;
  reader.states = stateReader
    .keep({ jobs: seen.jobs, now, token, isPressing })
    .catch((error: unknown) => {
      options.log.warn({ cluster: reads.cluster, err: error }, "restorable states cannot be stored");
    })
    .finally(() => {
      reader.states = null;
    });
}

/**
 * Reads a cluster; `now` is ms by Redis's clock. Where the cluster does not answer, returns the jobs last seen and
 * since when it has been unreachable.
 */
export async function look(reads: FlinkReads, before: Seen | undefined, now: number): Promise<Seen> {
  try {
    const jobs = [...(await reads.overview())];
    return {
      v: 1,
      readAt: now,
      unreachableSince: null,
      problem: null,
      answeringSince: (before?.unreachableSince === null ? before.answeringSince : null) ?? now,
      facts: await factsOf(reads, before?.facts ?? null, now),
      jobs,
      missing: await missingAfter(before, { jobs, at: now }, async () => await reads.processes()),
    };
  } catch (error) {
    return {
      v: 1,
      readAt: before?.readAt ?? null,
      unreachableSince: before?.unreachableSince ?? now,
      problem: error instanceof Error ? error.message : String(error),
      answeringSince: null,
      facts: before?.facts ?? null,
      jobs: (before?.jobs ?? []).map((job) => asEnded(job, reads, { error, before, now })),
      missing: before?.missing ?? [],
    };
  }
}

/** A job that is known to have ended before its cluster did, and that no list has shown so. */
function asEnded(
  job: JobSummary,
  reads: FlinkReads,
  { error, before, now }: { error: unknown; before: Seen | undefined; now: number },
): JobSummary {
  if (isTerminal(job.state)) return job;
  // a session cluster may come back with a job whose end was only agreed to
  const isEnd = before?.facts?.application === true && error instanceof FlinkUnreachable && error.refused;
  const refusedMs = isEnd ? now - (before?.unreachableSince ?? now) : 0;
  const state = reads.ending(job.jobId, refusedMs);
  return state === null ? job : { ...job, state };
}

/** Facts change rarely and are read at most every `FACTS_MS`. Facts that cannot be read keep their last value. */
async function factsOf(reads: FlinkReads, before: Seen["facts"], now: number): Promise<Seen["facts"]> {
  if (before !== null && now - before.readAt < FACTS_MS) return before;
  return await reads.capabilities().then(
    (facts) => ({ ...facts, readAt: now }),
    () => before,
  );
}
