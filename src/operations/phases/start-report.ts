import { given } from "../../model/flink-jobs.ts";
import { jobRef, shown } from "../wording/job.ts";
import type { ChangeTarget, JobTarget, NameTarget } from "../../model/target.ts";
import type { Json } from "../../model/json.ts";
import type { Observation, PhaseContext } from "../../model/operation.ts";
import type { Offer, Report } from "../../model/report.ts";
import { optional } from "../../model/optional.ts";
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

/** Offers for a job that was just started. `ill`: it is not healthy. */
export const jobOffers = (job: JobRef, how: "well" | "ill"): readonly Offer[] =>
  how === "well"
    ? [look("status", "Status", job)]
    : [look("watch", "Wait longer", job), look("diagnose", "Diagnose", job)];

/** The state that a job was started from; null: none. */
export const startedFrom = (from: string | null): Text =>
  from === null ? "Started without state" : t`Started from: ${code(from)}`;

/** The report for a job that runs; its card shows the job's id. Mentions the name that Flink shows, if the catalog has another one. */
export async function startedReport(
  c: Phase,
  jobId: string,
  {
    headline,
    lines,
    facts,
  }: { headline: Text; lines: readonly Text[]; facts: { readonly [key: string]: Json } },
): Promise<End> {
  const job = await optional(c.flink.job(jobId));
  const name = job === null ? "" : (given(job)?.name ?? "");
  const wanted = c.target.kind === "name" || c.target.kind === "job" ? c.target.name : name;
  const other: readonly Text[] =
    name === wanted || name === ""
      ? []
      : [
          t`Flink calls it ${b(shown(name))}. Use that name in the catalog; otherwise flinkops cannot see that it runs.`,
        ];
  return {
    kind: "end",
    report: {
      outcome: "done",
      headline,
      lines: [...lines, ...other],
      facts: { jobId, ...facts },
      offers: jobOffers({ cluster: c.target.cluster, jobId, name }, "well"),
    },
  };
}

/** The report for a job that does not run as it should. `job`: the job that exists; null: none. */
export function startFailed(
  headline: Text,
  lines: readonly Text[],
  { job, outcome = "failed" }: { job: JobRef | null; outcome?: Report["outcome"] },
): End {
  const offers =
    job === null ? [] : outcome === "failed" ? [look("status", "Status", job)] : jobOffers(job, "ill");
  return {
    kind: "end",
    report: { outcome, headline, lines, ...(job === null ? {} : { facts: { jobId: job.jobId } }), offers },
  };
}

/**
 * Checks for another job of the same name before an ended job is started again. Someone else may have started one
 * while it was down, and two would do the work twice. `next`: how to continue if nothing is in the way; `own`: jobs to
 * ignore; `lines`: lines to add to the report if the request ends here.
 */
export async function unlessPlaceIsTaken<P extends string>(
  c: PhaseContext<unknown, JobTarget | NameTarget>,
  next: Observation<P>,
  { own, lines = [] }: { own: readonly string[]; lines?: readonly Text[] },
): Promise<Observation<P>> {
  const another = await anotherOfItsName(c, own);
  if (another.is === "none") return next;
  const { cluster, name } = c.target;
  const what = b(shown(name));
  const nothing = [...lines, "Nothing was started."];
  if (another.is === "alive") {
    const { jobId, state } = another;
    return startFailed(
      t`${what} has ended and was not started again: another job has its name`,
      [
        t`Job ${code(jobId)}, which someone else started, is ${state}. Two jobs would do the work twice.`,
        ...nothing,
      ],
      { job: { cluster, jobId, name }, outcome: "partly" },
    );
  }
  if (!c.late) return { kind: "pending", note: another.words };
  return {
    kind: "end",
    report: {
      outcome: "unknown",
      headline: t`${what} has ended; it is unknown whether another job of its name runs`,
      lines: [another.words, ...nothing],
      offers: [{ label: "List jobs", operation: "list", args: { cluster } }],
    },
  };
}

/** The reason for giving up on a start when its limit is reached. */
export const notTold = (c: Phase): Text =>
  t`Flink has not reported its state for ${duration(c.now - c.enteredAt)}`;

/** The report if it cannot be determined whether the job runs. It says what to check. */
export function unknownStart(c: Phase, jobId: string, { name, why }: { name: Span; why: Text }): End {
  const looked = c.sent.is === "unknown" ? t` (${c.sent.looked})` : "";
  return {
    kind: "end",
    report: {
      outcome: "unknown",
      headline: t`It is unknown whether ${name} was started`,
      lines: [
        t`${why}${looked}.`,
        t`Check whether job ${code(jobId)} is on ${code(c.target.cluster)} before you try again: it may come back with its JobManager.`,
      ],
      facts: { jobId },
      offers: [{ label: "List jobs", operation: "list", args: { cluster: c.target.cluster } }],
    },
  };
}
