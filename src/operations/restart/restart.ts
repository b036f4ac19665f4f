import { z } from "zod";
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
import { defineChange } from "../../model/operation.ts";
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
import { openRestart, type RestartArgs } from "./plan.ts";
import { planned } from "../plans/savepoint.ts";
import { SILENCE_MS } from "../phases/unreachable.ts";
import { STARTING_MS, startLimit } from "../phases/steady.ts";
import { TRIGGER_DEADLINE_MS } from "../phases/savepoint-trigger.ts";

const args = z.strictObject({
  job: jobArgument,
  directory: directoryArgument,
  parallelism: parallelismArgument.describe("of the whole job; without it, unchanged"),
  jar: jarArgument,
  format: formatArgument,
});

/** Stops with a savepoint and starts from it. Rolls back if the new job fails and nothing has been committed. */
export const restart = defineChange<RestartArgs, RestartPhase>({
  kind: "change",
  name: "restart",
  summary: "Stop a job with a savepoint and start it from there; roll back if the new version fails",
  examples: [
    "restart orders",
    "restart orders --parallelism 8",
    'restart orders --jar newest --reason "release 1.4"',
  ],
  args,
  positionals: ["job", "directory"],
  class: "destructive",
  find: (a) => ({ find: "job", job: a.job }),
  allowedIn: ["RUNNING"],
  holds: (c) => [{ job: c.target.jobId }, { name: c.target.name }],
  open: openRestart,

  first: "stop",
  phases: {
    stop: {
      deadlineMs: TRIGGER_DEADLINE_MS,
      effect: async (c) => ({
        do: "stop",
        jobId: c.target.jobId,
        directory: planned(c.intent.facts).directory,
        drain: false,
        format: flinkFormat(c.args.format),
      }),
      observe: observeStop,
    },
    stopped: { deadlineMs: SILENCE_MS, observe: observeStopped },
    run: {
      deadlineMs: STARTING_MS,
      limit: { ms: startLimit, decide: (c) => cannotTell(c) },
      effect: async (c) => ({
        do: "run",
        jobId: c.effectId,
        from: locationOf(c),
        ...bothWays(c.intent.facts).forward,
      }),
      finishes: () => true,
      observe: observeRun,
    },
    /** Cancels only a job that this request has started and that has completed no checkpoint. */
    cancel: {
      deadlineMs: 2 * SILENCE_MS,
      effect: async (c) => ({ do: "cancel", jobId: startedOf(c) }),
      finishes: () => true,
      observe: observeCancelled,
    },
    back: {
      deadlineMs: STARTING_MS,
      limit: { ms: startLimit, decide: (c) => cannotTell(c) },
      effect: async (c) => ({
        do: "run",
        jobId: c.effectId,
        from: locationOf(c),
        ...bothWays(c.intent.facts).back,
      }),
      finishes: () => true,
      observe: observeBack,
    },
  },

  async followUp(c) {
    const { jobId, health } = c.report.facts ?? {};
    const now = typeof jobId === "string" ? await healthOf(c.flink, jobId) : null;
    return compared(now, healthIn(c.intent.facts["before"]), healthIn(health));
  },
});
