import { z } from "zod";
import { isTerminal, type JobSummary } from "../model/flink-jobs.ts";
import { defineClusterRead } from "../model/operation.ts";
import { b, code, type Text, t } from "../model/text.ts";
import { ago, bytes, count, duration } from "../model/units.ts";
import {
  heapShare,
  isGcHigh,
  isHeapFull,
  MOST_TASK_MANAGERS,
  type TaskManagerFacts,
  taskManagersOf,
} from "./facts/task-managers.ts";
import { optional } from "../model/optional.ts";
import { clusterArgument } from "./wording/arguments.ts";
import { shown } from "./wording/job.ts";
import { percent } from "./wording/metric.ts";

/**
 * Twice `heartbeat.interval`. After `heartbeat.timeout`, 50 s, Flink considers the task manager lost. flink-core,
 * HeartbeatManagerOptions
 */
const SILENT_MS = 20_000;
const MOST_ROWS = 40;

/** Lists the task managers, those in trouble first. */
export const taskmanagers = defineClusterRead({
  kind: "read",
  name: "taskmanagers",
  summary: "List a cluster's task managers, the worst first: slots, heap, garbage collection, heartbeat",
  examples: ["taskmanagers", "taskmanagers prod"],
  args: z.strictObject({ cluster: clusterArgument }),
  positionals: ["cluster"],
  class: "view",
  find: (args) => ({ find: "cluster", cluster: args.cluster ?? null }),

  async read(c) {
    const { cluster } = c.target;
    const [all, jobs] = await Promise.all([taskManagersOf(c.flink), optional(c.flink.decoration.overview())]);
    if (all.length === 0)
      return {
        outcome: "done",
        headline: t`${cluster} has no task managers`,
        lines: [
          "No job can run there until one registers. On Kubernetes or YARN, Flink starts them for a job.",
        ],
      };
    const now = flinkNow(all, jobs ?? []);
    const worst = all.toSorted((a, z) => badness(z, now) - badness(a, now));
    const [slots, free] = [sum(all.map((m) => m.slots)), sum(all.map((m) => m.freeSlots))];
    return {
      outcome: "done",
      headline: t`${count(all.length, "task manager")} on ${cluster}, ${String(free)} of ${count(slots, "slot")} free`,
      lines: [
        ...worst.flatMap((m) => troubles(m, now)).slice(0, 5),
        ...(all.length > MOST_TASK_MANAGERS
          ? [`Heap and garbage collection are read for the first ${MOST_TASK_MANAGERS} only.`]
          : []),
        ...(all.length > MOST_ROWS ? [`The worst ${MOST_ROWS}.`] : []),
      ],
      table: {
        head: ["Host", "Slots free", "Heap used", "GC", "Last heartbeat", "Id"],
        rows: worst
          .slice(0, MOST_ROWS)
          .map((m) => [
            shown(m.host === "" ? m.id : m.host),
            `${m.freeSlots} of ${m.slots}`,
            heap(m),
            m.gcMsPerSecond === null ? "not known" : percent(m.gcMsPerSecond),
            m.heartbeatAt === null ? "not known" : ago(m.heartbeatAt, now),
            t`${code(shown(m.id))}`,
          ]),
      },
    };
  },
});

const sum = (all: readonly number[]): number => all.reduce((total, n) => total + n, 0);
const share = (part: number): string => `${Math.round(part * 100)}%`;

/** The time by Flink's clock, ms, as far as its answers show it. Heartbeats carry times of that clock. */
const flinkNow = (all: readonly TaskManagerFacts[], jobs: readonly JobSummary[]): number =>
  Math.max(
    ...all.map((m) => m.heartbeatAt ?? 0),
    ...jobs.filter((j) => !isTerminal(j.state)).map((j) => j.startedAt + (j.ageMs ?? 0)),
  );

const heap = (m: TaskManagerFacts): string => {
  const part = heapShare(m);
  return part === null || m.heapMax === null ? "not known" : `${share(part)} of ${bytes(m.heapMax)}`;
};

const silentMs = ({ heartbeatAt }: TaskManagerFacts, now: number): number =>
  heartbeatAt === null ? 0 : Math.max(0, now - heartbeatAt);

/** Sort key: missing heartbeats first, then garbage collection, then a full heap. */
const badness = (m: TaskManagerFacts, now: number): number =>
  (silentMs(m, now) > SILENT_MS ? 1e9 + silentMs(m, now) : 0) +
  (isGcHigh(m) ? 1e6 + (m.gcMsPerSecond ?? 0) : 0) +
  (heapShare(m) ?? 0);

function troubles(m: TaskManagerFacts, now: number): readonly Text[] {
  const name = b(shown(m.host === "" ? m.id : m.host));
  const part = heapShare(m);
  return [
    ...(silentMs(m, now) > SILENT_MS
      ? [
          t`${name} has not sent a heartbeat for ${duration(silentMs(m, now))}; by default Flink drops it after 50 s.`,
        ]
      : []),
    ...(isGcHigh(m)
      ? [t`${name} spends ${percent(m.gcMsPerSecond ?? 0)} of its time on garbage collection.`]
      : []),
    ...(part !== null && isHeapFull(m) ? [t`${name} has ${share(part)} of its heap in use.`] : []),
  ];
}
