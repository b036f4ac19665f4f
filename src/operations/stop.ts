import { z } from "zod";
import {
  allArguments,
  directoryArgument,
  flinkFormat,
  formatArgument,
  oneOrAll,
} from "./wording/arguments.ts";
import { aliveBinds, hadBeen, jobRef, named, statusOffer } from "./wording/job.ts";
import { lastCheckpoint } from "./facts/last-checkpoint.ts";
import { defineChange, type Observation } from "../model/operation.ts";
import { isRefusal, type Offer } from "../model/report.ts";
import type { JobTarget } from "../model/target.ts";
import { mayNot } from "../model/verdict.ts";
import { planned, planSavepoint } from "./plans/savepoint.ts";
import { endsWithIt, wayBack } from "./facts/application.ts";
import { SILENCE_MS } from "./phases/unreachable.ts";
import { stoppedReport } from "./phases/stop-outcome.ts";
import { code, type Text, t } from "../model/text.ts";
import { failedReport, readTrigger, TRIGGER_DEADLINE_MS, unknownReport } from "./phases/savepoint-trigger.ts";

const DRAINED: Text =
  "Draining fires all windows and timers and ends the job for good: the savepoint must not be resumed from.";

const args = z
  .strictObject({
    ...allArguments,
    directory: directoryArgument,
    drain: z.boolean().default(false).describe("flush everything and end for good; must not be resumed from"),
    format: formatArgument,
  })
  .superRefine((a, ctx) => {
    const verdict =
      a.all && a.drain ? mayNot("--drain ends a job for good: name each of them.") : oneOrAll(a);
    if (verdict.is === "may not") ctx.addIssue({ code: "custom", message: verdict.why });
  });

/** Stops a job with a savepoint, to be resumed later, or with `--drain` for good. */
export const stop = defineChange({
  kind: "change",
  name: "stop",
  summary: "Stop a job with a savepoint, to resume it later; with --drain for good",
  examples: [
    "stop orders",
    'stop orders --reason "schema change"',
    "stop orders --drain",
    "stop --all --cluster prod --match orders-*",
  ],
  args,
  positionals: ["job", "directory"],
  class: "destructive",
  find: (a) => ({ find: "job", job: a.job ?? "" }),
  becomes: ({ all, match, format }) =>
    all ? { operation: "stop-all", args: { format, ...(match === undefined ? {} : { match }) } } : null,
  allowedIn: ["RUNNING"],
  ends: true,

  async open(c) {
    const plan = await planSavepoint(c, [cancelOffer(c.target)]);
    if (isRefusal(plan)) return plan;
    const { drain, format } = c.args;
    const [cluster, last] = await Promise.all([endsWithIt(c), lastCheckpoint(c)]);
    return {
      headline: drain
        ? t`Drain ${named(c.target)} and end it for good`
        : t`Stop ${named(c.target)} with a savepoint`,
      losses: drain ? [DRAINED] : [],
      warnings: [...plan.warnings, ...cluster.warnings],
      details: [
        t`It ${hadBeen(plan.job)}.`,
        last.words,
        t`Savepoint to ${code(plan.directory)}, ${format} format.`,
      ],
      binds: { ...aliveBinds(plan.job), directory: plan.directory },
      facts: { ...plan.facts, ...cluster.facts },
      change: { drain },
    };
  },

  first: "stop",
  phases: {
    stop: {
      deadlineMs: TRIGGER_DEADLINE_MS,
      effect: async (c) => ({
        do: "stop",
        jobId: c.target.jobId,
        directory: planned(c.intent.facts).directory,
        drain: c.args.drain,
        format: flinkFormat(c.args.format),
      }),
      async observe(c): Promise<Observation<"verify">> {
        const seen = await readTrigger(c);
        switch (seen.is) {
          case "pending":
            return { kind: "pending", ...seen };
          case "unknown":
            return unknownReport(c, "Stop", { why: seen.why });
          case "refused":
            return failedReport(c, "stop", {
              headline: t`${named(c.target)} was not stopped`,
              reason: seen.reason,
            });
          // Flink's answer is stored before the job is checked, because an application cluster ends with its job.
          case "saved":
            return {
              kind: "next",
              phase: "verify",
              result: { location: seen.location },
              milestone: t`The savepoint is complete: ${code(seen.location)}`,
            };
          case "failed":
            return { kind: "next", phase: "verify", result: { reason: seen.reason, usable: seen.usable } };
        }
      },
    },
    verify: {
      deadlineMs: SILENCE_MS,
      async observe(c) {
        const seen = await stoppedReport(c, c.results["stop"] ?? null);
        if (seen.is === "pending") return { kind: "pending", note: seen.note };
        if (seen.is === "not stopped")
          return failedReport(c, "stop", {
            headline: t`${named(c.target)} was not stopped`,
            reason: seen.reason,
          });
        const drained = c.args.drain ? [DRAINED] : [];
        const back = c.args.drain ? { lines: [], offers: [] } : wayBack(c, seen.location);
        const lines = [...seen.report.lines, ...drained, ...back.lines];
        const ended = seen.over ? { ended: "stop" } : {};
        const facts = { ...seen.report.facts, ...ended, drained: c.args.drain, format: c.args.format };
        const offers = [...(seen.over ? back.offers : []), statusOffer(c.target)];
        return { kind: "end", report: { ...seen.report, lines, facts, offers } };
      },
    },
  },
});

/** Offered for a job that cannot be stopped. */
const cancelOffer = (target: JobTarget): Offer => ({
  label: "Cancel",
  operation: "cancel",
  args: { job: jobRef(target) },
  danger: true,
});
