import { z } from "zod";
import { isTerminal, JOB_STATES } from "../flink/reads.ts";
import { directoryArgument, flinkFormat, formatArgument, jobArgument } from "./argument-schemas.ts";
import { observeCancel } from "./cancel-phase.ts";
import { aliveBinds, gone, jobRef, named, stands } from "./job-words.ts";
import { cancelLosses, lastCheckpoint } from "./last-checkpoint.ts";
import {
  type Context,
  defineChange,
  type Intent,
  isRefusal,
  type PhaseContext,
  type Refusal,
} from "./operation.ts";
import { planned, planSavepoint } from "./savepoint-plan.ts";
import { b, code, t } from "./text.ts";
import { failedReport, lookAtTrigger, TRIGGER_DEADLINE_MS, unknownReport } from "./trigger-phase.ts";

const args = z
  .strictObject({
    job: jobArgument,
    directory: directoryArgument,
    withSavepoint: z
      .boolean()
      .default(false)
      .describe("take a savepoint first; where it fails, nothing is cancelled"),
    format: formatArgument,
  })
  .refine((a) => a.directory === undefined || a.withSavepoint, {
    message: "A directory goes with --with-savepoint; a plain cancel writes none.",
    path: ["directory"],
  });
type Args = z.infer<typeof args>;

/** The emergency brake: plain, it waits behind nothing. */
export const cancel = defineChange({
  kind: "change",
  name: "cancel",
  summary: "Cancel a job at once; what it did since its last checkpoint is lost",
  examples: ["cancel orders", 'cancel orders --with-savepoint --reason "wrong version"'],
  args,
  positionals: ["job", "directory"],
  class: "destructive",
  find: (a) => ({ find: "job", job: a.job }),
  allowedIn: JOB_STATES.filter((s) => !isTerminal(s)),
  preempts: (a) => !a.withSavepoint,
  open: (c) => (c.args.withSavepoint ? openWithSavepoint(c) : openPlain(c)),

  first: "begin",
  phases: {
    /** The first effect: the savepoint where one was asked for, else the cancel. */
    begin: {
      deadlineMs: TRIGGER_DEADLINE_MS,
      effect: async (c) =>
        c.args.withSavepoint
          ? {
              do: "savepoint",
              jobId: c.target.jobId,
              directory: planned(c.intent.facts).directory,
              format: flinkFormat(c.args.format),
            }
          : { do: "cancel", jobId: c.target.jobId },
      observe: (c) => (c.args.withSavepoint ? savepointFirst(c) : observeCancel(c, null, "first")),
    },
    cancel: {
      deadlineMs: 60_000,
      effect: async (c) => ({ do: "cancel", jobId: c.target.jobId }),
      observe: (c) => {
        const before = c.results["begin"];
        const location = typeof before === "string" ? before : null;
        const again = !c.args.withSavepoint || "cancel" in c.results;
        return observeCancel(c, location, again ? "again" : "first");
      },
    },
  },
});

async function openPlain(c: Context<Args>): Promise<Intent | Refusal> {
  const seen = await c.flink.sighting(c.target.jobId);
  if (seen.is !== "alive") return gone(c.target);
  const last = await lastCheckpoint(c);
  return {
    headline: t`Cancel ${named(c.target)} without a savepoint`,
    losses: cancelLosses(last, c.now),
    warnings: [],
    details: [stands(seen), last.words],
    // A brake is meant for the job as it is by then, crash-looping or restarted.
    binds: { jobId: c.target.jobId },
    facts: { retained: last.retained ? last.path : null },
    offers: [{ label: "Stop with a savepoint instead", operation: "stop", args: { job: jobRef(c.target) } }],
  };
}

async function openWithSavepoint(c: Context<Args>): Promise<Intent | Refusal> {
  const seen = await c.flink.sighting(c.target.jobId);
  if (seen.is === "alive" && seen.state !== "RUNNING")
    return {
      refuse: t`${named(c.target)} is ${b(seen.state)}; a savepoint needs RUNNING.`,
      instead: ["Cancel it without a savepoint, or wait."],
    };
  const plan = await planSavepoint(c);
  if (isRefusal(plan)) return plan;
  return {
    headline: t`Cancel ${named(c.target)} after a savepoint`,
    losses: [],
    warnings: plan.warnings,
    details: [
      t`Savepoint to ${code(plan.directory)}, ${c.args.format} format. If it fails, nothing is cancelled.`,
      "What arrives between savepoint and cancel is processed, and processed again when the job is resumed.",
    ],
    binds: { ...aliveBinds(plan.job), directory: plan.directory },
    facts: plan.facts,
    offers: [{ label: "Stop instead: nothing twice", operation: "stop", args: { job: jobRef(c.target) } }],
  };
}

async function savepointFirst(c: PhaseContext<Args>) {
  const seen = await lookAtTrigger(c);
  if (seen.is === "pending") return { kind: "pending", ...seen } as const;
  if (seen.is === "saved")
    return {
      kind: "next",
      phase: "cancel",
      result: seen.location,
      milestone: t`The savepoint is complete: ${code(seen.location)}`,
    } as const;
  if (seen.is === "unknown")
    return unknownReport(c, "Savepoint before the cancel", seen.why, ["Nothing was cancelled."]);
  return failedReport(c, "cancel", t`${named(c.target)} was not cancelled: no savepoint`, seen.reason);
}
