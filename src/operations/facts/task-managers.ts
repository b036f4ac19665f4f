import type { TaskManager } from "../../model/flink-cluster.ts";
import type { FlinkReads } from "../../model/flink-reads.ts";
import { optional } from "../../model/optional.ts";

/** At most this many task managers are read. */
export const MOST_TASK_MANAGERS = 50;

const HEAP_USED = "Status.JVM.Memory.Heap.Used";
const HEAP_MAX = "Status.JVM.Memory.Heap.Max";
const GC = "Status.JVM.GarbageCollector.All.TimeMsPerSecond";
export const METRICS_OF_TASK_MANAGER: readonly string[] = [HEAP_USED, HEAP_MAX, GC];

const HEAP_FULL = 0.9;
/** Ms of garbage collection per second. */
const GC_HIGH_MS = 100;

/** A task manager and the memory of its JVM. */
export interface TaskManagerFacts extends TaskManager {
  /** Bytes; null where Flink does not say. */
  heapUsed: number | null;
  heapMax: number | null;
  gcMsPerSecond: number | null;
}

/**
 * All task managers. The figures of one are null if its metrics cannot be read, or if 50 others come before it. Throws
 * what FlinkReads throws.
 */
export async function taskManagersOf(flink: FlinkReads): Promise<readonly TaskManagerFacts[]> {
  const all = await flink.taskManagers();
  return await Promise.all(
    all.map(async (manager, n) => {
      const metrics =
        n < MOST_TASK_MANAGERS
          ? await optional(flink.taskManagerMetrics(manager.id, METRICS_OF_TASK_MANAGER))
          : null;
      const got = metrics ?? {};
      const figure = (name: string): number | null => {
        const n = Number(got[name] ?? Number.NaN);
        // the JVM reports -1 for "not limited"
        return Number.isFinite(n) && n >= 0 ? n : null;
      };
      return {
        ...manager,
        heapUsed: figure(HEAP_USED),
        heapMax: figure(HEAP_MAX),
        gcMsPerSecond: figure(GC),
      };
    }),
  );
}

/** Part of the heap in use, 0 to 1; null: not known. */
export const heapShare = ({ heapUsed, heapMax }: TaskManagerFacts): number | null =>
  heapUsed === null || heapMax === null || heapMax === 0 ? null : heapUsed / heapMax;

export const isHeapFull = (m: TaskManagerFacts): boolean => (heapShare(m) ?? 0) > HEAP_FULL;
export const isGcHigh = ({ gcMsPerSecond }: TaskManagerFacts): boolean => (gcMsPerSecond ?? 0) > GC_HIGH_MS;
