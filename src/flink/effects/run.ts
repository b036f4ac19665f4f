import { FlinkUnreachable, OpsError } from "../../model/errors.ts";
import {
  type Anchor,
  type Asked,
  type FlinkCall,
  type FlinkEffect,
  groupOf,
  type KeptEffect,
  type Lease,
} from "../../model/effect.ts";
import type { Access } from "../facts/settings.ts";
import { jarPath } from "../rest/paths.ts";
import { read } from "../wire/jobs.ts";
import { answered } from "./answered.ts";
import { ran, runBody } from "../wire/run.ts";
import { type Performed, send } from "./change.ts";

type Run = Extract<FlinkEffect, { do: "run" }>;

/** Flink keeps an ended job for an hour (`jobstore.expiration-time`); half of that leaves a safe margin. */
const KNOWN_MS = 30 * 60_000;

/** flink-runtime, DuplicateJobSubmissionException and (2.3) DuplicateApplicationSubmissionException */
const DUPLICATE = /\b(?:Job|Application) has already been submitted/u;

/** Flink answers only after the program's main() returns, so a start may take longer than other changes. */
export const mayTakeMs = ({ config: { timeouts } }: Pick<Access, "config">): number =>
  Math.max(timeouts.changeMs, timeouts.startMs);

export const call = (effect: Run): FlinkCall => ({
  method: "POST",
  path: `${jarPath(effect.jar)}/run`,
  body: runBody(effect),
});

/**
 * Starts a job under our id. Flink accepts an id once and refuses a second submission as a duplicate, so a duplicate
 * counts as accepted. A main() that throws after submitting its job gives a refusal although the job exists, so after
 * any refusal this function looks the job up.
 * https://issues.apache.org/jira/browse/FLINK-24303
 */
export async function perform(access: Access, effect: Run, lease: Lease): Promise<Performed> {
  const what = call(effect);
  const accepted = (answer: unknown) => ({ jobId: read(ran, answer, `sending ${what.path}`) });
  const sent = await send(
    { ...access, http: access.starts },
    { ...what, accepted, mayTakeMs: mayTakeMs(access) },
    lease,
  );
  if (sent.is === "accepted") return sent;
  // a job that is still being submitted is a duplicate but has no state yet
  const has = DUPLICATE.test(sent.reason) || (await isThere(access, effect.jobId));
  return has ? { is: "accepted", answer: { jobId: effect.jobId } } : sent;
}

/** Throws FlinkUnreachable with `reached: "maybe"` if the read fails: the run itself has already been sent. */
async function isThere(access: Access, jobId: string): Promise<boolean> {
  try {
    return (await answered(access, jobId)).is !== "absent";
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    throw new FlinkUnreachable(error.message, "maybe", { cause: error });
  }
}

/**
 * Looks the job up by the id that flinkops chose. An effect that was never sent needs no proof. Otherwise a 404 means
 * "no" only while a JobManager from the time of saving still answers: after a failover the id of an ended job is free
 * again, and without high availability every job is gone.
 */
export async function ask(
  access: Access,
  effect: Extract<KeptEffect, { do: "run" }>,
  { anchor, sent }: { anchor: Anchor; sent: "no" | "perhaps" },
): Promise<Asked> {
  if ((await answered(access, effect.jobId)).is !== "absent")
    return { is: "accepted", answer: { jobId: effect.jobId } };
  if (sent === "no") return { is: "not" };
  const stillThere = await access.processes.stillThere(groupOf(anchor));
  const isRecent = access.clock.now() - anchor.flinkNow < KNOWN_MS;
  if (stillThere === true && isRecent) return { is: "not" };
  const why =
    stillThere === null
      ? "flinkops cannot tell whether the JobManager is still the same one"
      : stillThere
        ? "the request is older than Flink's memory of jobs"
        : "the JobManager was replaced meanwhile and may have forgotten the job";
  return { is: "unknown", looked: `${why}; it has no job ${effect.jobId}` };
}
