import type { ProcessGroup } from "../../model/flink-cluster.ts";
import type { Sighting } from "../../model/flink-jobs.ts";

/**
 * A JobManager that is silent for longer than this is taken for gone with its job, as an application cluster goes. A
 * fail-over with ZooKeeper was measured at 40 s.
 */
export const SILENCE_MS = 90_000;

/** One JobManager may be asked while it still reads its jobs back, so one answer without the job is none. */
const LEAST_ANSWERS = 3;

/**
 * Whether a job that we have stopped or cancelled ourselves is out of the way, so that its successor may be started. Not
 * being listed counts only from JobManagers that were there when they `accepted` it, and only for as long as a fail-over
 * may take: after one, Flink may not know a job that goes on running.
 */
export function isOutOfTheWay(
  seen: Sighting,
  { accepted, absentFor }: { accepted: ProcessGroup; absentFor: number },
): boolean {
  if (seen.is === "ended") return true;
  if (seen.is !== "absent" || seen.forMs < absentFor || seen.answers < LEAST_ANSWERS) return false;
  return accepted !== null && seen.by !== null && seen.by.some((id) => accepted.includes(id));
}
