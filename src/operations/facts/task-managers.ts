import type { TaskManager } from "../../model/flink-cluster.ts";
import type { FlinkReads } from "../../model/flink-reads.ts";
import { optional } from "./optional.ts";

/** At most this many task managers are read. */
export const MOST_TASK_MANAGERS = 50;

const HEAP_USED = "Status.JVM.Memory.Heap.Used";
const HEAP_MAX = "Status.JVM.Memory.Heap.Max";
const GC = "Status.JVM.GarbageCollector.All.TimeMsPerSecond";
export const METRICS_OF_TASK_MANAGER: readonly string[] = [HEAP_USED, HEAP_MAX, GC];

/** A task manager and the memory of its JVM. */
export interface TaskManagerFacts extends TaskManager {
  /** Bytes; null where Flink does not say. */
  heapUsed: number | null;
  heapMax: number | null;
  gcMsPerSecond: number | null;
}

/**
 * At most 50 task managers. If the metrics of one cannot be read, its figures are null. Throws what FlinkReads
 * throws.
 */
export async function taskManagersOf(flink: FlinkReads): Promise<readonly TaskManagerFacts[]> {
  const all = await flink.taskManagers();
  return await Promise.all(
    all.slice(0, MOST_TASK_MANAGERS).map(async (manager) => {
      const got = (await optional(flink.taskManagerMetrics(manager.id, METRICS_OF_TASK_MANAGER))) ?? {};
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
