import { healthFacts, healthOf } from "../facts/job-health.ts";
import { given, type Sighting } from "../../model/flink-jobs.ts";
import { jobRef, named, stands } from "../wording/job.ts";
import { resumeOffers } from "../../model/ended-job.ts";
import type { Json } from "../../model/json.ts";
import type { Observation, PhaseContext } from "../../model/operation.ts";
import type { Offer } from "../../model/report.ts";
import { besideJobs, bothWays } from "../facts/intent-facts.ts";
import { isLost } from "../cancel/phase.ts";
import { optional } from "../../model/optional.ts";
import type { RestartArgs } from "./plan.ts";
import { completedOf, readStart, type Started } from "../phases/start-outcome.ts";
import {
  jobOffers,
  notTold,
  unlessPlaceIsTaken,
  startedReport,
  startFailed,
  unknownStart,
} from "../phases/start-report.ts";
import { isOutOfTheWay } from "../phases/unreachable.ts";
import { stoppedReport } from "../phases/stop-outcome.ts";
import { b, code, type Text, t } from "../../model/text.ts";
import { failedReport, readTrigger, unknownReport } from "../phases/savepoint-trigger.ts";
import { count } from "../../model/units.ts";

/** stop -> stopped -> run, and if that fails: cancel -> back. */
export type RestartPhase = "stop" | "stopped" | "run" | "cancel" | "back";
type Phase = PhaseContext<RestartArgs>;

export async function observeStop(c: Phase): Promise<Observation<RestartPhase>> {
  const seen = await readTrigger(c);
  switch (seen.is) {
    case "pending":
      return { kind: "pending", ...seen };
    case "unknown":
      return unknownReport(c, "Stop before the restart", { why: seen.why, more: ["Nothing was started."] });
    case "refused":
      return failedReport(c, "restart", {
        headline: t`${named(c.target)} was not restarted`,
        reason: seen.reason,
      });
    case "saved":
      return {
        kind: "next",
        phase: "stopped",
        result: { location: seen.location },
        milestone: t`The savepoint is complete: ${code(seen.location)}`,
      };
    case "failed":
      return { kind: "next", phase: "stopped", result: { reason: seen.reason, usable: seen.usable } };
  }
}

/** If the job has ended and its savepoint is good, the restart continues from there. Otherwise it ends like a stop. */
export async function observeStopped(c: Phase): Promise<Observation<RestartPhase>> {
  const seen = await stoppedReport(c, c.results["stop"] ?? null);
  if (seen.is === "pending") return { kind: "pending", note: seen.note };
  if (seen.is === "not stopped")
    return failedReport(c, "restart", {
      headline: t`${named(c.target)} was not restarted`,
      reason: seen.reason,
    });
  if (seen.over)
    return await unlessPlaceIsTaken(
      c,
      { kind: "next", phase: "run", result: { location: seen.location } },
      { own: ownJobs(c), lines: [t`Savepoint: ${code(seen.location)}`] },
    );
  const { report } = seen;
  const nothing = "Nothing was started.";
  return {
    kind: "end",
    report: {
      ...report,
      outcome: "partly",
      lines: [...report.lines, nothing],
      offers: resumeOffers(c.target, c.known),
    },
  };
}

function resultOf(c: Phase, phase: RestartPhase): { readonly [key: string]: Json } {
  const result = c.results[phase];
  return typeof result === "object" && result !== null ? Object.fromEntries(Object.entries(result)) : {};
}

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");
export const locationOf = (c: Phase): string => textOf(resultOf(c, "stopped")["location"]);
/** The new job that the `run` phase started. */
export const startedOf = (c: Phase): string => textOf(resultOf(c, "run")["jobId"]);

