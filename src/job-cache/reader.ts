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

/** How often a cluster is asked what it is, ms; also how old the free slots may be. */
const FACTS_MS = 10_000;
/** A reader that has not said so for this long does not read any more, ms. */
const SEAT_MS = 10_000;
const TICK_MS = 500;

export interface ReaderOptions {
  redis: RedisClient;
  keys: Keys;
  jobCache: JobCache;
  clusters: readonly FlinkReads[];
  worker: string;
  /** ms: how often while nobody looks, and while somebody does. */
  idle: number;
  watched: number;
  states: States;
  /** ms: how often it is noted down what of each job can be restored. */
  everyState: number;
  log: Log;
  clock: Clock;
}

/** Keeps the job cache fresh: one reader at a time per cluster, whoever holds the reader key. */
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
  /** ms between two looks at the seat. */
  every: number;
}

interface Last {
  /** By our own clock: only to tell when the next one is due. */
  readAt: number;
  statesAt: number;
  /** Under way. The seat is kept meanwhile, and with many jobs noting states down takes longer than a reading. */
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
  // first of all: what is still being read may take long, and is not written any more
  const { token } = last;
  if (token !== null) await seat(async () => await seats.leave(reads.cluster, token));
  await last.reading;
  await last.states;
}

/** Does it, and logs what it met: once, until that is over or something else. */
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
  // read() would keep the cluster watched by its own reader
  const before = (await jobCache.peek([reads.cluster])).get(reads.cluster);
  const seen = await look(reads, before, now);
  if (token === null || !(await jobCache.write(reads.cluster, seen, token))) return;
  if (seen.unreachableSince !== null || last.states !== null) return;
  if (clock.monotonic() - last.statesAt < options.everyState) return;
  last.statesAt = clock.monotonic();
  last.states = keepStates({ reads, jobs: seen.jobs, states: options.states, now, token })
    .catch((error: unknown) => {
      options.log.warn({ cluster: reads.cluster, err: error }, "restorable states cannot be noted down");
    })
    .finally(() => {
      last.states = null;
    });
}

/** What is seen now; `now` by Redis's clock; where nobody answers, the jobs last seen and since when. */
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

/** What a cluster is changes seldom; what could not be read stays as it was. */
async function factsOf(reads: FlinkReads, before: Seen["facts"], now: number): Promise<Seen["facts"]> {
  if (before !== null && now - before.readAt < FACTS_MS) return before;
  return await reads.capabilities().then(
    (facts) => ({ ...facts, readAt: now }),
    () => before,
  );
}
