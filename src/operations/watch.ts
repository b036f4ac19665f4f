import { z } from "zod";
import { isTerminal } from "../model/flink-jobs.ts";
import { jobArgument } from "./wording/arguments.ts";
import { gatherFacts } from "./diagnose/facts.ts";
import { diagnosed } from "./diagnose/rules.ts";
import { gone, jobRef, named } from "./wording/job.ts";
import { defineChange, type Observation, type PhaseContext } from "../model/operation.ts";
import type { Offer } from "../model/report.ts";
import { readStart } from "./phases/start-outcome.ts";
import { jobOffers } from "./phases/start-report.ts";
import { longestStart, startFacts } from "./phases/steady.ts";
import { type Text, t } from "../model/text.ts";
import { duration } from "../model/units.ts";

/** A job whose last failure is longer ago than this, ms, has recovered, unless it fails again and again. */
const OVER_MS = 60_000;
const MOST_FINDINGS = 5;

const args = z.strictObject({ job: jobArgument });
type Args = z.infer<typeof args>;
type Watching = PhaseContext<unknown>;

/** Changes nothing and holds nothing. Reports when a job is healthy, or that it is not. */
export const watch = defineChange<Args, "watch">({
  kind: "change",
  name: "watch",
  summary: "Report when a job is healthy: every task runs and a checkpoint is complete",
  examples: ["watch orders"],
  args,
  positionals: ["job"],
  class: "view",
  find: (a) => ({ find: "job", job: a.job }),
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
        t`Until every task runs, a checkpoint is complete and ${"diagnose"} finds nothing serious, but at most for ${duration(c.known.settings.healthyWithin)}.`,
      ],
      binds: { jobId: c.target.jobId },
      facts: { ...(await startFacts(c, c.target.jobId)) },
    };
  },

  first: "watch",
  phases: {
    watch: {
      deadlineMs: 10 * 60_000,
      limit: {
        ms: longestStart,
        decide: (c) =>
          end(c, {
            outcome: "unknown",
            words: "was not healthy in time",
            lines: [t`It was watched for ${duration(c.now - c.enteredAt)}.`],
          }),
      },
      async observe(c) {
        const seen = await readStart(c, c.target.jobId, "checkpoint");
        switch (seen.is) {
          case "pending":
            return { kind: "pending", ...seen };
          case "unknown":
            return end(c, { outcome: "unknown", words: "can no longer be seen", lines: [t`${seen.why}.`] });
          case "healthy":
            return seen.state === "FINISHED"
              ? end(c, {
                  outcome: "done",
                  words: "is FINISHED",
                  lines: seen.lines,
                  offers: jobOffers(c.target, "well"),
                })
              : await examined(c, seen.lines);
          case "unhealthy":
            return end(c, {
              outcome: "failed",
              words: "is not healthy",
              lines: seen.why,
              offers: jobOffers(c.target, seen.ended === null ? "ill" : "well"),
            });
        }
      },
    },
  },
});

/**
 * The job runs; it is healthy if `diagnose` finds nothing serious. A finding may pass, for example while the job
 * catches up, so it is given time.
 */
async function examined(c: Watching, well: readonly Text[]): Promise<Observation<never>> {
  const facts = await gatherFacts(c);
  if (facts === null) return { kind: "pending", note: "Flink does not list the job at the moment" };
  const lately = facts.exceptions.some((e) => e.at > facts.now - OVER_MS);
  const found = diagnosed(facts).filter(
    (f) => f.weight === 3 || (f.weight === 2 && (f.rule !== "failing" || lately)),
  );
  const [worst] = found;
  if (worst === undefined)
    return end(c, { outcome: "done", words: "is healthy", lines: well, offers: jobOffers(c.target, "well") });
  if (c.now - c.enteredAt <= c.known.settings.healthyWithin)
    return { kind: "pending", note: t`Every task runs. ${worst.says}` };
  const job = jobRef(c.target);
  const helps = found.slice(0, MOST_FINDINGS).map((f) => f.helps.offer(job));
  const offers = [...new Map(helps.map((o) => [JSON.stringify(o), o])).values()];
  return end(c, {
    outcome: worst.weight === 3 ? "failed" : "partly",
    words: worst.weight === 3 ? "is not healthy" : "runs but is not healthy",
    lines: found.slice(0, MOST_FINDINGS).map((f) => f.says),
    offers: [...jobOffers(c.target, "ill"), ...offers],
  });
}

const end = (
  c: Watching,
  {
    outcome,
    words,
    lines,
    offers = [],
  }: {
    outcome: "done" | "partly" | "failed" | "unknown";
    words: Text;
    lines: readonly Text[];
    offers?: readonly Offer[];
  },
): Extract<Observation<never>, { kind: "end" }> => ({
  kind: "end",
  report: { outcome, headline: t`${named(c.target)} ${words}`, lines, offers },
});
