import { liesUnder } from "../../model/state-path.ts";
import {
  type Checkpoint,
  type Checkpoints,
  given,
  isConsequence,
  isExpired,
} from "../../model/flink-jobs.ts";
import type { AsyncOperation } from "../../model/flink-reads.ts";
import { cause } from "../wording/exception.ts";
import type { Observation, PhaseContext } from "../../model/operation.ts";
import type { Offer } from "../../model/report.ts";
import { type Planned, planned } from "../plans/savepoint.ts";
import { perhapsSilent, withBucket } from "../wording/storage.ts";
import { jobRef, named, stands, statusOffer } from "../wording/job.ts";
import { doneAt } from "../facts/last-checkpoint.ts";
import { optional } from "../../model/optional.ts";
import { code, type Text, t } from "../../model/text.ts";
import { bytes, count, duration, minutes, when } from "../../model/units.ts";

/** Status of a triggered savepoint, with or without stop. */
export type Triggered =
  | {
      is: "pending";
      note: Text;
      progress?: readonly [done: number, of: number];
      /** Set while Flink says that it is in progress. */
      until?: AsyncOperation;
    }
  | { is: "saved"; location: string }
  /** `usable`: a complete savepoint, although the job failed while it stopped. */
  | { is: "failed"; reason: string; usable: string | null }
  /** Flink refused the request; nothing was started. */
  | { is: "refused"; reason: string }
  | { is: "unknown"; why: Text };

/** How long to wait if Flink cannot tell what happened, ms. */
export const TRIGGER_DEADLINE_MS = 5 * 60_000;

/** Reads the status once. Throws what FlinkReads throws. */
export async function readTrigger(c: PhaseContext<unknown>): Promise<Triggered> {
  if (c.sent.is === "refused") return { is: "refused", reason: c.sent.reason };
  const plan = planned(c.intent.facts);
  const status = c.sent.is === "unknown" ? null : await c.flink.trigger(c.target.jobId, c.effectId);
  if (status?.is === "completed") return { is: "saved", location: status.location };
  if (status?.is === "failed") return { ...status, reason: withBucket(status.reason, plan.directory) };
  const checkpoints = given(await c.flink.checkpoints(c.target.jobId));
  if (status?.is === "in_progress") {
    const until = { kind: "savepoint", jobId: c.target.jobId, triggerId: c.effectId } as const;
    return { ...underWay(c, plan, checkpoints), until };
  }
  return forgotten(c, plan, checkpoints);
}

/** `/checkpoints` lags by up to 3 s and does not say who triggered an entry, so progress may be missing. */
function underWay(
  c: PhaseContext<unknown>,
  plan: Planned,
  checkpoints: Checkpoints | null,
): Extract<Triggered, { is: "pending" }> {
  // a stop is under way until the tasks have ended, which may take much longer than its savepoint
  if (ownAmong(c, checkpoints) !== null && c.effect?.do === "stop")
    return { is: "pending", note: "The savepoint is complete; Flink is stopping the tasks" };
  const running = inProgress(plan, checkpoints);
  const long = c.late ? `, longer than usual (${minutes(c.now - c.enteredAt)})` : lastOnes(checkpoints);
  if (running.length !== 1 || running[0] === undefined)
    return { is: "pending", note: `Flink is writing the savepoint${long}` };
  const { acknowledged, subtasks, sizeBytes } = running[0];
  const size = sizeBytes > 0 ? `, ${bytes(sizeBytes)} so far` : "";
  return {
    is: "pending",
    note: `Flink is writing the savepoint: ${acknowledged} of ${count(subtasks, "subtask")}${size}${long}`,
    progress: [acknowledged, subtasks],
  };
}

/** How long the job's last savepoints took; "": none is listed. */
function lastOnes(checkpoints: Checkpoints | null): string {
  const took = entries(checkpoints).flatMap((e) =>
    e.kind === "completed" && e.isSavepoint && e.endToEndMs !== null ? [[e.id, e.endToEndMs] as const] : [],
  );
  const all = [...new Map(took).values()];
  const [least, most] = [Math.min(...all), Math.max(...all)].map(duration);
  if (all.length === 0 || least === undefined || most === undefined) return "";
  if (all.length === 1) return `; the job's last one took ${most}`;
  return `; the job's last ${all.length} took ${least === most ? most : `${least} to ${most}`}`;
}

/**
 * Flink does not know our trigger id: it was evicted, lost in a fail-over, or never arrived. The savepoint can still
 * be found, because its directory is named after this request.
 */
async function forgotten(
  c: PhaseContext<unknown>,
  plan: Planned,
  checkpoints: Checkpoints | null,
): Promise<Triggered> {
  const found = ownAmong(c, checkpoints);
  if (found !== null) return { is: "saved", location: found };
  const job = given(await c.flink.job(c.target.jobId));
  // After a fail-over Flink never remembers the trigger, so waiting longer would not help.
  const restarted = job !== null && job.startedAt !== plan.startTime;
  if (!restarted && inProgress(plan, checkpoints).length > 0)
    return {
      is: "pending",
      note: "Flink is writing a savepoint; once it is complete, flinkops can tell whether it belongs to this request",
    };
  if (!restarted && !c.late) return { is: "pending", note: "Flink does not say how the savepoint ended" };
  const why = restarted
    ? "Flink restarted the job meanwhile and no longer knows this request"
    : "Flink does not know this request, or no longer does";
  const looked = c.sent.is === "unknown" ? ` (${c.sent.looked})` : "";
  return { is: "unknown", why: `${why}${looked}` };
}

