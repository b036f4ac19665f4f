import { z } from "zod";
import { FlinkUnreachable } from "../../model/errors.ts";
import { directoryArgument, flinkFormat, formatArgument, jobArgument } from "../wording/arguments.ts";
import { nextToCancel, observeLine } from "./lineage.ts";
import { observeCancel } from "./phase.ts";
import type { Effect } from "../../model/effect.ts";
import { aliveBinds, gone, jobRef, named } from "../wording/job.ts";
import { endedRefusal } from "../../model/ended-job.ts";
import { endsWithIt } from "../facts/application.ts";
import { optional } from "../../model/optional.ts";
import { lastCheckpoint } from "../facts/last-checkpoint.ts";
import { changing, lineageOf, sightAll, type Sighted } from "../../model/lineage.ts";
import { type Context, defineChange, type PhaseContext } from "../../model/operation.ts";
import type { Hold } from "../../model/target.ts";
import type { Intent } from "../../model/intent.ts";
import { isRefusal, type Refusal } from "../../model/report.ts";
import { planned, planSavepoint } from "../plans/savepoint.ts";
import { b, code, plain, type Span, type Text, t } from "../../model/text.ts";
import type { RequestOnName } from "../../model/knowledge.ts";
import {
  failedReport,
  readTrigger,
  TRIGGER_DEADLINE_MS,
  unknownReport,
} from "../phases/savepoint-trigger.ts";

const args = z
  .strictObject({
    job: jobArgument,
    directory: directoryArgument,
    withSavepoint: z
      .boolean()
      .default(false)
      .describe("take a savepoint first; if it fails, nothing is cancelled"),
    format: formatArgument,
  })
  .refine((a) => a.directory === undefined || a.withSavepoint, {
    message: "A directory needs --with-savepoint; a plain cancel takes no savepoint.",
    path: ["directory"],
  });
type Args = z.infer<typeof args>;

/** The emergency brake. Without a savepoint, it waits for no other request. */
export const cancel = defineChange({
  kind: "change",
  name: "cancel",
  summary: "Cancel a job at once; work since its last checkpoint is lost",
  examples: ["cancel orders", 'cancel orders --with-savepoint --reason "wrong version"'],
  args,
  positionals: ["job", "directory"],
  class: "destructive",
  find: (a) => ({ find: "job", job: a.job }),
  // `open` checks every job that replaced it
  allowedIn: "any",
  preempts: (a) => !a.withSavepoint,
  holds,
  ends: true,
  open: (c) => (c.args.withSavepoint ? openWithSavepoint(c) : openPlain(c)),

  first: "begin",
  phases: {
    /** Sends the first effect: the savepoint if one was requested, else the cancel. */
    begin: {
      deadlineMs: TRIGGER_DEADLINE_MS,
      effect: async (c) =>
        c.args.withSavepoint
          ? {
              do: "savepoint",
              jobId: c.target.jobId,
              directory: planned(c.intent.facts).directory,
              format: flinkFormat(c.args.format),
            }
          : await cancelNext(c),
      observe: (c) => (c.args.withSavepoint ? savepointFirst(c) : observeLine(c)),
    },
    cancel: {
      deadlineMs: 60_000,
      effect: async (c) =>
        c.args.withSavepoint ? { do: "cancel", jobId: c.target.jobId } : await cancelNext(c),
      finishes: (c) => !c.args.withSavepoint || "cancel" in c.results,
      observe: (c) => {
        if (!c.args.withSavepoint) return observeLine(c);
        const before = c.results["begin"];
        const location = typeof before === "string" ? before : "";
        return observeCancel(c, location, "cancel" in c.results ? "again" : "first");
      },
    },
  },
});

async function cancelNext(c: PhaseContext<Args>): Promise<Effect | null> {
  const jobId = await nextToCancel(c);
  return jobId === null ? null : { do: "cancel", jobId };
}

/**
 * Also holds the jobs that replaced this one, and its name, so that nothing can be started under that name meanwhile.
 */
async function holds(c: Context<Args>): Promise<readonly Hold[]> {
  if (c.args.withSavepoint) return [{ job: c.target.jobId }, { name: c.target.name }];
  const requests = await c.known.requestsOn(c.target.cluster, c.target.name);
  const line = lineageOf(c.target, requests, c.requestId);
  return [...line.map((j) => ({ job: j.jobId })), { name: c.target.name }];
}

