import type { Capabilities } from "../../model/flink-cluster.ts";
import { isTerminal, type JobDetail, type Vertex, type Requirements } from "../../model/flink-jobs.ts";
import { type Step, scaleFacts } from "../facts/intent-facts.ts";
import { healthFacts, healthOf } from "../facts/job-health.ts";
import { jobRef, named, shown, stands, statusOffer, tasksOf, tasksUp } from "../wording/job.ts";
import { vertexNames } from "../wording/names.ts";
import type { Observation, PhaseContext } from "../../model/operation.ts";
import type { Report } from "../../model/report.ts";
import { moreSlots, type ScaleArgs } from "./plan.ts";
import { b, code, type Text, t } from "../../model/text.ts";
import { count, duration, minutes } from "../../model/units.ts";

/**
 * Flink's default waits, ms: the cool-down since the last rescale, and the wait for slots while only some are there.
 */
const COOL_DOWN_MS = 30_000;
const SLOTS_MS = 60_000;
/** One more than the number of failed checkpoints that Flink tolerates before it rescales without a new one. */
const CHECKPOINTS = 3;

type Seen = Observation<never>;

/** How it ended. With `job`, each of its `steps` gets a line. */
interface End {
  outcome: Report["outcome"];
  words: Text;
  lines: readonly Text[];
  steps?: readonly Step[];
  job?: JobDetail | null;
}

/**
 * Ends if the tasks run at the requested parallelism, or if it stays lower; else says what Flink waits for. Throws
 * what FlinkReads throws.
 */
export async function observeScale(c: PhaseContext<ScaleArgs>): Promise<Seen> {
  const { target, steps, intervalMs } = scaleFacts(c.intent.facts);
  if (c.sent.is === "refused") return refused(c, c.sent.reason);
  const job = await c.flink.job(c.target.jobId);
  if (job === "absent")
    return c.late
      ? end(c, { outcome: "unknown", words: "is gone", lines: ["Flink no longer knows the job."] })
      : { kind: "pending", note: "Flink does not know the job at the moment" };
  if (isTerminal(job.state))
    return end(c, {
      outcome: "failed",
      words: "ended before it was scaled",
      lines: [t`The job is ${b(job.state)}.`],
      steps,
      job,
    });
  if (reached(job, steps)) return await runs(c, job, steps);
  // Flink refuses to say before the job runs.
  if (job.state === "RUNNING" && (c.sent.is === "unknown" || c.late)) {
    const asked = await c.flink.requirements(c.target.jobId);
    if (asked.is === "ok" && !sameUpper(asked.vertices, target)) return overtaken(c, job, steps);
  }
  const caps = await c.flink.capabilities();
  const waited = c.now - c.enteredAt;
  const quiet = job.state === "RUNNING" && job.vertices.every(isUp);
  const moved = steps.some((s) => s.from !== s.to && at(job, s) !== s.from);
  const allWaits = waited > COOL_DOWN_MS + SLOTS_MS + CHECKPOINTS * intervalMs;
  if (quiet && ((moved && caps.slotsFree === 0) || (c.late && allWaits)))
    return settled(c, { job, steps }, caps);
  return {
    kind: "pending",
    ...waiting(job, steps, { free: caps.slotsFree, waited, intervalMs, late: c.late }),
  };
}

async function runs(
  c: PhaseContext<ScaleArgs>,
  { vertices }: JobDetail,
  steps: readonly Step[],
): Promise<Seen> {
  const { parallelism: to, vertex } = c.args;
  const names = vertexNames(vertices);
  const some =
    steps.length > 3 ? `${steps.length} vertices` : steps.map((s) => names.get(s.id) ?? s.id).join(", ");
  const from = [...new Set(steps.map((s) => s.from))].toSorted((a, z) => a - z).join(", ");
  return {
    kind: "end",
    report: {
      outcome: "done",
      headline:
        vertex.length === 0
          ? t`${named(c.target)} runs at ${to}`
          : t`${some} of ${named(c.target)} ${steps.length === 1 ? "runs" : "run"} at ${to}`,
      lines: [`Parallelism: ${from} → ${to}; every task was running after ${duration(c.now - c.enteredAt)}`],
      // for the follow-up: restarts and checkpoints are counted from here
      facts: { health: healthFacts(await healthOf(c.flink, c.target.jobId)) },
      offers: [statusOffer(c.target)],
    },
  };
}

const at = (job: JobDetail, s: Step): number => job.vertices.find((v) => v.id === s.id)?.parallelism ?? 0;

/** Flink briefly shows the new parallelism before any task runs, so the tasks are checked too. */
const reached = (job: JobDetail, steps: readonly Step[]): boolean =>
  job.state === "RUNNING" &&
  steps.every((s) => job.vertices.some((v) => v.id === s.id && v.parallelism === s.to && isUp(v)));

