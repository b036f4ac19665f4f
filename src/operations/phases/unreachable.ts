import type { ProcessGroup } from "../../model/flink-cluster.ts";
import type { Sighting } from "../../model/flink-jobs.ts";

/**
 * A JobManager that has been silent for longer than this, ms, counts as gone together with its job, as when an
 * application cluster ends. A measured fail-over with ZooKeeper took 40 s.
 */
export const SILENCE_MS = 90_000;

/** A JobManager may answer while it is still recovering its jobs, so a single answer without the job proves nothing. */
const LEAST_ANSWERS = 3;

/**
 * Whether a job that flinkops has stopped or cancelled is gone, so that its successor may be started. "Not listed"
 * counts only from JobManagers that answered when the stop or cancel was saved (`accepted`), and only after a
 * fail-over would be over: after one, Flink may not know a job that still runs.
 */
export function isOutOfTheWay(
  seen: Sighting,
  { accepted, absentFor }: { accepted: ProcessGroup; absentFor: number },
): boolean {
  if (seen.is === "ended") return true;
  if (seen.is !== "absent" || !isLongAbsent(seen, absentFor)) return false;
  return accepted !== null && seen.by !== null && seen.by.some((id) => accepted.includes(id));
}

/** Whether Flink has not listed a job for so long, and in so many answers, that it is gone. */
export const isLongAbsent = (seen: { forMs: number; answers: number }, absentFor: number): boolean =>
  seen.forMs >= absentFor && seen.answers >= LEAST_ANSWERS;
