import type { Clock } from "../../platform/clock.ts";
import { FlinkBusy, FlinkUnreachable } from "../../model/errors.ts";
import type { Processes } from "../facts/processes.ts";
import { type Absent, isTerminal, type JobState, type Sighting } from "../../model/flink-jobs.ts";
import { isSameGroup, type ProcessGroup } from "../../model/flink-cluster.ts";

/** Jobs whose absence is remembered at once. */
const MOST = 10_000;

export interface SightingOptions {
  /** One uncached read. Throws FlinkUnreachable. */
  status: (jobId: string) => Promise<JobState | Absent>;
  processes: Processes;
  clock: Pick<Clock, "monotonic">;
  memory?: SightingMemory;
}

/** What is remembered of one cluster, over whichever connections it was heard. */
export interface SightingMemory {
  missing: Map<string, Missing>;
  /** Since when nobody has answered; null: somebody has. */
  silentSince: number | null;
}
export const noSightings = (): SightingMemory => ({ missing: new Map(), silentSince: null });

/** How long nobody has listed a job, in a row. */
interface Missing {
  since: number;
  lastAt: number;
  answers: number;
  by: ProcessGroup;
}

/** What happened in a longer gap nobody knows, ms. */
const UNBROKEN_MS = 30_000;

/**
 * The one place where "no such job" gets a meaning: how long, how often and by whom it was said. Remembers that as long as
 * this process lives; another process counts anew, and waits the longer. Throws FlinkUnexpected, FlinkRefused.
 */
export function createSightings({ status, processes, clock, memory = noSightings() }: SightingOptions) {
  const { missing } = memory;

  const unanswered = (error: FlinkUnreachable): Sighting => {
    const now = clock.monotonic();
    // what was never sent has not met with silence
    if (!(error instanceof FlinkBusy)) {
      memory.silentSince ??= now;
      // who does not say which process answers may be another one after a silence
      for (const [jobId, { by }] of missing) if (by === null) missing.delete(jobId);
    }
    return { is: "unanswered", forMs: now - (memory.silentSince ?? now) };
  };

  const absent = async (jobId: string): Promise<Sighting> => {
    const by = await processes.now();
    const now = clock.monotonic();
    const before = missing.get(jobId);
    const goesOn = before !== undefined && now - before.lastAt <= UNBROKEN_MS && isSameGroup(before.by, by);
    const seen: Missing = goesOn
      ? { since: before.since, lastAt: now, answers: before.answers + 1, by: union(before.by, by) }
      : { since: now, lastAt: now, answers: 1, by };
    missing.delete(jobId);
    missing.set(jobId, seen);
    const [oldest] = missing.keys();
    if (missing.size > MOST && oldest !== undefined) missing.delete(oldest);
    return { is: "absent", forMs: now - seen.since, answers: seen.answers, by: seen.by };
  };

  return async (jobId: string): Promise<Sighting> => {
    try {
      const state = await status(jobId);
      memory.silentSince = null;
      if (state === "absent") return await absent(jobId);
      missing.delete(jobId);
      return isTerminal(state) ? { is: "ended", state } : { is: "alive", state };
    } catch (error) {
      if (error instanceof FlinkUnreachable) return unanswered(error);
      throw error;
    }
  };
}

const union = (a: ProcessGroup, z: ProcessGroup): ProcessGroup =>
  a === null || z === null ? null : [...new Set([...a, ...z])];
