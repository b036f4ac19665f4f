import { z } from "zod";
import { JOB_STATES } from "../model/flink-jobs.ts";
import { plainPath } from "../model/state-path.ts";
import type { RedisClient } from "../redis/connect.ts";
import { KEEP_SECONDS, type Keys } from "../redis/keys.ts";
import type { Seal } from "../platform/seal.ts";

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

/** What a reader has seen of one cluster's states. */
export interface SeenStates {
  /** Of the cluster's reader; of anybody else nothing is written. */
  token: string;
  jobs: readonly KeptJob[];
  /** Ids of jobs that are to be forgotten. */
  forget: readonly string[];
  /** Deleted states that the cluster lists all the same. */
  stillListed: readonly string[];
}

/** Restorable states in Redis, a hash per cluster, and beside it the paths of those that were deleted. */
export interface States {
  read(cluster: string): Promise<readonly KeptJob[]>;
  write(cluster: string, seen: SeenStates): Promise<void>;
  /** Which of these have been deleted. */
  disposed(cluster: string, paths: readonly string[]): Promise<ReadonlySet<string>>;
  /** Notes down deletions that are not known yet. */
  noteDisposed(cluster: string, gone: readonly { path: string; at: number }[]): Promise<void>;
}

const AT_ONCE = 1000;

/**
 * KEYS[1] reader, KEYS[2] states, KEYS[3] disposed; ARGV[1] token, ARGV[2] s to keep, ARGV[3] how many jobs, then id and
 * value of each, ARGV how many to forget, then their ids, then the paths that are still listed.
 */
const WRITE_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local i = 4
for _ = 1, ARGV[3] do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
  i = i + 2
end
local forget = ARGV[i]
i = i + 1
for _ = 1, forget do
  redis.call('HDEL', KEYS[2], ARGV[i])
  i = i + 1
end
redis.call('EXPIRE', KEYS[2], ARGV[2])
local t = redis.call('TIME')
local now = string.format('%d', t[1] * 1000 + math.floor(t[2] / 1000))
for j = i, #ARGV do redis.call('ZADD', KEYS[3], 'XX', now, ARGV[j]) end
redis.call('EXPIRE', KEYS[3], ARGV[2])
return 1
`;

/** A path from here may be started from, so nobody else's counts. */
const sealedAs = (cluster: string, jobId: string) =>
  ({ kind: "states", id: `${cluster}/${jobId}`, rev: 0 }) as const;

export function createStates(redis: RedisClient, keys: Keys, seal: Seal): States {
  redis.defineCommand("flinkopsSeeStates", { numberOfKeys: 3, lua: WRITE_SCRIPT });
  const script = redis as RedisClient & {
    flinkopsSeeStates(...args: (string | number)[]): Promise<number>;
  };
  return {
    async read(cluster) {
      const all = await redis.hgetall(keys.states(cluster));
      return Object.entries(all).flatMap(([jobId, closed]) => {
        const json = seal.open(sealedAs(cluster, jobId), closed);
        const parsed = json === null ? null : keptSchema.safeParse(JSON.parse(json));
        return parsed?.success === true ? [parsed.data] : [];
      });
    },
    async write(cluster, { token, jobs, forget, stillListed }) {
      const where = [keys.reader(cluster), keys.states(cluster), keys.disposed(cluster)];
      const values = jobs.flatMap((job) => [
        job.jobId,
        seal.close(sealedAs(cluster, job.jobId), JSON.stringify(job)),
      ]);
      const listed = stillListed.map(plainPath);
      const what = [jobs.length, ...values, forget.length, ...forget, ...listed];
      await script.flinkopsSeeStates(...where, token, KEEP_SECONDS, ...what);
    },
    async disposed(cluster, paths) {
      const key = keys.disposed(cluster);
      if (paths.length === 0 || (await redis.zcard(key)) === 0) return new Set();
      const gone = new Set<string>();
      for (let i = 0; i < paths.length; i += AT_ONCE) {
        const some = paths.slice(i, i + AT_ONCE);
        const scores = await redis.zmscore(key, ...some.map(plainPath));
        some.forEach((path, j) => scores[j] != null && gone.add(path));
      }
      return gone;
    },
    async noteDisposed(cluster, gone) {
      const batch = redis.pipeline();
      for (const { path, at } of gone) batch.zadd(keys.disposed(cluster), "NX", at, plainPath(path));
      batch.expire(keys.disposed(cluster), KEEP_SECONDS);
      await batch.exec();
    },
  };
}