const isUp = (v: Vertex): boolean => v.tasksRunning + v.tasksFinished === v.parallelism;

const sameUpper = (a: Requirements, z: Requirements): boolean =>
  Object.entries(z).every(([id, r]) => a[id]?.upperBound === r.upperBound);

function waiting(
  job: JobDetail,
  steps: readonly Step[],
  { free, waited, intervalMs, late }: { free: number; waited: number; intervalMs: number; late: boolean },
): { note: Text; progress?: readonly [number, number] } {
  const long = late ? `, longer than usual (${minutes(waited)})` : "";
  const changing = steps.filter((s) => s.from !== s.to);
  const moved = changing.some((s) => at(job, s) === s.to);
  if (moved || job.state !== "RUNNING") {
    const total = steps.reduce((n, s) => n + s.to, 0);
    const tasks = tasksOf(job.vertices.filter((v) => steps.some((s) => s.id === v.id)));
    const done = Math.min(tasks.running + tasks.finished, total);
    return {
      note: `Flink is restarting the tasks (${job.state}): ${tasksUp({ ...tasks, running: done - tasks.finished, total })}${long}`,
      progress: [done, total],
    };
  }
  const more = moreSlots(job.vertices, changing);
  if (more > free)
    return {
      note: `Flink is waiting up to ${duration(SLOTS_MS)} for slots: ${more} more needed, ${free} free${long}`,
    };
  const checkpoint = `the next checkpoint (one every ${duration(intervalMs)})`;
  return {
    note:
      waited < COOL_DOWN_MS
        ? `Flink is waiting for ${checkpoint}, and until ${duration(COOL_DOWN_MS)} after its last rescale${long}`
        : `Flink is waiting for ${checkpoint}${long}`,
  };
}

function settled(
  c: PhaseContext<ScaleArgs>,
  { job, steps }: { job: JobDetail; steps: readonly Step[] },
  { slotsTotal: total, slotsFree: free }: Pick<Capabilities, "slotsTotal" | "slotsFree">,
): Seen {
  const widest = Math.max(...steps.map((s) => at(job, s)));
  const back = Math.max(...steps.map((s) => s.from));
  const lines = [
    t`Slots free: ${free} of ${total}. Flink keeps the requested parallelism and takes more slots when they are free.`,
    ...rows(steps, job),
  ];
  const undo = {
    label: `Back to ${back}`,
    operation: "scale",
    args: { job: jobRef(c.target), parallelism: back, vertex: c.args.vertex },
  };
  return {
    kind: "end",
    report: {
      outcome: "partly",
      headline: t`${named(c.target)} runs at ${widest} instead of ${c.args.parallelism}: the cluster has ${count(total, "slot")}`,
      lines,
      offers: [...(back === c.args.parallelism ? [] : [undo]), statusOffer(c.target)],
    },
  };
}

const rows = (steps: readonly Step[], job: JobDetail): readonly Text[] =>
  steps.slice(0, 10).map((s) => stepWords(s, at(job, s)));

function overtaken(c: PhaseContext<ScaleArgs>, job: JobDetail, steps: readonly Step[]): Seen {
  if (c.sent.is === "unknown")
    return end(c, {
      outcome: "unknown",
      words: "may not have been scaled",
      lines: [
        "Flink's requested parallelism differs from this request: the request did not arrive, or someone has changed it since.",
        c.sent.looked,
      ],
      steps,
      job,
    });
  return end(c, {
    outcome: "partly",
    words: "is being scaled by someone else",
    lines: ["The requested parallelism was changed again after this request."],
    steps,
    job,
  });
}

async function refused(c: PhaseContext<ScaleArgs>, reason: string): Promise<Seen> {
  const seen = await c.flink.sighting(c.target.jobId);
  return end(c, { outcome: "failed", words: "was not scaled", lines: [reason, stands(seen)] });
}

function end(c: PhaseContext<ScaleArgs>, { outcome, words, lines, steps = [], job = null }: End): Seen {
  return {
    kind: "end",
    report: {
      outcome,
      headline: t`${named(c.target)} ${words}`,
      lines: [...lines, ...(job === null ? [] : rows(steps, job))],
      offers: [statusOffer(c.target)],
    },
  };
}

/** "Window: 1 → 8", and the current parallelism if it differs. */
export function stepWords(s: Step, now: number = s.to): Text {
  const held = s.from === s.to ? t`stays at ${s.to}` : t`${s.from} → ${b(String(s.to))}`;
  return t`${code(shown(s.name))}: ${held}${now === s.to ? "" : t` (now ${now})`}`;
}
