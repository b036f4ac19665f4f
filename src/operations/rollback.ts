import { z } from "zod";
import {
  type Absent,
  type Checkpoints,
  given,
  isTerminal,
  type JobState,
  type NotYet,
  type Off,
} from "../model/flink-jobs.ts";
import { jarArgument, jobArgument, parallelismArgument } from "./wording/arguments.ts";
import { isLost } from "./cancel/phase.ts";
import { plannedStart } from "./facts/intent-facts.ts";
import { compared, healthFacts, healthIn, healthOf } from "./facts/job-health.ts";
import { gone, named, stands, statusOffer } from "./wording/job.ts";
import { isEmpty } from "./facts/last-checkpoint.ts";
import { codeWords, launchWords, planLaunch, slotRefusal, startChange } from "./plans/launch.ts";
import { type Context, defineChange, type Observation, type PhaseContext } from "../model/operation.ts";
import type { Intent } from "../model/intent.ts";
import { isRefusal, type Refusal } from "../model/report.ts";
import { preflightFrom } from "./plans/preflight.ts";
import { isOutOfTheWay, SILENCE_MS } from "./phases/unreachable.ts";
import { chooseState } from "./plans/start-state.ts";
import { readStart } from "./phases/start-outcome.ts";
import {
  notTold,
  startedFrom,
  unlessPlaceIsTaken,
  startedReport,
  startFailed,
  unknownStart,
} from "./phases/start-report.ts";
import { STARTING_MS, startFacts, startLimit } from "./phases/steady.ts";
import { b, code, t } from "../model/text.ts";
import { count, duration } from "../model/units.ts";

const args = z.strictObject({
  job: jobArgument,
  from: z.string().trim().min(1).max(3_000).describe("the savepoint or checkpoint to go back to"),
  jar: jarArgument,
  parallelism: parallelismArgument.describe("of the whole job; without it, unchanged"),
});
type Args = z.infer<typeof args>;
type Phases = "cancel" | "run";

/** Offered by a restart whose new job has already committed, so that rolling back needs someone else's approval. */
export const rollback = defineChange<Args, Phases>({
  kind: "change",
  name: "rollback",
  summary: "Cancel a job and start it from earlier state; work since then is repeated",
  examples: ["rollback orders --from s3://bucket/savepoints/savepoint-1"],
  args,
  positionals: ["job"],
  class: "destructive",
  neverBreakGlass: true,
  find: (a) => ({ find: "job", job: a.job }),
  allowedIn: "any",
  holds: (c) => [{ job: c.target.jobId }, { name: c.target.name }],
  open,

  first: "cancel",
  phases: {
    cancel: {
      deadlineMs: 2 * SILENCE_MS,
      async effect(c) {
        const seen = await c.flink.sighting(c.target.jobId);
        return seen.is === "ended" ? null : { do: "cancel", jobId: c.target.jobId };
      },
      observe: observeCancel,
    },
    run: {
      deadlineMs: STARTING_MS,
      limit: { ms: startLimit, decide: cannotTell },
      async effect(c) {
        const { launch, from } = plannedStart(c.intent.facts);
        return { do: "run", jobId: c.effectId, from, ...launch };
      },
      finishes: () => true,
      observe: observeRun,
    },
  },

  async followUp(c) {
    const { jobId, health } = c.report.facts ?? {};
    const now = typeof jobId === "string" ? await healthOf(c.flink, jobId) : null;
    return compared(now, null, healthIn(health));
  },
});

async function open(c: Context<Args>): Promise<Intent | Refusal> {
  const { jobId, cluster, name } = c.target;
  const job = await c.flink.job(jobId);
  if (job === "absent") return gone(c.target);
  const others = (await c.flink.overview()).filter(
    (j) => j.name === name && j.jobId !== jobId && !isTerminal(j.state),
  );
  if (others.length > 0)
    return {
      refuse: t`Another ${named(c.target)} runs on ${code(cluster)}; two jobs would do the work twice.`,
      instead: others.map((j) => t`• ${code(j.jobId)} ${j.state}`),
    };
  const width = Math.max(1, ...job.vertices.map((v) => v.parallelism));
  const parallelism = c.args.parallelism ?? width;
  const launched = await c.known.launched(cluster, jobId);
  const before = { launched, startedAt: job.startedAt, hasEnded: isTerminal(job.state) };
  const plan = await planLaunch(c, { jar: c.args.jar, parallelism }, before);
  if (isRefusal(plan)) return plan;
  const state = await chooseState(c, c.args.from);
  if (isRefusal(state)) return state;
  const slots = slotRefusal(parallelism, plan.caps, width);
  if (slots.is === "may not") return slots.why;
  const checked = await preflightFrom(c, plan, { path: state.path, own: width });
  if (isRefusal(checked)) return checked;
  const completed = completedWords(await c.flink.checkpoints(jobId), job.state);
  return {
    headline: t`Roll ${named(c.target)} back`,
    losses: [
      t`Work since then is repeated: when this was asked it had run for ${duration(job.now - job.startedAt)}${completed}. The output that its sinks have committed remains and is written a second time.`,
      ...checked.losses,
    ],
    warnings: [
      ...checked.warnings,
      ...plan.guess,
      ...plan.warnings,
      ...state.warnings,
      ...(plan.catalogued ? [] : codeWords(plan)),
    ],
    details: [
      t`The job was ${b(job.state)} when this was asked. It is cancelled and started ${state.words}.`,
      ...launchWords(plan),
      ...checked.details,
    ],
    binds: {
      jobId,
      from: state.path,
      launch: { ...plan.launch },
      plannedVertices: checked.vertices,
    },
    facts: { launch: { ...plan.launch }, from: state.path, ...(await startFacts(c, jobId)) },
    change: { ...startChange(plan, width), state: state.facts },
  };
}

