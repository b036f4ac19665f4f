import { given } from "../../model/flink-jobs.ts";
import { jobRef, named, shown } from "../wording/job.ts";
import type { ChangeTarget, JobTarget } from "../../model/target.ts";
import type { Json } from "../../model/json.ts";
import type { Observation, PhaseContext } from "../../model/operation.ts";
import type { Offer, Report } from "../../model/report.ts";
import { optional } from "../facts/optional.ts";
import { anotherOfItsName } from "../plans/predecessors.ts";
import { b, code, type Span, type Text, t } from "../../model/text.ts";
import { duration } from "../../model/units.ts";

type Phase = PhaseContext<unknown, ChangeTarget>;
type End = Extract<Observation<never>, { kind: "end" }>;
type JobRef = Omit<JobTarget, "kind">;

const look = (operation: string, label: string, job: JobRef): Offer => ({
  label,
  operation,
  args: { job: jobRef({ kind: "job", ...job }) },
});

/** What a person may want of a job that was just started. `ill`: it is not as it should be. */
export const jobOffers = (job: JobRef, how: "well" | "ill"): readonly Offer[] =>
  how === "well"
    ? [look("status", "Status", job)]
    : [look("watch", "Wait longer", job), look("diagnose", "Diagnose", job)];

/** It runs. Names what Flink calls it, where that is another name than the catalogue's. */
export async function startedReport(
  c: Phase,
  jobId: string,
  headline: Text,
  lines: readonly Text[],
  facts: { readonly [key: string]: Json },
): Promise<End> {
  const job = await optional(c.flink.job(jobId));
  const name = job === null ? "" : (given(job)?.name ?? "");
  const wanted = c.target.kind === "name" || c.target.kind === "job" ? c.target.name : name;
  const other: readonly Text[] =
    name === wanted || name === ""
      ? []
      : [
          t`Flink calls it ${b(shown(name))}: the catalogue should name it so, or flinkops cannot see that it runs.`,
        ];
  return {
    kind: "end",
    report: {
      outcome: "done",
      headline,
      lines: [...lines, t`Job id ${code(jobId)}.`, ...other],
      facts: { jobId, ...facts },
      offers: jobOffers({ cluster: c.target.cluster, jobId, name }, "well"),
    },
  };
}

/** It does not run as it should. `job`: what is there of it; null: nothing. */
export function startFailed(
  headline: Text,
  lines: readonly Text[],
  job: JobRef | null,
  outcome: Report["outcome"] = "failed",
): End {
  const offers =
    job === null ? [] : outcome === "failed" ? [look("status", "Status", job)] : jobOffers(job, "ill");
  return {
    kind: "end",
    report: { outcome, headline, lines, ...(job === null ? {} : { facts: { jobId: job.jobId } }), offers },
  };
}

/**
 * Before what we have ended is started again: while it was down, somebody else may have started one of its name, and two
 * would do the work twice. `own`: jobs that are not meant; `lines`: what else there is to say where it ends here. Null:
 * nothing is in the way.
 */
export async function placeTaken(
  c: PhaseContext<unknown>,
  own: readonly string[],
  lines: readonly Text[],
): Promise<Observation<never> | null> {
  const another = await anotherOfItsName(c, own);
  if (another === null) return null;
  const { cluster, name } = c.target;
  const nothing = [...lines, "Nothing was started."];
  if (another.is === "alive") {
    const { jobId, state } = another;
    return startFailed(
      t`${named(c.target)} has ended and is not started again: another one is there`,
      [
        t`Job ${code(jobId)}, which somebody else has started, is ${state}. Two would do the work twice.`,
        ...nothing,
      ],
      { cluster, jobId, name },
      "partly",
    );
  }
  if (!c.late) return { kind: "pending", note: another.words };
  return {
    kind: "end",
    report: {
      outcome: "unknown",
      headline: t`${named(c.target)} has ended; it is unknown whether another one of its name runs`,
      lines: [another.words, ...nothing],
      offers: [{ label: "List jobs", operation: "list", args: { cluster } }],
    },
  };
}

/** Why a start is left at its limit. */
export const notTold = (c: Phase): Text =>
  t`Flink has not said how it does for ${duration(c.now - c.enteredAt)}`;

/** Nobody can tell whether it runs; says what to look for. */
export function unknownStart(c: Phase, name: Span, jobId: string, why: Text): End {
  const looked = c.sent.is === "unknown" ? t` (${c.sent.looked})` : "";
  return {
    kind: "end",
    report: {
      outcome: "unknown",
      headline: t`It is unknown whether ${name} was started`,
      lines: [
        t`${why}${looked}.`,
        t`Look for job ${code(jobId)} on ${code(c.target.cluster)} before asking again: it may come back with its JobManager.`,
      ],
      facts: { jobId },
      offers: [{ label: "List jobs", operation: "list", args: { cluster: c.target.cluster } }],
    },
  };
}
