import { utcTime } from "../../model/instant.ts";
import type { Anchor, Asked, Effect } from "../../model/effect.ts";
import { type Access, type Moment, readMoment } from "../facts/settings.ts";
import { triggerMemoryMs } from "../facts/deployment-kind.ts";
import { type Checkpoint, given } from "../../model/flink-jobs.ts";
import { MAY, mayNot, type Verdict } from "../../model/verdict.ts";

/** What is known of an effect when Flink is asked about it. */
export interface Saved {
  effectId: string;
  anchor: Anchor;
  /** Whether anyone may have sent it. */
  sent: "no" | "perhaps";
}

type Triggered = Extract<Effect, { do: "savepoint" | "stop" }>;

/** Tolerance between Flink's cache and our reading of its clock, ms. */
const MARGIN_MS = 30_000;

/**
 * Whether Flink has a savepoint or stop under this trigger id. Savepoints and stops share one cache in the JobManager
 * process. The cache is lost in a failover, and an entry expires `rest.async.store-duration` after the end. So a 404
 * means "no" only from the same process (same start-time of the job) and within that time. Otherwise a savepoint under
 * the request's own directory is the proof.
 */
export async function askTriggered(
  access: Access,
  effect: Triggered,
  { effectId, anchor, sent }: Saved,
): Promise<Asked> {
  const status = await access.reads.trigger(effect.jobId, effectId);
  if (status.is !== "forgotten") return { is: "accepted", answer: { triggerId: effectId } };
  // an effect that was never sent needs no proof
  if (sent === "no") return { is: "not" };
  const moment = await readMoment(access, effect.jobId);
  const memoryMs = triggerMemoryMs(await access.settings());
  const proof = provesAbsence(moment, anchor, memoryMs);
  if (proof.is === "may") return { is: "not" };
  const found = await findOwn(access, effect);
  if (found !== null) return { is: "accepted", answer: { triggerId: effectId, location: found } };
  return { is: "unknown", looked: lookedAt(effect, anchor, proof.why) };
}

/** Whether a 404 from Flink may be taken as proof that Flink never had the trigger id. */
export function provesAbsence(moment: Moment | null, anchor: Anchor, memoryMs: number): Verdict<string> {
  if (moment === null && anchor.startTime === null) return MAY;
  if (moment === null) return mayNot("Flink no longer knows the job");
  if (moment.startTime !== anchor.startTime) {
    return mayNot("the JobManager was replaced meanwhile and no longer knows the request");
  }
  if (moment.now === null) return mayNot("the job has ended and Flink no longer knows it");
  const age = moment.now - anchor.flinkNow;
  const believable = memoryMs - Math.min(MARGIN_MS, memoryMs / 4);
  if (age < believable && age >= -MARGIN_MS) return MAY;
  return mayNot("the request is older than Flink's memory of requests");
}

async function findOwn(access: Access, effect: Triggered): Promise<string | null> {
  const { directory } = effect;
  if (directory === null) return null;
  const known = given(await access.reads.checkpoints(effect.jobId));
  const all = known === null ? [] : [known.latestSavepoint, ...known.history];
  const own = all.find((c) => c !== null && isOwn(c, directory));
  return own?.path ?? null;
}

/**
 * Compares only the last segment of the directory, which is the request's id: for a configured `/sp` Flink answers
 * `file:/sp/...`, and a link or a default file system may change more of the path.
 */
function isOwn(c: Checkpoint, directory: string): boolean {
  const name = directory.split("/").findLast((segment) => segment !== "");
  return (
    c.kind === "completed" &&
    c.isSavepoint &&
    name !== undefined &&
    c.path?.split("/").includes(name) === true
  );
}

function lookedAt(effect: Triggered, anchor: Anchor, reason: string): string {
  const since = utcTime(anchor.flinkNow, "seconds");
  const where =
    effect.directory === null
      ? "Flink's default savepoint directory"
      : `${effect.directory}, which only this request uses`;
  return `${reason}, and its list of checkpoints names no such savepoint; check ${where} for one made after ${since}`;
}
