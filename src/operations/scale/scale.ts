import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { given, isTerminal, type JobDetail } from "../../model/flink-jobs.ts";
import { jobArgument } from "../wording/arguments.ts";
import { type Step, scaleFacts } from "../facts/intent-facts.ts";
import { compared, healthFacts, healthIn, healthOf } from "../facts/job-health.ts";
import { aliveBinds, gone, named } from "../wording/job.ts";
import { defineChange } from "../../model/operation.ts";
import type { Refusal } from "../../model/report.ts";
import { notInPlace, pick, type ScaleArgs, scaleRefusal, slotPlan, steps, widest, targetOf } from "./plan.ts";
import { observeScale, stepWords } from "./progress.ts";
import { type Text, t } from "../../model/text.ts";

/** Flink's upper limit for maxParallelism: 2^15. */
const HIGHEST = 32_768;

/** Changes the parallelism in place. Flink restarts the tasks from the latest checkpoint. */
export const scale = defineChange({
  kind: "change",
  name: "scale",
  summary: "Change the parallelism of a running job in place",
  examples: ["scale orders 4", 'scale orders 2 --vertex "Window" --reason "lag is gone"'],
  args: z
    .strictObject({
      job: jobArgument,
      parallelism: z.number().int().min(1).max(HIGHEST).describe("how many parallel tasks each vertex gets"),
      vertex: z
        .array(z.string().trim().min(1).max(500))
        .max(20)
        .default([])
        .describe("only this vertex, by name or id; may be repeated"),
      viaSavepoint: z
        .boolean()
        .default(false)
        .describe(
          "stop it with a savepoint and restart it with that parallelism, like restart --parallelism",
        ),
      waitForSlots: z
        .boolean()
        .default(false)
        .describe(
          "even if slots are missing: take each one that becomes free; needs someone else's approval",
        ),
    })
    .superRefine((a, ctx) => {
      if (a.viaSavepoint && a.vertex.length > 0)
        ctx.addIssue({
          code: "custom",
          message: "--via-savepoint changes the whole job: leave --vertex out.",
        });
    }),
  positionals: ["job", "parallelism"],
  class: "operate",
  find: (args) => ({ find: "job", job: args.job }),
  becomes: ({ job, parallelism, viaSavepoint }) =>
    viaSavepoint ? { operation: "restart", args: { job, parallelism } } : null,
  allowedIn: ["RUNNING"],

  async open(c) {
    const { jobId } = c.target;
    const [job, caps, read] = await Promise.all([
      c.flink.job(jobId),
      c.flink.capabilities(),
      c.flink.checkpointConfig(jobId),
    ]);
    const config = given(read);
    if (job === "absent" || isTerminal(job.state)) return gone(c.target);
    const verdict = scaleRefusal(c, job, { caps, config });
    if (verdict.is === "may not") return verdict.why;
    const vertices = pick(job, c.args.vertex);
    if ("refuse" in vertices) return vertices;
    const wanted = steps(vertices, c);
    if ("refuse" in wanted) return wanted;
    const requirements = await c.flink.requirements(jobId);
    if (requirements.is === "unsupported") return notInPlace(c, requirements.reason.replace(/\.$/u, ""));
    const before = requirements.vertices;
    const target = targetOf(before, wanted);
    if (isDeepStrictEqual(before, target)) return already(c.args, job, wanted);
    const slots = slotPlan(c, { job, wanted, caps });
    if ("refuse" in slots) return slots;
    return {
      headline: t`Scale ${named(c.target)} to ${c.args.parallelism}`,
      losses: [],
      warnings: slots.warnings,
      details: [
        ...listed(wanted),
        ...slots.details,
        "Flink restarts the tasks from the latest checkpoint; records since then are processed again.",
      ],
      binds: { ...aliveBinds(job), requirements: before },
      facts: {
        scale: { before, target, steps: wanted.map((s) => ({ ...s })), intervalMs: config?.intervalMs ?? 0 },
        health: healthFacts(await healthOf(c.flink, jobId)),
      },
      change: { parallelism: widest(wanted) },
      ...(slots.waits ? { class: "destructive" as const } : {}),
    };
  },

  first: "rescale",
  phases: {
    rescale: {
      deadlineMs: 105_000,
      effect: async (c) => {
        const { before, target } = scaleFacts(c.intent.facts);
        return { do: "rescale", jobId: c.target.jobId, before, target };
      },
      observe: observeScale,
    },
  },

  followUp: async (c) =>
    compared(
      await healthOf(c.flink, c.target.jobId),
      healthIn(c.intent.facts["health"]),
      healthIn(c.report.facts?.["health"]),
    ),
});

function already(args: ScaleArgs, job: JobDetail, wanted: readonly Step[]): Refusal {
  const waits = wanted.some((s) => s.from !== s.to);
  return waits
    ? {
        refuse: t`Parallelism ${args.parallelism} has already been requested; Flink is waiting for slots or a checkpoint.`,
        instead: wanted.filter((s) => s.from !== s.to).map((s) => stepWords(s, s.from)),
      }
    : {
        refuse: t`It runs at ${args.parallelism} already${job.state === "RUNNING" ? "" : ` (${job.state})`}.`,
      };
}

const MOST = 10;

function listed(wanted: readonly Step[]): readonly Text[] {
  const more = wanted.length - MOST;
  return [...wanted.slice(0, MOST).map((s) => stepWords(s)), ...(more > 0 ? [`and ${more} more`] : [])];
}
