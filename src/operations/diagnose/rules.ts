import { isGcHigh, isHeapFull } from "../facts/task-managers.ts";
import { type Checkpoint, isBatch, isExpired, type JobState } from "../../model/flink-jobs.ts";
import type { Facts } from "./facts.ts";
import { finding, type Finding, type Rule } from "./finding.ts";
import { help } from "./help.ts";
import { runningRules } from "./running.ts";
import { shown } from "../wording/job.ts";
import { doneAt } from "../facts/last-checkpoint.ts";
import { percent, rate } from "../wording/metric.ts";
import { perhapsSilent } from "../wording/storage.ts";
import { b, type Text, t } from "../../model/text.ts";
import { ago, bytes, count, duration } from "../../model/units.ts";
import { bottleneck, isPressed, isPressedHard, type VertexLoad } from "../facts/vertex-load.ts";

/** Overdue: this many intervals without a completed checkpoint, and at least a minute. */
const OVERDUE_INTERVALS = 3;
const OVERDUE_LEAST_MS = 60_000;
/** Skewed: the busiest subtask takes this many times the average of the others. */
const SKEWED = 2;
/** Below this many records a second, a difference between subtasks says nothing about skew. */
const ENOUGH_RECORDS = 10;
/**
 * Twice the vertex's parallelism, limited by its maximum and the free slots; its current one if the cluster cannot
 * rescale. Vertices share slots, so the widest vertex determines the slots in use.
 */
function widest(f: Facts, v: VertexLoad): number {
  if (f.cluster?.rescale !== true) return v.parallelism;
  const slots = Math.max(...f.job.vertices.map((one) => one.parallelism)) + f.cluster.slotsFree;
  return Math.min(2 * v.parallelism, v.maxParallelism, slots);
}

/** In other states Flink does not know yet whether checkpoints are on. */
const HAS_RUN: ReadonlySet<JobState> = new Set(["RUNNING", "RESTARTING", "FAILING", "CANCELLING"]);

/** The displayed name of a vertex, distinct among the vertices of its job. */
const nameOf = (f: Facts, v: { id: string; name: string }): string => f.names.get(v.id) ?? shown(v.name);

/** What to check where checkpoints expire and none completes. */
const whyNone = ({ failure }: Checkpoint): Text =>
  isExpired(failure ?? "") ? t` None is complete. ${perhapsSilent(null)}` : "";

