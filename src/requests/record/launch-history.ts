import type { Launched } from "../../model/knowledge.ts";
import type { Keys } from "../../redis/keys.ts";
import type { RequestRecord } from "./record.ts";
import type { Store } from "./store.ts";

/** How many requests about a job are searched where no starter is recorded, as in older versions. */
const MOST = 200;

/**
 * How flinkops started a job, from its own records. Null: flinkops did not start it, or only rehearsed it, or the record
 * has expired.
 */
export function createLaunchHistory(store: Pick<Store, "ids" | "loadMany" | "starterOf">, keys: Keys) {
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
  records.flatMap((r) => r.launched).find((l) => l.jobId === jobId && l.as === undefined) ?? null;
