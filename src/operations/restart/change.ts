import {
  directoryArgument,
  flinkFormat,
  formatArgument,
  jarArgument,
  jobArgument,
  parallelismArgument,
} from "../wording/arguments.ts";
import { bothWays } from "../facts/intent-facts.ts";
import { compared, healthIn, healthOf } from "../facts/job-health.ts";
import type { FollowUpContext, Phase } from "../../model/operation.ts";
import {
  locationOf,
  observeBack,
  observeCancelled,
  observeRun,
  observeStop,
  observeStopped,
  cannotTell,
  type RestartPhase,
  startedOf,
} from "./phases.ts";
import type { RestartArgs } from "./plan.ts";
import { planned } from "../plans/savepoint.ts";
import { SILENCE_MS } from "../phases/unreachable.ts";
import type { Text } from "../../model/text.ts";
import { STARTING_MS, startLimit } from "../phases/steady.ts";
import { TRIGGER_DEADLINE_MS } from "../phases/savepoint-trigger.ts";

/** Arguments of a restart, with or without a rehearsal before it. */
export const sharedArgs = {
  job: jobArgument,
  directory: directoryArgument,
  parallelism: parallelismArgument.describe("of the whole job; without it, unchanged"),
  jar: jarArgument,
  format: formatArgument,
};
/** A start from the savepoint of the stop, one way or the other. */
const startBy = (
  way: "forward" | "back",
  observe: Phase<RestartArgs, RestartPhase>["observe"],
): Phase<RestartArgs, RestartPhase> => ({
  deadlineMs: STARTING_MS,
  limit: { ms: startLimit, decide: cannotTell },
  effect: async (c) => ({
    do: "run",
    jobId: c.effectId,
    from: locationOf(c),
    ...bothWays(c.intent.facts)[way],
  }),
  finishes: () => true,
  observe,
});

/** What a restart does, with or without a rehearsal before it. */
export const phases: { readonly [K in RestartPhase]: Phase<RestartArgs, RestartPhase> } = {
  stop: {
    deadlineMs: TRIGGER_DEADLINE_MS,
    effect: async (c) => ({
      do: "stop",
      jobId: c.target.jobId,
      directory: planned(c.intent.facts).directory,
      drain: false,
      format: flinkFormat(c.args.format),
    }),
    // nothing of the restart was done before it, also after a rehearsal
    finishes: () => false,
    observe: observeStop,
  },
  stopped: { deadlineMs: SILENCE_MS, observe: observeStopped },
  run: startBy("forward", observeRun),
  /** Cancels only a job that this request has started and that has completed no checkpoint. */
  cancel: {
    deadlineMs: 2 * SILENCE_MS,
    effect: async (c) => ({ do: "cancel", jobId: startedOf(c) }),
    finishes: () => true,
    observe: observeCancelled,
  },
  back: startBy("back", observeBack),
};

export async function followUp(c: FollowUpContext<RestartArgs>): Promise<{ line: Text; worse: boolean }> {
  const { jobId, health } = c.report.facts ?? {};
  const now = typeof jobId === "string" ? await healthOf(c.flink, jobId) : null;
  return compared(now, healthIn(c.intent.facts["before"]), healthIn(health));
}