/** If Flink lists no checkpoints, that means "none" only for a job that runs. */
function completedWords(read: Checkpoints | Off | Absent | NotYet, state: JobState): string {
  if (read === "off" && state !== "INITIALIZING") return " and took no checkpoints";
  const listed = given(read);
  return listed === null || (isEmpty(listed) && state !== "RUNNING")
    ? ", and it was unknown how many checkpoints it had completed"
    : ` and completed ${count(listed.completed, "checkpoint")}`;
}

function cannotTell(c: PhaseContext<Args>): Observation<Phases> {
  return unknownStart(c, c.effectId, { name: named(c.target), why: notTold(c) });
}

async function observeCancel(c: PhaseContext<Args>): Promise<Observation<Phases>> {
  const seen = await c.flink.sighting(c.target.jobId);
  const { absentFor } = c.known.settings;
  if (isOutOfTheWay(seen, { accepted: c.processes, absentFor }))
    return await unlessPlaceIsTaken(
      c,
      {
        kind: "next",
        phase: "run",
        result: null,
        milestone: t`${named(c.target)} is ${seen.is === "ended" ? seen.state : "gone"}.`,
      },
      { own: [c.target.jobId] },
    );
  if (isLost(c, seen) && !("cancel" in c.results))
    return {
      kind: "next",
      phase: "cancel",
      result: { sentAgain: true },
      milestone: t`${named(c.target)} is still alive: the cancel was lost and is sent again.`,
    };
  if (seen.is !== "alive") {
    if (!c.late)
      return {
        kind: "pending",
        note: "Flink does not say whether the job has ended; nothing is started until it does",
      };
    return {
      kind: "end",
      report: {
        outcome: "unknown",
        headline: t`${named(c.target)} was not rolled back: it is unknown whether it still runs`,
        lines: [
          stands(seen),
          t`Check job ${code(c.target.jobId)} before you try again. Nothing was started.`,
        ],
        offers: [statusOffer(c.target)],
      },
    };
  }
  if (c.sent.is === "refused" || c.late)
    return startFailed(
      t`${named(c.target)} was not rolled back: it could not be cancelled`,
      [...(c.sent.is === "refused" ? [c.sent.reason] : []), stands(seen), "Nothing was started."],
      { job: c.target },
    );
  return { kind: "pending", note: `Flink is stopping the tasks (${seen.state})` };
}

async function observeRun(c: PhaseContext<Args>): Promise<Observation<Phases>> {
  const name = named(c.target);
  if (c.sent.is === "refused")
    return startFailed(t`${name} was cancelled but not started again`, [c.sent.reason], { job: null });
  const seen = await readStart(c, c.effectId, "tasks");
  const job = { cluster: c.target.cluster, jobId: c.effectId, name: c.target.name };
  switch (seen.is) {
    case "pending":
      return { kind: "pending", ...seen };
    case "unknown":
      return unknownStart(c, c.effectId, { name, why: seen.why });
    case "unhealthy":
      return startFailed(t`${name} was rolled back but is not healthy`, seen.why, {
        job,
        outcome: seen.ended === null ? "partly" : "failed",
      });
    case "healthy": {
      const health = healthFacts(await healthOf(c.flink, c.effectId));
      const lines = [...seen.lines, ...(c.effect?.do === "run" ? [startedFrom(c.effect.from)] : [])];
      return startedReport(c, c.effectId, {
        headline: t`${name} was rolled back and runs`,
        lines,
        facts: { health },
      });
    }
  }
}