export async function observeRun(c: Phase): Promise<Observation<RestartPhase>> {
  const jobId = c.effectId;
  if (c.sent.is === "refused")
    return { kind: "next", phase: "back", result: { jobId: "" }, milestone: notHealthy([c.sent.reason]) };
  const seen = await readStart(c, jobId, "checkpoint");
  switch (seen.is) {
    case "pending":
      return { kind: "pending", ...seen };
    case "unknown":
      return unknownStart(c, jobId, { name: named(c.target), why: seen.why });
    case "healthy": {
      const health = healthFacts(await healthOf(c.flink, jobId));
      const facts = { health, ...saved(c) };
      return startedReport(c, jobId, {
        headline: t`${named(c.target)} runs again`,
        lines: [...seen.lines, savedLine(c)],
        facts,
      });
    }
    case "unhealthy":
      return seen.completed !== 0 || seen.ended === "CANCELED" ? ask(c, jobId, seen) : goBack(jobId, seen);
  }
}

/** The stopped job, and other jobs of the same name that ran when the request was made. */
const ownJobs = (c: Phase): readonly string[] => [c.target.jobId, ...besideJobs(c.intent.facts)];

const saved = (c: Phase) => ({ location: locationOf(c), drained: false, format: c.args.format });
const savedLine = (c: Phase): Text => t`Savepoint: ${code(locationOf(c))}`;
const notHealthy = (why: readonly Text[]): Text => t`It is not healthy: ${why[0] ?? "no reason is known"}`;

type Unhealthy = Extract<Started, { is: "unhealthy" }>;

/** The new job has not committed anything, so it is rolled back without asking. */
function goBack(jobId: string, seen: Unhealthy): Observation<RestartPhase> {
  const milestone = notHealthy(seen.why);
  const result = { jobId, why: seen.why };
  return { kind: "next", phase: seen.ended === null ? "cancel" : "back", result, milestone };
}

/**
 * Its sinks have committed, or may have, or someone has cancelled it, so nothing is undone without a person's
 * decision.
 */
function ask(c: Phase, jobId: string, seen: Unhealthy): Observation<RestartPhase> {
  const job = { cluster: c.target.cluster, jobId, name: c.target.name };
  const repeated =
    seen.completed === 0
      ? "It was cancelled by someone else, so nothing was undone."
      : seen.completed === null
        ? "It is unknown whether it completed a checkpoint, so nothing was undone: its sinks may have committed work since the savepoint."
        : t`It has completed ${count(seen.completed, "checkpoint")}, so its sinks have committed work since the savepoint: a rollback would repeat that work.`;
  return {
    kind: "end",
    report: {
      outcome: "partly",
      headline:
        seen.ended === null
          ? t`${named(c.target)} runs again but is not healthy: wait or roll back?`
          : t`${named(c.target)} was restarted and has ended: resume or roll back?`,
      lines: [...seen.why, repeated, savedLine(c)],
      facts: { jobId, ...saved(c) },
      offers: [
        ...(seen.ended === null ? jobOffers(job, "ill") : resumeOffers(c.target, c.known)),
        rollback(c, jobId),
      ],
    },
  };
}

/** Offers to roll back to the savepoint with the previous jar. Someone else must approve it. */
function rollback(c: Phase, jobId: string): Offer {
  const { back } = bothWays(c.intent.facts);
  const width = back.parallelism === null ? {} : { parallelism: back.parallelism };
  const job = jobRef({ kind: "job", cluster: c.target.cluster, jobId, name: c.target.name });
  const args = { job, from: locationOf(c), jar: back.jar, ...width };
  return { label: "Roll back", operation: "rollback", args, danger: true };
}

/** The job was started, but its condition could not be determined within the limit. */
export const cannotTell = (c: Phase): Observation<never> =>
  unknownStart(c, c.effectId, { name: named(c.target), why: notTold(c) });

