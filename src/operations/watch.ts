import { z } from "zod";
import { isTerminal } from "../flink/reads.ts";
import { jobArgument } from "./argument-schemas.ts";
import { gone, named } from "./job-words.ts";
import { defineChange } from "./operation.ts";
import { lookAtStarted } from "./started.ts";
import { jobOffers } from "./started-report.ts";
import { t } from "./text.ts";
import { duration } from "./units.ts";

/** Changes nothing and holds nothing: says when a job is healthy, or that it is not. */
export const watch = defineChange({
  kind: "change",
  name: "watch",
  summary: "Wait until a job is healthy, and say so: every task runs and a checkpoint is complete",
  examples: ["watch orders"],
  args: z.strictObject({ job: jobArgument }),
  positionals: ["job"],
  class: "view",
  find: (args) => ({ find: "job", job: args.job }),
  allowedIn: "any",
  fitForManaged: true,
  holds: () => [],

  async open(c) {
    const job = await c.flink.job(c.target.jobId);
    if (job === "absent") return gone(c.target);
    if (isTerminal(job.state)) return { refuse: t`${named(c.target)} has ended: it is ${job.state}.` };
    return {
      headline: t`Watch ${named(c.target)}`,
      losses: [],
      warnings: [],
      details: [
        t`Until every task runs and a checkpoint is complete, or for ${duration(c.known.settings.healthyWithin)}.`,
      ],
      binds: { jobId: c.target.jobId },
      facts: {},
    };
  },

  first: "watch",
  phases: {
    watch: {
      deadlineMs: 10 * 60_000,
      async observe(c) {
        const seen = await lookAtStarted(c, c.target.jobId, "checkpoint");
        switch (seen.is) {
          case "pending":
            return { kind: "pending", ...seen };
          case "unknown":
            return {
              kind: "end",
              report: {
                outcome: "unknown",
                headline: t`${named(c.target)} cannot be seen any more`,
                lines: [t`${seen.why}.`],
              },
            };
          case "healthy":
            return {
              kind: "end",
              report: {
                outcome: "done",
                headline: t`${named(c.target)} is healthy`,
                lines: seen.lines,
                offers: jobOffers(c.target, "well"),
              },
            };
          case "unhealthy":
            return {
              kind: "end",
              report: {
                outcome: "failed",
                headline: t`${named(c.target)} is not healthy`,
                lines: seen.why,
                offers: jobOffers(c.target, seen.ended === null ? "ill" : "well"),
              },
            };
        }
      },
    },
  },
});
