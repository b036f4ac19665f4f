import { isTerminal, type JobState, type JobSummary, type Sighting } from "../../model/flink-jobs.ts";
import { shown } from "../wording/job.ts";
import type { Context, Readiness } from "../../model/operation.ts";
import type { JobTarget, NameTarget } from "../../model/target.ts";
import { b, code, type Text, t } from "../../model/text.ts";
import { duration } from "../../model/units.ts";
import { isLongAbsent } from "../phases/unreachable.ts";

/**
 * A job from an older request than this, ms, that is not listed was either seen by the job cache or has ended since.
 */
const LATELY_MS = 3_600_000;

type Startable = Context<unknown, NameTarget | JobTarget>;

/** Whether there is another job of this name. One that is `uncertain` may be alive and has to be waited for. */
export type Another =
  | { is: "none" }
  | { is: "alive"; jobId: string; state: JobState }
  | { is: "uncertain"; words: Text };

/**
 * Jobs of this name that Flink does not list now, but that were alive when last seen or that a flinkops request of
 * the last hour started. During a fail-over Flink may not list them, and they may come back. Throws what FlinkReads
 * throws.
 */
export async function uncertainPredecessors(
  c: Startable,
  listed: readonly JobSummary[],
): Promise<readonly string[]> {
  const { cluster, name } = c.target;
  const { absentFor } = c.known.settings;
  const [seen, requests] = await Promise.all([
    c.known.lastSeen(cluster, name),
    c.known.requestsOn(cluster, name),
  ]);
  const gone = new Set(
    seen
      .filter((j) => isLongAbsent({ forMs: j.absentMs, answers: j.answers }, absentFor))
      .map((j) => j.jobId),
  );
  const started = requests
    .filter((r) => r.id !== c.requestId && r.askedAt > c.now - LATELY_MS)
    .flatMap((r) => r.launched.filter((l) => l.fate !== "never" && l.isRehearsal !== true));
  const known = new Set(listed.map((j) => j.jobId));
  return [...new Set([...seen, ...started].map((j) => j.jobId))].filter(
    (id) => !known.has(id) && !gone.has(id),
  );
}

/** A start waits until no job of this name can run any more, and is refused if one does run. */
export async function waitForPredecessors(c: Startable): Promise<Readiness> {
  const another = await anotherOfItsName(c, []);
  if (another.is === "none") return { is: "go" };
  if (another.is === "uncertain") return { is: "wait", words: another.words };
  const { jobId, state } = another;
  return {
    is: "no",
    why: t`${b(shown(c.target.name))} is already running: job ${code(jobId.slice(0, 8))} is ${state}.`,
  };
}

/** Checked just before a start; `own` jobs are ignored. Throws what FlinkReads throws. */
export async function anotherOfItsName(c: Startable, own: readonly string[]): Promise<Another> {
  const { absentFor } = c.known.settings;
  const { name } = c.target;
  const listed = await c.flink.overview();
  // it may have come back, or someone else may have deployed it, since the plan was made
  const other = listed.find((j) => j.name === name && !isTerminal(j.state) && !own.includes(j.jobId));
  if (other !== undefined) return { is: "alive", jobId: other.jobId, state: other.state };
  for (const jobId of await uncertainPredecessors(c, listed)) {
    if (own.includes(jobId)) continue;
    const seen = await c.flink.sighting(jobId);
    if (seen.is === "alive") return { is: "alive", jobId, state: seen.state };
    const unseen = unseenJob(seen, { jobId, absentFor });
    if (unseen.is === "uncertain") return unseen;
  }
  return { is: "none" };
}

/** Whether a job that is not known to be alive may still come back. */
function unseenJob(seen: Sighting, { jobId, absentFor }: { jobId: string; absentFor: number }): Another {
  if (seen.is === "unanswered")
    return { is: "uncertain", words: "The cluster does not answer; still trying." };
  if (seen.is === "absent" && !isLongAbsent(seen, absentFor))
    return {
      is: "uncertain",
      words: t`Flink does not list job ${code(jobId.slice(0, 8))}, the last one of this name; waiting ${duration(absentFor)} for it to come back.`,
    };
  return { is: "none" };
}

/** Tells the approver why it is not certain that nothing runs; empty if it is certain. */
export const predecessorWarnings = (ids: readonly string[]): readonly Text[] =>
  ids.map(
    (id) =>
      t`Job ${code(id.slice(0, 8))} was alive when flinkops last saw it, and Flink did not list it when this was asked. If it comes back, two jobs run at once.`,
  );
