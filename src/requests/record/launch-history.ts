import type { Launched } from "../../model/knowledge.ts";
import type { Keys } from "../../redis/keys.ts";
import type { RequestRecord } from "./record.ts";
import type { Store } from "./store.ts";

/** Requests about one job that are looked through where nothing is noted down, as by an older version. */
const MOST = 200;

/** How flinkops started a job, from its own records; null: it did not, or forgot it with the record. */
export function createLaunches(store: Pick<Store, "ids" | "loadMany" | "starterOf">, keys: Keys) {
  return async (cluster: string, jobId: string): Promise<Launched | null> => {
    const among = async (ids: readonly string[]): Promise<Launched | null> => {
      const records = ids.length === 0 ? [] : (await store.loadMany(ids)).map((h) => h.record);
      return launchOf(records, jobId);
    };
    const starter = await store.starterOf(cluster, jobId);
    return starter === null
      ? await among(await store.ids(keys.ofJob(cluster, jobId), MOST))
      : await among([starter]);
  };
}

const launchOf = (records: readonly RequestRecord[], jobId: string): Launched | null =>
  records.flatMap((r) => r.launched).find((l) => l.jobId === jobId) ?? null;
