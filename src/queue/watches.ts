import { AsyncResource } from "node:async_hooks";
import { FlinkBusy } from "../model/errors.ts";
import type { AsyncOperation } from "../model/flink-reads.ts";
import type { Clock } from "../platform/clock.ts";
import type { Intake } from "../requests/record/record.ts";
import { type Next, pollMs, type Timings, type Watched } from "../requests/ports/engine.ts";

/** At most this many questions to one cluster at a time, as many as their lane has connections. */
const AT_ONCE = 4;
/** A parked request is watched so much longer than it is parked, ms, because its step may have to wait for its turn. */
const GRACE_MS = 5000;
/**
 * The steps of a watched request only keep its card up to date: one after a quarter of its age, but not within a second,
 * and at the latest after `parkSlice`.
 */
const STEP_MIN_MS = 1000;
/** All watched requests together have at most one such step in this time, ms, so where they are many, theirs are later, */
const STEP_SHARE_MS = 6;
/** but within this time, ms: then they also continue elsewhere if this process has died. */
const LONGEST_MS = 60_000;

export interface WatchesOptions {
  isInProgress: (cluster: string, operation: AsyncOperation) => Promise<boolean>;
  /** Makes the next step of a parked request due now. Never throws. */
  wake: (intake: Intake) => Promise<void>;
  timings: Pick<Timings, "pollMin" | "pollMax" | "parkSlice">;
  clock: Clock;
}

/**
 * What this process asks Flink for requests that it has parked: whether an operation is still in progress. That is a
 * hint and decides nothing: once it is not, or Flink does not say, the request's next step is run at once, which reads and judges.
 */
export interface Watches {
  /** When the next step of a request is to run if nothing is heard of what it waits for, ms. */
  stepMs(next: Extract<Next, { is: "again" }>): number;
  /** Watches for a request that is parked for `ms`, and wakes it. */
  park(intake: Intake, watched: Watched, ms: number): void;
  /** Waits `ms`, or until what is watched for the request is over. */
  wait(requestId: string, watched: Watched, ms: number): Promise<void>;
  /** A step of the request is run, so nothing is watched for it. */
  forget(requestId: string): void;
  /** How many requests are watched. */
  size(): number;
  /** Ends all and wakes what is parked: the next steps are to run elsewhere. */
  close(): Promise<void>;
}

interface Entry {
  requestId: string;
  watched: Watched;
  /** Monotonic ms, like `dueAt` (of the last question or the next one) and `endsAt`. */
  since: number;
  dueAt: number;
  endsAt: number;
  over: () => Promise<void> | void;
  callOff: () => void;
}

interface Cluster {
  asking: number;
  /** Whose time has come, in order. */
  due: Set<Entry>;
}

export function createWatches({ isInProgress, wake, timings, clock }: WatchesOptions): Watches {
  const entries = new Map<string, Entry>();
  const clusters = new Map<string, Cluster>();
  /** When the last of the planned steps is, monotonic ms. */
  let lastStepAt = 0;
  // no question belongs to the step during which it was planned, nor to its trace
  const outside = new AsyncResource("flinkops.watches");

  const forget = (entry: Entry): void => {
    entry.callOff();
    clusters.get(entry.watched.cluster)?.due.delete(entry);
    if (entries.get(entry.requestId) === entry) entries.delete(entry.requestId);
  };
  const end = async (entry: Entry): Promise<void> => {
    forget(entry);
    await entry.over();
  };
  const isOver = async ({ watched }: Entry): Promise<boolean> => {
    try {
      return !(await isInProgress(watched.cluster, watched.until));
    } catch (error) {
      // not sent, so nothing is known of Flink
      return !(error instanceof FlinkBusy);
    }
  };
  const plan = (entry: Entry): void => {
    const now = clock.monotonic();
    const interval = pollMs(timings, entry.watched.ageMs + entry.dueAt - entry.since);
    // counted from when it was due, so that questions that had to wait together do not stay together
    entry.dueAt = Math.max(entry.dueAt + interval, now + interval / 2);
    const isLast = entry.dueAt >= entry.endsAt;
    entry.callOff = clock.after(Math.max(0, Math.min(entry.dueAt, entry.endsAt) - now), () => {
      if (isLast) return forget(entry);
      const cluster = clusters.get(entry.watched.cluster) ?? { asking: 0, due: new Set() };
      clusters.set(entry.watched.cluster, cluster);
      cluster.due.add(entry);
      if (cluster.asking < AT_ONCE) void askAll(cluster);
    });
  };
  const askAll = async (cluster: Cluster): Promise<void> => {
    cluster.asking += 1;
    for (const entry of cluster.due) {
      cluster.due.delete(entry);
      if (clock.monotonic() >= entry.endsAt) forget(entry);
      else {
        const over = await isOver(entry);
        if (entries.get(entry.requestId) !== entry) continue;
        if (over) void end(entry);
        else plan(entry);
      }
    }
    cluster.asking -= 1;
  };

  const forgetAbout = (requestId: string): void => {
    const entry = entries.get(requestId);
    if (entry !== undefined) forget(entry);
  };
  const watch = (
    requestId: string,
    watched: Watched,
    { forMs, over }: { forMs: number } & Pick<Entry, "over">,
  ): void => {
    forgetAbout(requestId);
    const since = clock.monotonic();
    const entry = {
      requestId,
      watched,
      since,
      dueAt: since,
      endsAt: since + forMs,
      over,
      callOff: () => undefined,
    };
    entries.set(requestId, entry);
    outside.runInAsyncScope(plan, undefined, entry);
  };

  return {
    stepMs({ inMs, watched }) {
      if (watched === undefined) return inMs;
      const now = clock.monotonic();
      const own = Math.max(STEP_MIN_MS, Math.min(watched.ageMs / 4, timings.parkSlice));
      const shared = Math.min(entries.size * STEP_SHARE_MS, LONGEST_MS);
      const inTurn = Math.max(own, Math.min(lastStepAt + STEP_SHARE_MS - now, shared));
      lastStepAt = now + inTurn;
      return Math.max(inMs, Math.min(inTurn, watched.atMostMs));
    },
    park: (intake, watched, ms) =>
      watch(intake.requestId, watched, { forMs: ms + GRACE_MS, over: async () => await wake(intake) }),
    async wait(requestId, watched, ms) {
      const over = new AbortController();
      watch(requestId, watched, { forMs: ms, over: () => over.abort() });
      await clock.sleep(ms, over.signal);
      forgetAbout(requestId);
    },
    forget: forgetAbout,
    size: () => entries.size,
    async close() {
      await Promise.all(Array.from(entries.values(), end));
    },
  };
}
