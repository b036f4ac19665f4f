import type { Clock } from "../../platform/clock.ts";
import { FlinkBusy, FlinkUnreachable } from "../../model/errors.ts";
import type { Processes } from "../facts/processes.ts";
import { type Absent, isTerminal, type JobState, type Sighting } from "../../model/flink-jobs.ts";
import { isSameGroup, type ProcessGroup } from "../../model/flink-cluster.ts";

/** How many absent jobs are remembered at the same time. */
const MOST = 10_000;

export interface SightingOptions {
  /** One uncached read. Throws FlinkUnreachable. */
  status: (jobId: string) => Promise<JobState | Absent>;
  processes: Processes;
  clock: Pick<Clock, "monotonic">;
  memory?: SightingMemory;
}

/** The known absences of one cluster, shared by all its connections. */
export interface SightingMemory {
  missing: Map<string, Missing>;
  /**
   * The current silence: its start, monotonic ms, and whether every connection was refused; null: the last read was
   * answered.
   */
  silence: { since: number; refused: boolean } | null;
}
export const noSightings = (): SightingMemory => ({ missing: new Map(), silence: null });

/** An unbroken series of answers that do not list a job. */
interface Missing {
  since: number;
  lastAt: number;
  answers: number;
  by: ProcessGroup;
}

/** After a gap longer than this, ms, the series of answers starts again. */
const UNBROKEN_MS = 30_000;

/**
 * The only place that interprets "no such job": for how long, how often, and by which processes. The memory lives as
 * long as this process; another process starts counting again, so it only waits longer. Throws FlinkUnexpected,
 * FlinkRefused.
 */
export function createSightings({ status, processes, clock, memory = noSightings() }: SightingOptions) {
  const { missing } = memory;

  const unanswered = (error: FlinkUnreachable): Sighting => {
    const now = clock.monotonic();
    // a request that was never sent does not prove silence
    if (!(error instanceof FlinkBusy)) {
      const { since, refused } = memory.silence ?? { since: now, refused: true };
      memory.silence = { since, refused: refused && error.refused };
      // if the answering process is unknown, another one may answer after the silence
      for (const [jobId, { by }] of missing) if (by === null) missing.delete(jobId);
    }
    const { since, refused } = memory.silence ?? { since: now, refused: false };
    return { is: "unanswered", forMs: now - since, refused };
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
      memory.silence = null;
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
