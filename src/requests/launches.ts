import type { Launched } from "../operations/views.ts";
import type { Keys } from "../redis/keys.ts";
import type { Store } from "./store.ts";

/** Requests about one job that are looked through for the one that started it; that is among the first. */
const MOST = 200;

/** How flinkops started a job, from its own records; null: it did not, or forgot it with the record. */
export function createLaunches(store: Pick<Store, "ids" | "loadMany">, keys: Keys) {
  return async (cluster: string, jobId: string): Promise<Launched | null> => {
    const ids = await store.ids(keys.ofJob(cluster, jobId), MOST);
    const held = ids.length === 0 ? [] : await store.loadMany(ids);
    return held.flatMap((h) => h.record.launched).find((l) => l.jobId === jobId) ?? null;
  };
}
