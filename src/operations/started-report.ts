import { given } from "../flink/reads.ts";
import { jobRef, shown } from "./job-words.ts";
import type { ChangeTarget, JobTarget, Json, Observation, Offer, PhaseContext, Report } from "./operation.ts";
import { optional } from "./optional.ts";
import { b, code, type Span, type Text, t } from "./text.ts";
import { duration } from "./units.ts";

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
