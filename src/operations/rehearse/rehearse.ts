import { z } from "zod";
import { isTerminal } from "../../model/flink-jobs.ts";
import { type Context, defineChange } from "../../model/operation.ts";
import type { Intent } from "../../model/intent.ts";
import { isRefusal, type Refusal } from "../../model/report.ts";
import { t } from "../../model/text.ts";
import { flinkFormat, jarArgument, jobArgument, parallelismArgument } from "../wording/arguments.ts";
import { aliveBinds, gone, named, shown } from "../wording/job.ts";
import { codeWords, launchWords, startChange } from "../plans/launch.ts";
import { stateOf } from "../plans/preflight.ts";
import { LONGEST_JAR, nextLaunch, widest } from "../restart/plan.ts";
import { planSavepoint } from "../plans/savepoint.ts";
import { type RehearsalPhase, rehearsalPhases } from "./phases.ts";
import { planRehearsal, rehearsalFacts } from "./plan.ts";
import { rehearsedReport } from "./report.ts";

const args = z.strictObject({
  job: jobArgument,
  parallelism: parallelismArgument.describe("of the rehearsal; without it, the catalog's for rehearsals"),
  jar: jarArgument
    .default("newest")
    .describe("newest (of the catalog), same (the current one), or an upload's id or file name"),
  keep: z.boolean().default(false).describe("keep the savepoint that it starts from"),
});
type Args = z.infer<typeof args>;

/** Starts another version next to the job, from a copy of its state, to see whether it would run. */
export const rehearse = defineChange<Args, RehearsalPhase>({
  kind: "change",
  name: "rehearse",
  summary: "Start a new version next to the job, from a copy of its state, and end it once it is healthy",
  examples: [
    "rehearse orders",
    "rehearse orders --jar orders-2.0.jar",
    "rehearse orders --parallelism 1 --keep",
  ],
  args,
  positionals: ["job"],
  class: "operate",
  find: (a) => ({ find: "job", job: a.job }),
  allowedIn: ["RUNNING"],
  holds: (c) => [{ job: c.target.jobId }, { name: c.target.name }],
  open,

  first: "rehearsal-savepoint",
  phases: rehearsalPhases(
    () => flinkFormat("canonical"),
    async (c, seen) => rehearsedReport(c, seen),
  ),
});

async function open(c: Context<Args>): Promise<Intent | Refusal> {
  const job = await c.flink.job(c.target.jobId);
  if (job === "absent" || isTerminal(job.state)) return gone(c.target);
  const launched = await c.known.launched(c.target.cluster, c.target.jobId);
  const before = { launched, startedAt: job.startedAt, hasEnded: false };
  const there = await nextLaunch({ ...c, args: { jar: c.args.jar } }, job, before);
  if (isRefusal(there)) return there;
  const plan = await planSavepoint({ ...c, args: {} });
  if (isRefusal(plan)) return plan;
  const state = async () => await stateOf(c, job);
  const planned = await planRehearsal(c, { there, plan, now: widest(job), state });
  if (isRefusal(planned)) return planned;
  const { rehearsal, checked } = planned;
  return {
    headline: t`Rehearse ${named(c.target)} with ${shown(there.jar.name, LONGEST_JAR)}`,
    losses: [],
    warnings: [
      ...checked.warnings,
      ...plan.warnings,
      ...there.guess,
      ...there.warnings,
      ...(there.catalogued ? [] : codeWords(there)),
    ],
    details: [
      ...planned.details,
      ...checked.details,
      ...launchWords({ ...there, launch: { ...there.launch, parallelism: null } }),
    ],
    binds: {
      ...aliveBinds(job),
      directory: rehearsal.directory,
      launch: { ...rehearsal.launch },
      plannedVertices: checked.vertices,
    },
    facts: { ...plan.facts, ...rehearsalFacts(rehearsal) },
    change: startChange({ ...there, launch: rehearsal.launch }, null),
    ...(there.catalogued ? {} : { class: "destructive" as const }),
  };
}
