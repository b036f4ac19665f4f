import { FlinkUnreachable, OpsError } from "../../model/errors.ts";
import {
  type Anchor,
  type Asked,
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

/** A job that has ended stays known for an hour (`jobstore.expiration-time`); half of that is surely within. */
const KNOWN_MS = 30 * 60_000;

/** flink-runtime, DuplicateJobSubmissionException and (2.3) DuplicateApplicationSubmissionException */
const DUPLICATE = /\b(?:Job|Application) has already been submitted/u;

/** Flink answers when the program's main() has returned, so a start may take longer than other changes. */
export const mayTakeMs = ({ config: { timeouts } }: Pick<Access, "config">): number =>
  Math.max(timeouts.changeMs, timeouts.startMs);

/**
 * Starts a job under our id. Flink takes an id once: who sends it again is refused as a duplicate, and has what was wanted.
 * A main() that throws after it has started its job is a no with a job, so after any no the job itself is asked for.
 * https://issues.apache.org/jira/browse/FLINK-24303
 */
export async function perform(access: Access, effect: Run, lease: Lease): Promise<Performed> {
  const path = `${jarPath(effect.jar)}/run`;
  const accepted = (answer: unknown) => ({ jobId: read(ran, answer, `sending ${path}`) });
  const sent = await send(
    { ...access, http: access.starts },
    { method: "POST", path, body: runBody(effect), accepted, mayTakeMs: mayTakeMs(access) },
    lease,
  );
  if (sent.is === "accepted") return sent;
  // a duplicate of what is just being submitted has no state yet
  const has = DUPLICATE.test(sent.reason) || (await isThere(access, effect.jobId));
  return has ? { is: "accepted", answer: { jobId: effect.jobId } } : sent;
}

/** Throws FlinkUnreachable where nobody can tell: the run has been sent, whatever asking after it has reached. */
async function isThere(access: Access, jobId: string): Promise<boolean> {
  try {
    return (await answered(access, jobId)).is !== "absent";
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    throw new FlinkUnreachable(error.message, "maybe", { cause: error });
  }
}

/**
 * By the id that we chose. What nobody has sent needs no proof. Otherwise a 404 is a "no" only while one of the JobManagers
 * is there that were there when it was saved: after a fail-over the id of a job that has ended is free again, and without
 * high availability every job is gone.
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
      ? "Flink does not tell whether its JobManager is still the one that was asked"
      : stillThere
        ? "the request is older than Flink's memory of jobs"
        : "the JobManager was replaced meanwhile and may have forgotten the job";
  return { is: "unknown", looked: `${why}; it has no job ${effect.jobId}` };
}
