import { z } from "zod";
import {
  allArguments,
  directoryArgument,
  flinkFormat,
  formatArgument,
  oneOrAll,
} from "./wording/arguments.ts";
import { aliveBinds, named, statusOffer } from "./wording/job.ts";
import { defineChange } from "../model/operation.ts";
import { isRefusal } from "../model/report.ts";
import { planned, planSavepoint } from "./plans/savepoint.ts";
import { code, t } from "../model/text.ts";
import {
  failedReport,
  readTrigger,
  measured,
  TRIGGER_DEADLINE_MS,
  unknownReport,
} from "./phases/savepoint-trigger.ts";

/** The job continues; the result is the path of the savepoint. */
export const savepoint = defineChange({
  kind: "change",
  name: "savepoint",
  summary: "Write a savepoint; the job continues",
  examples: [
    "savepoint orders",
    'savepoint orders s3://bucket/savepoints --reason "before the upgrade"',
    "savepoint --all --cluster prod --match orders-*",
  ],
  args: z
    .strictObject({ ...allArguments, directory: directoryArgument, format: formatArgument })
    .superRefine((a, ctx) => {
      const verdict = oneOrAll(a);
      if (verdict.is === "may not") ctx.addIssue({ code: "custom", message: verdict.why });
    }),
  positionals: ["job", "directory"],
  class: "operate",
  find: (args) => ({ find: "job", job: args.job ?? "" }),
  becomes: ({ all, match, format }) =>
    all ? { operation: "savepoint-all", args: { format, ...(match === undefined ? {} : { match }) } } : null,
  allowedIn: ["RUNNING"],
  fitForManaged: true,

  async open(c) {
    const plan = await planSavepoint(c);
    if (isRefusal(plan)) return plan;
    return {
      headline: t`Savepoint of ${named(c.target)}`,
      losses: [],
      warnings: plan.warnings,
      details: [t`To ${code(plan.directory)}, ${c.args.format} format.`, "The job continues."],
      binds: { ...aliveBinds(plan.job), directory: plan.directory },
      facts: plan.facts,
    };
  },

  first: "savepoint",
  phases: {
    savepoint: {
      deadlineMs: TRIGGER_DEADLINE_MS,
      effect: async (c) => ({
        do: "savepoint",
        jobId: c.target.jobId,
        directory: planned(c.intent.facts).directory,
        format: flinkFormat(c.args.format),
      }),
      async observe(c) {
        const seen = await readTrigger(c);
        if (seen.is === "pending") return { kind: "pending", ...seen };
        if (seen.is === "unknown") return unknownReport(c, "Savepoint", { why: seen.why });
        if (seen.is === "refused")
          return failedReport(c, "savepoint", {
            headline: t`Flink did not begin a savepoint of ${named(c.target)}`,
            reason: seen.reason,
          });
        if (seen.is === "failed")
          return failedReport(c, "savepoint", {
            headline: t`No savepoint of ${named(c.target)}`,
            reason: seen.reason,
          });
        const size = await measured(c, seen.location);
        return {
          kind: "end",
          report: {
            outcome: "done",
            headline: t`Savepoint of ${named(c.target)} is complete`,
            lines: [code(seen.location), ...(size === "" ? [] : [size])].map((line) => t`${line}`),
            facts: { location: seen.location, format: c.args.format, drained: false },
            offers: [statusOffer(c.target)],
          },
        };
      },
    },
  },
});