/** Pure functions from facts to findings; they read nothing. */
export const rules: readonly Rule[] = [
  ...runningRules,
  {
    name: "checkpoints failing",
    looksAt: "failed checkpoints",
    find(f) {
      const { checkpoints: c } = f;
      const failed = c?.latestFailed ?? null;
      if (c === null || failed === null) return [];
      const row = c.history.findIndex((e) => e.kind === "completed");
      const inARow = c.history
        .slice(0, row === -1 ? undefined : row)
        .filter((e) => e.kind === "failed").length;
      if (inARow === 0) return [];
      return finding(
        inARow >= 3 ? 3 : 2,
        t`The last ${b(inARow === 1 ? "checkpoint" : `${inARow} checkpoints`)} failed, the latest ${ago(failed.triggeredAt, f.now)}: ${shown(failed.failure ?? "no reason given", 200).replace(/\.$/u, "")}.${row === -1 ? whyNone(failed) : ""}`,
        help.checkpoints,
      );
    },
  },
  {
    name: "checkpoints overdue",
    looksAt: "the age of the last checkpoint",
    find(f) {
      const interval = f.config === null || f.config === "off" ? null : f.config.intervalMs;
      if (f.job.state !== "RUNNING" || interval === null || f.checkpoints === null) return [];
      const { newest } = f;
      const last =
        newest.is === "listed" ? doneAt(newest.checkpoint) : newest.is === "cached" ? newest.state.at : null;
      // a job that was not running could not take one
      const age = f.now - Math.max(last ?? 0, f.job.stateSince ?? f.job.startedAt);
      if (age <= Math.max(OVERDUE_INTERVALS * interval, OVERDUE_LEAST_MS)) return [];
      const running = f.checkpoints.history.find((e) => e.kind === "in_progress");
      const stuck =
        running === undefined
          ? ""
          : `; one has been in progress for ${duration(f.now - running.triggeredAt)}, ${running.acknowledged} of ${count(running.subtasks, "subtask")} done`;
      const since =
        last === null
          ? "No checkpoint has been completed yet"
          : `The last ${newest.is === "cached" ? "known " : ""}checkpoint is ${duration(f.now - last)} old`;
      return finding(
        2,
        t`${b(since)}, though one is due every ${duration(interval)}${stuck}.`,
        help.checkpoints,
      );
    },
  },
  {
    name: "no checkpoints",
    looksAt: "whether checkpoints are on",
    find(f) {
      if (!HAS_RUN.has(f.job.state) || isBatch(f.job) || f.config === null) return [];
      if (f.config !== "off" && f.config.intervalMs !== null) return [];
      return finding(1, "Periodic checkpoints are off: a failure loses all of its state.", help.savepoint);
    },
  },
  {
    name: "back-pressure",
    looksAt: "back-pressure",
    find(f) {
      const source = bottleneck(f.loads, f.edges);
      const pressed = f.loads
        .filter(isPressed)
        .toSorted((a, z) => (z.backPressured ?? 0) - (a.backPressured ?? 0));
      const [worst] = pressed;
      if (source === null || worst === undefined) return [];
      const busy = source.busy === null ? "" : ` (busy ${percent(source.busy)})`;
      const others = pressed.length - 1;
      const share = percent(worst.backPressured ?? 0);
      const waits =
        others === 0
          ? `waits for it ${share}`
          : `and ${others} more ${others === 1 ? "vertex" : "vertices"} wait for it, up to ${share}`;
      const most = widest(f, source);
      return finding(
        isPressedHard(worst) ? 2 : 1,
        t`Back-pressure starts at ${b(nameOf(f, source))}${busy}: ${nameOf(f, worst)} ${waits} of the time.`,
        most > source.parallelism ? help.scale(most, source) : help.metrics(source),
      );
    },
  },
  {
    name: "skew",
    looksAt: "skew between subtasks",
    find(f) {
      return f.loads.flatMap((v) => {
        // Flink does not count records into a source, so its output is used
        const takes = (v.recordsIn?.sum ?? 0) >= ENOUGH_RECORDS;
        const r = takes ? v.recordsIn : v.recordsOut;
        if (r === null || v.parallelism < 2 || r.sum < ENOUGH_RECORDS) return [];
        const others = (r.sum - r.max) / (v.parallelism - 1);
        if (r.max < SKEWED * others) return [];
        const verb = takes ? "take" : "send";
        const times =
          others < 1
            ? "the others next to nothing"
            : `${(r.max / others).toFixed(1)} times what the others ${verb}`;
        return finding(
          1,
          t`Skew in ${b(nameOf(f, v))}: its busiest subtask ${verb}s ${rate(r.max)}, ${times}.`,
          help.metrics(v),
        );
      });
    },
  },
  {
    name: "memory",
    looksAt: "heap and garbage collection of the task managers",
    find(f) {
      return f.taskManagers.flatMap((m) => {
        const full = isHeapFull(m);
        const gc = isGcHigh(m);
        if (!full && !gc) return [];
        const heap =
          m.heapUsed === null || m.heapMax === null
            ? ""
            : `heap ${bytes(m.heapUsed)} of ${bytes(m.heapMax)} used`;
        const time =
          m.gcMsPerSecond === null ? "" : `garbage collection takes ${percent(m.gcMsPerSecond)} of the time`;
        const both = [heap, time].filter((x) => x !== "").join(", ");
        return finding(gc ? 2 : 1, t`Task manager ${b(shown(m.id))}: ${both}.`, help.clusters);
      });
    },
  },
  {
    name: "maximum",
    looksAt: "parallelism against its maximum",
    find(f) {
      return f.job.vertices
        .filter((v) => v.parallelism > 1 && v.parallelism >= v.maxParallelism)
        .flatMap((v) =>
          finding(
            1,
            t`${b(nameOf(f, v))} runs at its maximum parallelism, ${String(v.maxParallelism)}: it cannot be scaled up with its state.`,
            help.metrics(v),
          ),
        );
    },
  },
];

/** Worst first; equal findings keep the order of the rules. */
export const diagnosed = (facts: Facts): readonly (Finding & { rule: string })[] =>
  rules
    .flatMap((rule) => rule.find(facts).map((f) => ({ ...f, rule: rule.name })))
    .toSorted((a, z) => z.weight - a.weight);
