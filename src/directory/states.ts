import { z } from "zod";
import { JOB_STATES } from "../flink/reads.ts";
import type { RedisClient } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";

const stateSchema = z.object({
  isSavepoint: z.boolean(),
  path: z.string(),
  at: z.number(),
  sizeBytes: z.number(),
  format: z.string().nullable(),
});

/** What of one job could be restored when it was last seen; outlives the job and its JobManager. */
const keptSchema = z.object({
  v: z.literal(1),
  jobId: z.string(),
  name: z.string(),
  /** As last seen; a job whose JobManager died is never seen to end. */
  state: z.enum(JOB_STATES),
  seenAt: z.number(),
  retainedOnCancel: z.boolean(),
  retainedOnFailure: z.boolean(),
  states: z.array(stateSchema),
});
export type KeptJob = z.infer<typeof keptSchema>;
export type KeptState = KeptJob["states"][number];

/** Restorable states in Redis, a hash per cluster. */
export interface States {
  read(cluster: string): Promise<readonly KeptJob[]>;
  /** Writes `jobs`, removes those with the ids `forget`. */
  write(cluster: string, jobs: readonly KeptJob[], forget: readonly string[]): Promise<void>;
}

export const createStates = (redis: RedisClient, keys: Keys): States => ({
  async read(cluster) {
    const all = await redis.hgetall(keys.states(cluster));
    return Object.values(all).flatMap((text) => {
      const parsed = keptSchema.safeParse(JSON.parse(text));
      return parsed.success ? [parsed.data] : [];
    });
  },
  async write(cluster, jobs, forget) {
    const batch = redis.multi();
    for (const job of jobs) batch.hset(keys.states(cluster), job.jobId, JSON.stringify(job));
    if (forget.length > 0) batch.hdel(keys.states(cluster), ...forget);
    await batch.exec();
  },
});
