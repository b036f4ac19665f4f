import { z } from "zod";
import { nameArgument, parallelismArgument } from "../wording/arguments.ts";
import { plannedStart } from "../facts/intent-facts.ts";
import { compared, healthFacts, healthIn, healthOf } from "../facts/job-health.ts";
import { shown } from "../wording/job.ts";
import { defineChangeOf, type Observation, type PhaseContext } from "../../model/operation.ts";
import type { NameTarget } from "../../model/target.ts";
import { openRun, type RunArgs } from "./plan.ts";
import { waitForPredecessors } from "../plans/predecessors.ts";
import { LAST } from "../plans/start-state.ts";
import { readStart } from "../phases/start-outcome.ts";
import {
  notTold,
  startedFrom,
  startedReport,
  startFailed,
  unknownStart,
  unlessPlaceIsTaken,
} from "../phases/start-report.ts";
import { STARTING_MS, startLimit } from "../phases/steady.ts";
import { b, code, t } from "../../model/text.ts";

type Phases = "run" | "newer";

/** How many checkpoint numbers after the last one seen are tried. */
const MOST_NEWER = 12;

const args = z.strictObject({
  job: nameArgument,
  from: z
    .string()
    .trim()
    .min(1)
    .max(3_000)
    .default(LAST)
    .describe("last (the newest savepoint or checkpoint), none, or the path of one"),
  parallelism: parallelismArgument.describe("of the whole job"),
  jar: z
    .string()
    .trim()
    .min(1)
    .max(300)
    .default("newest")
    .describe("newest (of the catalog), same (as it ran with), or an upload's id or file name"),
  allowNonRestoredState: z.boolean().default(false).describe("leave out state that the program does not use"),
  entryClass: z.string().trim().min(1).max(500).optional().describe("if it differs from the catalog's"),
  arg: z
    .array(z.string().max(2_000))
    .max(100)
    .optional()
    .describe("one argument of the program; may be repeated"),
});

/** Starts a job from the catalog. It is sent under a job id that flinkops chooses, so it is never started twice. */
export const run = defineChangeOf<NameTarget>()<RunArgs, Phases>({
  kind: "change",
  name: "run",
  summary: "Start a job of the catalog, from its newest state or from one that you name",
  examples: [
    "run orders",
    "run orders --from none",
    'run orders --from s3://bucket/savepoints/savepoint-1 --parallelism 4 --reason "back after the outage"',
  ],
  args,
  positionals: ["job"],
  class: "operate",
  neverBreakGlass: true,
  find: (a) => ({ find: "name", name: a.job }),
  allowedIn: "any",
  holds: (c) => [{ name: c.target.name }],
  open: openRun,
  waitsFor: waitForPredecessors,

  first: "run",
  phases: {
    run: {
      deadlineMs: STARTING_MS,
      limit: { ms: startLimit, decide: cannotTell },
      async effect(c) {
        const { launch, from } = plannedStart(c.intent.facts);
        return { do: "run", jobId: c.effectId, from, ...launch };
      },
      observe,
    },
    newer: {
      deadlineMs: STARTING_MS,
      limit: { ms: startLimit, decide: cannotTell },
      effect: async (c) => ({
        do: "run",
        jobId: c.effectId,
        from: fromOf(c),
        ...plannedStart(c.intent.facts).launch,
      }),
      // nothing runs that it would complete
      finishes: () => false,
      observe,
    },
  },

  followUp: async (c) => {
    const { jobId } = c.report.facts ?? {};
    const now = typeof jobId === "string" ? await healthOf(c.flink, jobId) : null;
    return compared(now, null, healthIn(c.report.facts?.["health"]));
  },
});

async function observe(c: PhaseContext<RunArgs, NameTarget>): Promise<Observation<Phases>> {
  const from = fromOf(c);
  const name = b(shown(c.target.name));
  if (c.sent.is === "refused")
    return startFailed(t`${name} was not started`, [c.sent.reason, "No job was started."], { job: null });
  const seen = await readStart(c, c.effectId, "tasks");
  switch (seen.is) {
    case "pending":
      return { kind: "pending", ...seen };
    case "unknown":
      return unknownStart(c, c.effectId, { name, why: seen.why });
    case "unhealthy": {
      const next = seen.ended === "FAILED" && seen.missing ? newer(c, from) : null;
      if (next !== null) return await unlessPlaceIsTaken(c, next, { own: [c.effectId] });
      const kept = from === null ? [] : [t`The state that it started from is unchanged: ${code(from)}`];
      return startFailed(
        seen.ended === null ? t`${name} was started but is not healthy` : t`${name} did not start`,
        [...seen.why, ...(seen.missing ? [] : kept)],
        {
          job: { cluster: c.target.cluster, jobId: c.effectId, name: c.target.name },
          outcome: seen.ended === null ? "partly" : "failed",
        },
      );
    }
    case "healthy": {
      const health = healthFacts(await healthOf(c.flink, c.effectId));
      return startedReport(c, c.effectId, {
        headline: t`${name} runs`,
        lines: [...seen.lines, startedFrom(from)],
        facts: { health },
      });
    }
  }
}

function cannotTell(c: PhaseContext<RunArgs, NameTarget>): Observation<Phases> {
  return unknownStart(c, c.effectId, { name: b(shown(c.target.name)), why: notTold(c) });
}

/** The state that this phase started the job from. */
function fromOf(c: PhaseContext<RunArgs, NameTarget>): string | null {
  const later = c.results["newer"] ?? c.results["run"];
  return typeof later === "string" ? later : plannedStart(c.intent.facts).from;
}

const CHECKPOINT = /^(.*\/chk-)(\d+)$/u;

/**
 * The next checkpoint to try after a missing one; null: there is none to try. Flink keeps one checkpoint and deletes
 * the previous one. Before the JobManager died, Flink may have completed a newer one that nobody has read. It is in
 * the same folder, under one of the next numbers.
 */
function newer(
  c: PhaseContext<RunArgs, NameTarget>,
  from: string | null,
): Extract<Observation<Phases>, { kind: "next" }> | null {
  const first = CHECKPOINT.exec(plannedStart(c.intent.facts).from ?? "");
  const last = CHECKPOINT.exec(from ?? "");
  if (first === null || last === null) return null;
  const number = Number(last[2]) + 1;
  if (number > Number(first[2]) + MOST_NEWER) return null;
  const path = `${last[1]}${number}`;
  return {
    kind: "next",
    phase: "newer",
    result: path,
    ...(number === Number(first[2]) + 1
      ? {
          milestone:
            "That checkpoint is gone: Flink had replaced it by a newer one. Trying the next checkpoint.",
        }
      : {}),
  };
}