const entries = (checkpoints: Checkpoints | null): readonly Checkpoint[] =>
  checkpoints === null
    ? []
    : [
        ...checkpoints.history,
        ...(checkpoints.latestSavepoint === null ? [] : [checkpoints.latestSavepoint]),
      ];

/**
 * The completed savepoint of this request, found in Flink's list by the name of its directory. It is complete
 * whatever happened to the request afterwards. Null: none is listed, or the list cannot be read.
 */
export async function ownSavepoint(c: PhaseContext<unknown>): Promise<string | null> {
  const known = await c.flink.checkpoints(c.target.jobId).then(given, () => null);
  return ownAmong(c, known);
}

/**
 * Matches the name of our directory only, because Flink may write the rest of the path differently than its
 * configuration.
 */
function ownAmong(c: PhaseContext<unknown>, checkpoints: Checkpoints | null): string | null {
  const own = planned(c.intent.facts).directory.split("/").at(-1) || c.requestId;
  const isOwn = (e: Checkpoint): boolean => e.isSavepoint && e.path?.split("/").includes(own) === true;
  return entries(checkpoints).find((e) => e.kind === "completed" && isOwn(e))?.path ?? null;
}

const inProgress = (plan: Planned, checkpoints: Checkpoints | null): readonly Checkpoint[] =>
  (checkpoints?.history ?? []).filter(
    (e) => e.kind === "in_progress" && e.isSavepoint && e.triggeredAt >= plan.flinkNow,
  );

/** Size and duration of the savepoint at `location`, if `/checkpoints` already lists it; else "". */
export async function measured(c: PhaseContext<unknown>, location: string): Promise<string> {
  const read = await optional(c.flink.decoration.checkpoints(c.target.jobId).then(given));
  const found = entries(read).find(
    (e) => e.path !== null && (e.path === location || liesUnder(e.path, location)),
  );
  if (found === undefined) return "";
  const took = found.endToEndMs === null ? "" : `, took ${duration(found.endToEndMs)}`;
  return `${bytes(found.sizeBytes)}${took}`;
}

interface SavepointArgs {
  job?: string | undefined;
  directory?: string | undefined;
  format: "canonical" | "native";
}

/** Offers the same request in native format, if Flink cannot write this state in the canonical one. */
function nativeInstead(c: PhaseContext<SavepointArgs>, operation: string, reason: string): readonly Offer[] {
  if (c.args.format !== "canonical" || !/not supported yet|canonical/iu.test(reason)) return [];
  const own = Object.entries(c.args).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
  return [
    {
      label: "Retry in native format",
      operation,
      args: { ...Object.fromEntries(own), job: jobRef(c.target), format: "native" },
    },
  ];
}

/** The report if there is no savepoint: Flink's reason, and the job's current state. */
export async function failedReport(
  c: PhaseContext<SavepointArgs>,
  operation: string,
  { headline, reason }: { headline: Text; reason: string },
): Promise<Observation<never>> {
  const offers = nativeInstead(c, operation, reason);
  return {
    kind: "end",
    report: {
      outcome: "failed",
      headline,
      lines: [
        reason,
        ...(await behind(c, reason)),
        stands(await c.flink.sighting(c.target.jobId)),
        ...(offers.length > 0
          ? ["This state cannot be written in the canonical format. The native format may work."]
          : []),
      ],
      offers: [...offers, statusOffer(c.target)],
    },
  };
}

/** What a reason leaves out: the exception that stopped the job, or what to check where Flink waited in vain. */
async function behind(c: PhaseContext<unknown>, reason: string): Promise<readonly Text[]> {
  if (isExpired(reason)) return await behindExpired(c);
  if (!isConsequence(reason)) return [];
  const [read, job] = await Promise.all([
    optional(c.flink.decoration.exceptions(c.target.jobId, 1)),
    // for Flink's clock
    optional(c.flink.decoration.job(c.target.jobId)),
  ]);
  const last = read?.[0];
  const now = job === null ? null : (given(job)?.now ?? null);
  return last === undefined ? [] : [t`Its last exception, ${when(last.at, now)}: ${cause(last)}`];
}

async function behindExpired(c: PhaseContext<unknown>): Promise<readonly Text[]> {
  const { directory, flinkNow } = planned(c.intent.facts);
  const read = await optional(c.flink.decoration.checkpoints(c.target.jobId).then(given));
  if (read === null) return [];
  const others = entries(read).some((e) => e.kind === "completed" && doneAt(e) > flinkNow);
  return others
    ? ["Other checkpoints of the job were completed meanwhile: its state is large, or a task is slow."]
    : ["No other checkpoint of the job was completed meanwhile.", perhapsSilent(directory)];
}

/** The report if the outcome cannot be determined. It says where to check. */
export async function unknownReport(
  c: PhaseContext<unknown>,
  what: Text,
  { why, more = [] }: { why: Text; more?: readonly Text[] },
): Promise<Observation<never>> {
  const { directory } = planned(c.intent.facts);
  return {
    kind: "end",
    report: {
      outcome: "unknown",
      headline: t`${what} of ${named(c.target)}: the outcome is unknown`,
      lines: [
        t`${why}.`,
        t`If there is a savepoint, it is in ${code(directory)}. Check there before you try again.`,
        ...more,
        stands(await c.flink.sighting(c.target.jobId)),
      ],
      facts: { directory },
    },
  };
}
