import type { Clock } from "../platform/clock.ts";
import type { FlinkReads } from "../model/flink-reads.ts";
import type { Log } from "../platform/log.ts";
import type { RedisClient } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import type { JobCache, Seen } from "./job-cache.ts";
import { missingAfter } from "./missing.ts";
import { createSeats, type Seats, type Turn } from "./seats.ts";
import { keepStates } from "./state-reader.ts";
import type { States } from "./states.ts";

/** How often a cluster's facts are read, ms. The number of free slots is at most this old. */
const FACTS_MS = 10_000;
/** Time to live of a reader's seat, ms. A reader that does not renew it in time loses the cluster. */
const SEAT_MS = 10_000;
const TICK_MS = 500;

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
  /** How often the restorable states of each job are recorded, ms. */
  everyState: number;
  log: Log;
  clock: Clock;
}

/** Keeps the job cache fresh. Each cluster has one reader at a time, the holder of its reader key. */
export function startReader(options: ReaderOptions): { close(): Promise<void> } {
  const stop = new AbortController();
  const ttlMs = Math.min(SEAT_MS, 3 * options.idle);
  const seats = createSeats(options.redis, options.keys, { worker: options.worker, ttlMs });
  const every = Math.min(options.watched, TICK_MS, ttlMs / 3);
  const loops = options.clusters.map(async (reads) => {
    await loop({ options, seats, reads, every }, stop.signal);
  });
  return {
    async close() {
      stop.abort();
      await Promise.allSettled(loops);
    },
  };
}

interface Reader {
  options: ReaderOptions;
  seats: Seats;
  reads: FlinkReads;
  /** Interval at which the seat is renewed, ms. */
  every: number;
}

interface Last {
  /** By this process's monotonic clock, only to decide when the next reading is due. */
  readAt: number;
  statesAt: number;
  /**
   * The work under way. The loop renews the seat meanwhile: with many jobs, recording states takes longer than one
   * reading.
   */
  reading: Promise<void> | null;
  states: Promise<void> | null;
  token: string | null;
}

async function loop(reader: Reader, signal: AbortSignal): Promise<void> {
  const { options, seats, reads, every } = reader;
  const { clock } = options;
  const last: Last = {
    readAt: Number.NEGATIVE_INFINITY,
    statesAt: clock.monotonic(),
    reading: null,
    states: null,
    token: null,
  };
  const [seat, reading] = [createNoting(reader), createNoting(reader)];
  while (!signal.aborted) {
    await seat(async () => {
      const turn = await seats.take(reads.cluster);
      last.token = turn.token;
      if (turn.token !== null && last.reading === null && isDue(reader, last, turn))
        last.reading = reading(async () => await read(reader, last, turn)).finally(() => {
          last.reading = null;
        });
    });
    await clock.sleep(every, signal);
  }
  // Gives the seat up before awaiting a reading: it may take long, and without the seat its result is not written.
  const { token } = last;
  if (token !== null) await seat(async () => await seats.leave(reads.cluster, token));
  await last.reading;
  await last.states;
}

/** Runs `work` and logs its error: once, until the error changes or the work succeeds. */
function createNoting({ options, reads }: Reader): (work: () => Promise<void>) => Promise<void> {
  let last: string | null = null;
  return async (work) => {
    try {
      await work();
      last = null;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== last)
        options.log.warn({ cluster: reads.cluster, problem }, "job cache cannot be written");
      last = problem;
    }
  };
}

function isDue({ options }: Reader, last: Last, { watched }: Turn): boolean {
  const every = watched ? options.watched : options.idle;
  return options.clock.monotonic() - last.readAt >= every;
}

async function read({ options, reads }: Reader, last: Last, { token, now }: Turn): Promise<void> {
  const { clock, jobCache } = options;
  last.readAt = clock.monotonic();
  // `read()` would mark the cluster as watched because of its own reader.
  const before = (await jobCache.peek([reads.cluster])).get(reads.cluster);
  const seen = await look(reads, before, now);
  if (token === null || !(await jobCache.write(reads.cluster, seen, token))) return;
  if (seen.unreachableSince !== null || last.states !== null) return;
  if (clock.monotonic() - last.statesAt < options.everyState) return;
  last.statesAt = clock.monotonic();
  last.states = keepStates({ reads, jobs: seen.jobs, states: options.states, now, token })
    .catch((error: unknown) => {
      options.log.warn({ cluster: reads.cluster, err: error }, "restorable states cannot be stored");
    })
    .finally(() => {
      last.states = null;
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
      jobs: before?.jobs ?? [],
      missing: before?.missing ?? [],
    };
  }
}

/** Facts change rarely and are read at most every `FACTS_MS`. Facts that cannot be read keep their last value. */
async function factsOf(reads: FlinkReads, before: Seen["facts"], now: number): Promise<Seen["facts"]> {
  if (before !== null && now - before.readAt < FACTS_MS) return before;
  return await reads.capabilities().then(
    (facts) => ({ ...facts, readAt: now }),
    () => before,
  );
}
