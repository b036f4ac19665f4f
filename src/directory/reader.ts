import type { Clock } from "../clock.ts";
import type { FlinkReads } from "../flink/reads.ts";
import type { Log } from "../log.ts";
import type { RedisClient } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import type { Directory, Seen } from "./directory.ts";
import { missingAfter } from "./missing.ts";
import { keepStates } from "./state-reader.ts";
import type { States } from "./states.ts";

/** How often a cluster is asked what it is, ms; also how old the free slots may be. */
const FACTS_MS = 10_000;

export interface ReaderOptions {
  redis: RedisClient;
  keys: Keys;
  directory: Directory;
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

/** Keeps the directory fresh: one reader at a time per cluster, whoever holds the reader key. */
export function startReader(options: ReaderOptions): { close(): Promise<void> } {
  const stop = new AbortController();
  const loops = options.clusters.map(async (reads) => await loop(options, reads, stop.signal));
  return {
    async close() {
      stop.abort();
      await Promise.allSettled(loops);
    },
  };
}

async function loop(options: ReaderOptions, reads: FlinkReads, signal: AbortSignal): Promise<void> {
  const { log, clock } = options;
  const last: Last = { readAt: 0, statesAt: clock.now(), states: null };
  while (!signal.aborted) {
    try {
      await turn(options, reads, last);
    } catch (error) {
      log.warn({ cluster: reads.cluster, err: error }, "directory cannot be written");
    }
    await clock.sleep(Math.min(options.watched, 500), signal);
  }
  await last.states;
}

interface Last {
  readAt: number;
  statesAt: number;
  /** Under way: with many jobs it takes longer than a reading, which must not wait for it. */
  states: Promise<void> | null;
}

async function turn(options: ReaderOptions, reads: FlinkReads, last: Last): Promise<void> {
  const { redis, keys, directory, worker, clock } = options;
  const every = (await directory.isWatched(reads.cluster)) ? options.watched : options.idle;
  if (clock.now() - last.readAt < every) return;
  const key = keys.reader(reads.cluster);
  // longer than a reading, so that a slow one is not joined by a second reader
  const mine = await redis.set(key, worker, "PX", 3 * options.idle, "NX");
  if (mine === null && (await redis.get(key)) !== worker) return;
  await redis.pexpire(key, 3 * options.idle);
  last.readAt = clock.now();
  // read() would keep the cluster watched by its own reader
  const before = (await directory.peek([reads.cluster])).get(reads.cluster);
  const seen = await look(reads, before, last.readAt);
  await directory.write(reads.cluster, seen);
  if (seen.unreachableSince !== null || last.states !== null) return;
  if (clock.now() - last.statesAt < options.everyState) return;
  last.statesAt = clock.now();
  last.states = keepStates(reads, seen.jobs, options.states, last.statesAt)
    .catch((error: unknown) => {
      options.log.warn({ cluster: reads.cluster, err: error }, "restorable states cannot be noted down");
    })
    .finally(() => {
      last.states = null;
    });
}

/** What is seen now; where nobody answers, the jobs last seen and since when. */
async function look(reads: FlinkReads, before: Seen | undefined, now: number): Promise<Seen> {
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
      missing: missingAfter(before, jobs, now),
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