export async function observeCancelled(c: Phase): Promise<Observation<RestartPhase>> {
  const jobId = startedOf(c);
  const seen = await c.flink.sighting(jobId);
  const { absentFor } = c.known.settings;
  if (!isOutOfTheWay(seen, { accepted: c.processes, absentFor })) {
    if (isLost(c, seen) && !("cancel" in c.results))
      return { kind: "next", phase: "cancel", result: { sentAgain: true }, milestone: LOST };
    if (!c.late) return { kind: "pending", note: notOutOfTheWay(seen) };
    if (seen.is !== "alive") return unknownBack(c, jobId, seen);
    return startFailed(
      t`${named(c.target)} runs again, is not healthy, and could not be rolled back`,
      [t`It is still ${seen.state}.`, savedLine(c), "Nothing else was started."],
      { job: { cluster: c.target.cluster, jobId, name: c.target.name }, outcome: "partly" },
    );
  }
  // it may have completed a checkpoint in the moment in which it was cancelled
  const read = given(await c.flink.checkpoints(jobId));
  const failures = await optional(c.flink.exceptions(jobId, 1));
  const completed = await completedOf(c, jobId, { checkpoints: read, failures });
  if (completed !== 0)
    return ask(c, jobId, {
      is: "unhealthy",
      why: [
        completed === null
          ? "It is cancelled, and Flink does not say whether it completed a checkpoint; no job runs now."
          : "It completed a checkpoint just as it was cancelled; no job runs now.",
      ],
      completed,
      ended: seen.is === "ended" ? seen.state : "CANCELED",
      missing: false,
    });
  return await unlessPlaceIsTaken(
    c,
    { kind: "next", phase: "back", result: null, milestone: "The new job is cancelled." },
    { own: [...ownJobs(c), jobId], lines: [savedLine(c)] },
  );
}

const LOST: Text = "The new job is still alive: the cancel was lost and is sent again.";

const notOutOfTheWay = (seen: Sighting): Text =>
  seen.is === "alive"
    ? t`The new job is being cancelled (${seen.state})`
    : "Flink does not say whether the new job has ended; nothing is started until it does";

/** Nothing is started while it is unknown whether the cancelled job still runs. */
function unknownBack(c: Phase, jobId: string, seen: Sighting): Observation<never> {
  return {
    kind: "end",
    report: {
      outcome: "unknown",
      headline: t`It is unknown whether ${named(c.target)} still runs`,
      lines: [
        "The new version was not healthy and was cancelled. Flink does not say whether it has ended.",
        stands(seen),
        savedLine(c),
        t`Check job ${code(jobId)}, then resume from the savepoint: nothing else was started.`,
      ],
      facts: { jobId, ...saved(c) },
      offers: [{ label: "List jobs", operation: "list", args: { cluster: c.target.cluster } }],
    },
  };
}

export async function observeBack(c: Phase): Promise<Observation<RestartPhase>> {
  const jobId = c.effectId;
  const name = named(c.target);
  if (c.sent.is === "refused")
    return startFailed(
      t`${name} does not run: neither the new version nor the old one started`,
      [t`Flink did not start the old version: ${c.sent.reason}`, savedLine(c)],
      { job: null },
    );
  const seen = await readStart(c, jobId, "tasks");
  const job = { cluster: c.target.cluster, jobId, name: c.target.name };
  switch (seen.is) {
    case "pending":
      return { kind: "pending", ...seen, note: t`Rolling back. ${seen.note}` };
    case "unknown":
      return unknownStart(c, jobId, { name, why: seen.why });
    case "unhealthy":
      return startFailed(t`${name} was rolled back but is not healthy either`, [...seen.why, savedLine(c)], {
        job,
        outcome: seen.ended === null ? "partly" : "failed",
      });
    case "healthy":
      return {
        kind: "end",
        report: {
          outcome: "failed",
          headline: t`${name} was rolled back: the old version runs again`,
          lines: [...whyBack(c), ...about("The old version", seen.lines), savedLine(c)],
          facts: { jobId, ...saved(c) },
          offers: jobOffers(job, "well"),
        },
      };
  }
}

/** The problem with the new job, as the milestone named it. */
function whyBack(c: Phase): readonly Text[] {
  const why = resultOf(c, "run")["why"];
  // written by `goBack`; the record keeps its shape
  return Array.isArray(why) ? about("The new version", why as readonly Text[]) : [];
}

/** The lines after the first one are about the same version. */
const about = (version: string, lines: readonly Text[]): readonly Text[] =>
  lines.map((line, i) => (i === 0 ? t`${b(version)}: ${line}` : line));