async function openPlain(c: Context<Args>): Promise<Intent | Refusal> {
  const requests = await c.known.requestsOn(c.target.cluster, c.target.name);
  const line = lineageOf(c.target, requests, c.requestId);
  const sighted = await sightAll(c.flink, line);
  if (sighted.some((j) => j.seen.is === "unanswered"))
    throw new FlinkUnreachable(`reading the state of ${c.target.name}: no answer`, "no");
  const alive = sighted.filter((j) => j.seen.is === "alive");
  const under = changing(line, requests).filter((r) => r.id !== c.requestId);
  if (alive.length === 0 && under.length === 0) return await ended(c, sighted, requests);
  const headline = t`Cancel ${named(c.target)} without a savepoint`;
  // The brake acts on the job in whatever state it is at that time, crash-looping or restarted.
  const binds = { jobId: c.target.jobId };
  // nothing else of it is compared before the start, and a brake does not wait for what nobody reads
  if (c.before !== undefined) return { headline, losses: [], warnings: [], details: [], binds, facts: {} };
  const [last, cluster] = await Promise.all([lastCheckpoint(c), endsWithIt(c)]);
  return {
    headline,
    losses: last.losses,
    warnings: [...under.map(overtaken), ...cluster.warnings],
    details: [
      // this card later shows the result, so the current state is worded in the past tense
      ...sighted.flatMap(({ jobId, seen }) => {
        if (seen.is !== "alive") return [];
        const it: Text = alive.length > 1 ? t`Job ${code(jobId.slice(0, 8))}` : "It";
        return [t`${it} was ${b(seen.state)} when this was asked.`];
      }),
      last.words,
    ],
    binds,
    facts: { retained: last.retained ? last.path : null, ...cluster.facts },
    offers: [{ label: "Stop with a savepoint instead", operation: "stop", args: { job: jobRef(c.target) } }],
  };
}

/** The refusal if no job of the lineage runs and no request is starting one. */
async function ended(
  c: Context<Args>,
  line: readonly Sighted[],
  requests: readonly RequestOnName[],
): Promise<Refusal> {
  const [last] = line
    .flatMap(({ jobId, seen }) => (seen.is === "ended" ? [{ jobId, state: seen.state }] : []))
    .slice(-1);
  if (last === undefined) return gone(c.target);
  const jobs = (await optional(c.flink.overview())) ?? [];
  const endedAt = jobs.find((j) => j.jobId === last.jobId)?.endedAt ?? null;
  return endedRefusal({ ...c.target, ...last, endedAt }, jobs, {
    needs: "there is nothing to cancel.",
    requests,
    known: c.known,
  });
}

/** Tells the approver about a request that the brake stops. */
function overtaken(r: RequestOnName): Text {
  const request: Span = r.link === null ? code(r.id.slice(0, 8)) : { link: r.link, label: r.id.slice(0, 8) };
  const savepoint = r.savepoint === null ? "" : t` Its savepoint: ${code(r.savepoint)}.`;
  return t`Stops request ${request} of ${{ person: r.actor }}, ${b(plain(r.headline))}, and cancels what it has started.${savepoint}`;
}

async function openWithSavepoint(c: Context<Args>): Promise<Intent | Refusal> {
  const seen = await c.flink.sighting(c.target.jobId);
  if (seen.is === "alive" && seen.state !== "RUNNING")
    return {
      refuse: t`${named(c.target)} is ${b(seen.state)}; a savepoint needs RUNNING.`,
      instead: ["Cancel it without a savepoint, or wait until it is RUNNING."],
    };
  const plan = await planSavepoint(c);
  if (isRefusal(plan)) return plan;
  const cluster = await endsWithIt(c);
  return {
    headline: t`Cancel ${named(c.target)} after a savepoint`,
    losses: [],
    warnings: [...plan.warnings, ...cluster.warnings],
    details: [
      t`Savepoint to ${code(plan.directory)}, ${c.args.format} format. If it fails, nothing is cancelled.`,
      "Records between the savepoint and the cancel are processed again when the job is resumed.",
    ],
    binds: { ...aliveBinds(plan.job), directory: plan.directory },
    facts: { ...plan.facts, ...cluster.facts },
    offers: [{ label: "Stop instead", operation: "stop", args: { job: jobRef(c.target) } }],
  };
}

async function savepointFirst(c: PhaseContext<Args>) {
  const seen = await readTrigger(c);
  if (seen.is === "pending") return { kind: "pending", ...seen } as const;
  if (seen.is === "saved")
    return {
      kind: "next",
      phase: "cancel",
      result: seen.location,
      milestone: t`The savepoint is complete: ${code(seen.location)}`,
    } as const;
  if (seen.is === "unknown")
    return unknownReport(c, "Savepoint before the cancel", {
      why: seen.why,
      more: ["Nothing was cancelled."],
    });
  return failedReport(c, "cancel", {
    headline: t`${named(c.target)} was not cancelled: no savepoint`,
    reason: seen.reason,
  });
}
