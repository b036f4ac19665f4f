import { z } from "zod";
import { given } from "../model/flink-jobs.ts";
import { jobArgument } from "./wording/arguments.ts";
import { aliveBinds, gone, jobRef, named, stands, statusOffer } from "./wording/job.ts";
import { defineChange, type Observation, type PhaseContext } from "../model/operation.ts";
import type { Offer } from "../model/report.ts";
import { code, type Text, t } from "../model/text.ts";
import { TRIGGER_DEADLINE_MS } from "./phases/savepoint-trigger.ts";
import { bytes, count, duration, minutes } from "../model/units.ts";

/**
 * Takes one of Flink's own checkpoints, in Flink's own directory. The job's configuration decides whether it is kept
 * or deleted.
 */
export const checkpoint = defineChange({
  kind: "change",
  name: "checkpoint",
  summary: "Take one checkpoint now; the job continues",
  examples: ["checkpoint orders", 'checkpoint orders --full --reason "before the network change"'],
  args: z.strictObject({
    job: jobArgument,
    full: z.boolean().default(false).describe("a full one, if the job's own checkpoints are incremental"),
  }),
  positionals: ["job"],
  class: "operate",
  find: (args) => ({ find: "job", job: args.job }),
  allowedIn: ["RUNNING"],
  fitForManaged: true,

  async open(c) {
    const [job, config] = await Promise.all([
      c.flink.job(c.target.jobId),
      c.flink.checkpointConfig(c.target.jobId),
    ]);
    if (job === "absent") return gone(c.target);
    if (config === "off")
      return {
        refuse: t`${named(c.target)} has checkpointing disabled, so Flink takes no checkpoints of it.`,
        instead: [t`${code("savepoint")} works without checkpointing.`],
      };
    return {
      headline: t`${c.args.full ? "Full checkpoint" : "Checkpoint"} of ${named(c.target)}`,
      losses: [],
      warnings: [],
      details: ["The job continues."],
      binds: aliveBinds(job),
      facts: { startTime: job.startedAt },
    };
  },

  first: "checkpoint",
  phases: {
    checkpoint: {
      deadlineMs: TRIGGER_DEADLINE_MS,
      effect: async (c) => ({ do: "checkpoint", jobId: c.target.jobId, full: c.args.full }),
      async observe(c) {
        if (c.sent.is === "refused") return await failed(c, c.sent.reason);
        if (c.sent.is === "unknown") return await unknown(c, t`${c.sent.looked}`);
        const status = await c.flink.checkpointTrigger(c.target.jobId, c.effectId);
        if (status.is === "forgotten") return await forgotten(c);
        if (status.is === "in_progress") {
          const until = { kind: "checkpoint", jobId: c.target.jobId, triggerId: c.effectId } as const;
          return { kind: "pending", ...(await underWay(c)), until };
        }
        if (status.is === "failed") return await failed(c, status.reason);
        return {
          kind: "end",
          report: {
            outcome: "done",
            headline: t`Checkpoint ${status.checkpointId} of ${named(c.target)} is complete`,
            lines: await measured(c, status.checkpointId),
            facts: { checkpointId: status.checkpointId },
            offers: offers(c),
          },
        };
      },
    },
  },
});

type Phase = PhaseContext<unknown>;

const offers = (c: Phase): readonly Offer[] => [
  { label: "Checkpoints", operation: "checkpoints", args: { job: jobRef(c.target) } },
  statusOffer(c.target),
];

/** `/checkpoints` lags by up to 3 s and does not say who triggered an entry, so progress may be missing. */
async function underWay(c: Phase): Promise<{ note: Text; progress?: readonly [number, number] }> {
  const long = c.late ? `, longer than usual (${minutes(c.now - c.enteredAt)})` : "";
  const running = (given(await c.flink.checkpoints(c.target.jobId))?.history ?? []).filter(
    (e) => e.kind === "in_progress" && !e.isSavepoint,
  );
  const [only] = running;
  if (only === undefined || running.length > 1) return { note: `Flink is taking the checkpoint${long}` };
  return {
    note: `Flink is taking the checkpoint: ${only.acknowledged} of ${count(only.subtasks, "subtask")}${long}`,
    progress: [only.acknowledged, only.subtasks],
  };
}

async function measured(c: Phase, id: number): Promise<readonly Text[]> {
  const all = given(await c.flink.checkpoints(c.target.jobId))?.history ?? [];
  const found = all.find((e) => e.id === id);
  if (found === undefined) return [];
  const took = found.endToEndMs === null ? "" : `, took ${duration(found.endToEndMs)}`;
  return [`${bytes(found.sizeBytes)}${took}`, ...(found.path === null ? [] : [t`${code(found.path)}`])];
}

async function forgotten(c: Phase): Promise<Observation<never>> {
  const job = await c.flink.job(c.target.jobId);
  // after a fail-over Flink never remembers the trigger, so waiting longer would not help
  const restarted = job !== "absent" && job.startedAt !== c.intent.facts["startTime"];
  if (!restarted && !c.late) return { kind: "pending", note: "Flink does not say how the checkpoint ended" };
  return await unknown(
    c,
    restarted
      ? "Flink restarted the job meanwhile and no longer knows this request"
      : "Flink does not know this request, or no longer does",
  );
}

async function failed(c: Phase, reason: string): Promise<Observation<never>> {
  return {
    kind: "end",
    report: {
      outcome: "failed",
      headline: t`No checkpoint of ${named(c.target)}`,
      lines: [reason, stands(await c.flink.sighting(c.target.jobId))],
      offers: offers(c),
    },
  };
}

async function unknown(c: Phase, why: Text): Promise<Observation<never>> {
  return {
    kind: "end",
    report: {
      outcome: "unknown",
      headline: t`Checkpoint of ${named(c.target)}: the outcome is unknown`,
      lines: [t`${why}.`, "You can safely try again.", stands(await c.flink.sighting(c.target.jobId))],
      offers: offers(c),
    },
  };
}
