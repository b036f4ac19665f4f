import { isTerminal } from "../flink/reads.ts";
import { EXCEPTIONS_KEPT, type Facts } from "./diagnose-facts.ts";
import { type Help, help } from "./diagnose-help.ts";
import { cause, grouped } from "./exception-words.ts";
import { shown } from "./job-words.ts";
import { percent, rate } from "./metric-units.ts";
import { b, code, type Text, t } from "./text.ts";
import { ago, bytes, count, duration } from "./units.ts";
import { bottleneck, isPressed, PRESSED_HARD_MS, type VertexLoad } from "./vertex-load.ts";

/** What a rule has found: the figures that led to it, and what to ask for next. */
export interface Finding {
  /** 3: it does not work; 2: it will not for long; 1: worth knowing. */
  weight: 1 | 2 | 3;
  says: Text;
  helps: Help;
}

export interface Rule {
  name: string;
  /** For "nothing found": what was looked at. */
  looksAt: string;
  find(f: Facts): readonly Finding[];
}

const RECENT_MS = 10 * 60_000;
/** Overdue: so many intervals without a completed checkpoint, and never sooner than a minute. */
const OVERDUE_INTERVALS = 3;
const OVERDUE_LEAST_MS = 60_000;
/** The busiest subtask takes this many times what the others take on average. */
const SKEWED = 2;
/** Fewer records a second than this tell nothing about skew. */
const ENOUGH_RECORDS = 10;
const HEAP_FULL = 0.9;
const GC_HIGH_MS = 100;
/** A start takes as long as this without anything being wrong. */
const STARTING_MS = 60_000;

const finding = (weight: Finding["weight"], says: Text, helps: Help): Finding[] => [{ weight, says, helps }];

/** Twice as wide, as far as its maximum and the slots allow. Vertices share slots, so the widest one counts. */
function widest(f: Facts, v: VertexLoad): number {
  if (!f.cluster.rescale) return v.parallelism;
  const slots = Math.max(...f.job.vertices.map((one) => one.parallelism)) + f.cluster.slotsFree;
  return Math.min(2 * v.parallelism, v.maxParallelism, slots);
}

/** Facts in, findings out; nothing is read here. */
export const rules: readonly Rule[] = [
  {
    name: "failing",
    looksAt: "failures and restarts",
    find(f) {
      const { state } = f.job;
      const recent = f.exceptions.filter((e) => e.at > f.now - RECENT_MS);
      const least = recent.length >= EXCEPTIONS_KEPT ? "at least " : "";
      const [last] = grouped(f.exceptions);
      const told = f.failure === null ? "" : t`; root cause ${code(shown(f.failure, 300))}`;
      const why = last === undefined ? told : t`; root cause ${cause(last.last)}`;
      if (state === "FAILED")
        return finding(
          3,
          t`The job is ${b("FAILED")} since ${{ at: f.job.stateSince }}${why}.`,
          f.catalogued ? help.resume : help.exceptions,
        );
      if (state === "RESTARTING" || state === "FAILING")
        return finding(
          3,
          t`The job is ${b(state)}: ${least}${count(recent.length, "failure")} in the last 10 minutes${why}.`,
          help.exceptions,
        );
      if (recent.length === 0 || isTerminal(state)) return [];
      const total = f.restarts === null ? "" : `, ${count(f.restarts, "restart")} in all`;
      return finding(
        recent.length >= 3 ? 3 : 2,
        t`It failed ${b(`${least}${recent.length} ${recent.length === 1 ? "time" : "times"} in the last 10 minutes`)}${total}${why}.`,
        help.exceptions,
      );
    },
  },
  {
    name: "tasks",
    looksAt: "tasks that run",
    find(f) {
      const { total, running, finished } = f.tasks;
      if (f.job.state !== "RUNNING" || running + finished >= total) return [];
      return finding(
        3,
        t`The job says RUNNING for ${duration(f.now - f.job.stateSince)}, but only ${b(`${running + finished} of ${total}`)} tasks run.`,
        help.status,
      );
    },
  },
  {
    name: "slots",
    looksAt: "slots",
    find(f) {
      if (isTerminal(f.job.state)) return [];
      const { slotsFree, slotsTotal } = f.cluster;
      const waits = f.job.state === "CREATED" && f.now - f.job.stateSince > STARTING_MS;
      const asked = Math.max(0, ...Object.values(f.requirements ?? {}).map((r) => r.upperBound));
      const has = Math.max(0, ...f.job.vertices.map((v) => v.parallelism));
      const slots = `${slotsFree} of ${count(slotsTotal, "slot")} ${slotsFree === 1 ? "is" : "are"} free`;
      if (waits)
        return finding(3, t`It waits for slots since ${{ at: f.job.stateSince }}: ${slots}.`, help.clusters);
      if (f.requirements === null || asked <= has || asked - has <= slotsFree) return [];
      return finding(
        2,
        t`Parallelism ${b(`${asked} is asked, it runs at ${has}`)}: ${slots}.`,
        help.scale(has),
      );
    },
  },
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
        t`The last ${b(inARow === 1 ? "checkpoint" : `${inARow} checkpoints`)} failed, the latest ${ago(failed.triggeredAt, f.now)}: ${shown(failed.failure ?? "no reason given", 200).replace(/\.$/u, "")}.`,
        help.checkpoints,
      );
    },
  },
  {
    name: "checkpoints overdue",
    looksAt: "the age of the last checkpoint",
    find(f) {
      const interval = f.config?.intervalMs ?? null;
      if (f.job.state !== "RUNNING" || interval === null || f.checkpoints === null) return [];
      const last = f.checkpoints.latestCompleted;
      const doneAt = last === null ? f.job.stateSince : last.triggeredAt + (last.endToEndMs ?? 0);
      const age = f.now - Math.max(doneAt, f.job.stateSince);
      if (age <= Math.max(OVERDUE_INTERVALS * interval, OVERDUE_LEAST_MS)) return [];
      const running = f.checkpoints.history.find((e) => e.kind === "in_progress");
      const stuck =
        running === undefined
          ? ""
          : `; one is under way for ${duration(f.now - running.triggeredAt)}, ${running.acknowledged} of ${count(running.subtasks, "subtask")} done`;
      const since =
        last === null ? "No checkpoint was completed yet" : `The last checkpoint is ${duration(age)} old`;
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
      if (isTerminal(f.job.state) || f.job.jobType === "BATCH") return [];
      if (f.config !== null && f.config.intervalMs !== null) return [];
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
      const hard = (worst.backPressured ?? 0) >= PRESSED_HARD_MS;
      const most = widest(f, source);
      return finding(
        hard ? 2 : 1,
        t`Back-pressure starts at ${b(shown(source.name))}${busy}: ${shown(worst.name)} ${waits} of the time.`,
        most > source.parallelism ? help.scale(most, source) : help.metrics(source),
      );
    },
  },
  {
    name: "skew",
    looksAt: "skew between subtasks",
    find(f) {
      return f.loads.flatMap((v) => {
        // a source takes nothing that Flink counts
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
          t`Skew in ${b(shown(v.name))}: its busiest subtask ${verb}s ${rate(r.max)}, ${times}.`,
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
        const full = m.heapUsed !== null && m.heapMax !== null && m.heapUsed > HEAP_FULL * m.heapMax;
        const gc = m.gcMsPerSecond !== null && m.gcMsPerSecond > GC_HIGH_MS;
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
            t`${b(shown(v.name))} runs at its maximum parallelism, ${String(v.maxParallelism)}: it cannot be scaled up with its state.`,
            help.metrics(v),
          ),
        );
    },
  },
];
