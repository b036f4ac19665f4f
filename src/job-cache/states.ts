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

/** The restorable states of one job when it was last seen. Outlives the job and its JobManager. */
const keptSchema = z.object({
  v: z.literal(1),
  jobId: z.string(),
  name: z.string(),
  /** The last state seen. A job whose JobManager died is never seen to end. */
  state: z.enum(JOB_STATES),
  seenAt: z.number(),
  retainedOnCancel: z.boolean(),
  retainedOnFailure: z.boolean(),
  /** The interval of its periodic checkpoints, ms; null: none. Undefined: stored by an earlier version. */
  intervalMs: z.number().nullable().optional(),
  /** The start, by Flink's clock, of the run whose configuration these are: a fail-over may change it. */
  startedAt: z.number().optional(),
  /** When its vertices were read for this run, ms. Undefined: not yet, or stored by an earlier version. */
  verticesAt: z.number().optional(),
  states: z.array(stateSchema),
});
export type KeptJob = z.infer<typeof keptSchema>;
export type KeptState = KeptJob["states"][number];

/** The vertices of one job and the size of their state, apart from its states, which are read far more often. */
const verticesSchema = z.object({
  v: z.literal(1),
  jobId: z.string(),
  /** The start, by Flink's clock, of the run that they were read of. */
  startedAt: z.number(),
  at: z.number(),
  /** Null: they would take more than `MOST_CHARACTERS`. */
  vertices: z
    .array(
      z.object({
        id: z.string(),
        name: z.string(),
        maxParallelism: z.number(),
        head: z.string().nullable(),
        bytes: z.number(),
      }),
    )
    .nullable(),
});
export type KeptVertices = z.infer<typeof verticesSchema>;

/** As JSON, of one job: some 500 vertices with names of ordinary length. */
const MOST_CHARACTERS = 100_000;

/** The states of one cluster as its reader has seen them. */
export interface SeenStates {
  /** The token of the cluster's reader; nothing is written with any other token. */
  token: string;
  jobs: readonly KeptJob[];
  vertices: readonly KeptVertices[];
  /** Ids of the jobs to forget. */
  forget: readonly string[];
  /** Paths of deleted states that the cluster still lists. */
  stillListed: readonly string[];
}

/**
 * Restorable states in Redis: one hash per cluster, another one with the vertices of the jobs, and a sorted set with the
 * paths of deleted states.
 */
export interface States {
  read(cluster: string): Promise<readonly KeptJob[]>;
  /** The vertices of one job; null: none are stored. */
  vertices(cluster: string, jobId: string): Promise<KeptVertices | null>;
  /** Of vertices that are too large only that is stored. */
  write(cluster: string, seen: SeenStates): Promise<void>;
  /** The paths among these that have been deleted. */
  disposed(cluster: string, paths: readonly string[]): Promise<ReadonlySet<string>>;
  /** Records deletions that are not recorded yet; `at` is when, ms. */
  noteDisposed(cluster: string, gone: readonly { path: string; at: number }[]): Promise<void>;
}

const AT_ONCE = 1000;

/**
 * KEYS[1] reader key, KEYS[2] states, KEYS[3] deleted paths, KEYS[4] vertices; ARGV[1] token, ARGV[2] time to live in
 * s, ARGV[3] number of jobs, then id and value of each, then the same for their vertices, then the number of jobs to
 * forget, then their ids, then the paths that are still listed.
 */
const WRITE_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local i = 3
for _, key in ipairs({ KEYS[2], KEYS[4] }) do
  local count = ARGV[i]
  i = i + 1
  for _ = 1, count do
    redis.call('HSET', key, ARGV[i], ARGV[i + 1])
    i = i + 2
  end
end
local forget = ARGV[i]
i = i + 1
for _ = 1, forget do
  redis.call('HDEL', KEYS[2], ARGV[i])
  redis.call('HDEL', KEYS[4], ARGV[i])
  i = i + 1
end
redis.call('EXPIRE', KEYS[2], ARGV[2])
redis.call('EXPIRE', KEYS[4], ARGV[2])
local t = redis.call('TIME')
local now = string.format('%d', t[1] * 1000 + math.floor(t[2] / 1000))
for j = i, #ARGV do redis.call('ZADD', KEYS[3], 'XX', now, ARGV[j]) end
redis.call('EXPIRE', KEYS[3], ARGV[2])
return 1
`;

/** A job may be started from a path in here, so each value carries our seal. */
const sealedAs = (cluster: string, jobId: string) =>
  ({ kind: "states", id: `${cluster}/${jobId}`, rev: 0 }) as const;
/** What they tell decides whether a start is refused. */
const verticesSealedAs = (cluster: string, jobId: string) =>
  ({ kind: "vertices", id: `${cluster}/${jobId}`, rev: 0 }) as const;

/** The value to store. */
function closed(seal: Seal, cluster: string, kept: KeptVertices): string {
  const what = verticesSealedAs(cluster, kept.jobId);
  const json = JSON.stringify(kept);
  return seal.close(what, json.length > MOST_CHARACTERS ? JSON.stringify({ ...kept, vertices: null }) : json);
}

export function createStates(redis: RedisClient, keys: Keys, seal: Seal): States {
  redis.defineCommand("flinkopsSeeStates", { numberOfKeys: 4, lua: WRITE_SCRIPT });
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
    async vertices(cluster, jobId) {
      const stored = await redis.hget(keys.vertices(cluster), jobId);
      // written so rarely that a key may be gone before
      const json = stored === null ? null : seal.openOld(verticesSealedAs(cluster, jobId), stored);
      const parsed = json === null ? null : verticesSchema.safeParse(JSON.parse(json));
      return parsed?.success === true ? parsed.data : null;
    },
    async write(cluster, { token, jobs, vertices, forget, stillListed }) {
      const where = [
        keys.reader(cluster),
        keys.states(cluster),
        keys.disposed(cluster),
        keys.vertices(cluster),
      ];
      const values = jobs.flatMap((job) => [
        job.jobId,
        seal.close(sealedAs(cluster, job.jobId), JSON.stringify(job)),
      ]);
      const ofVertices = vertices.flatMap((kept) => [kept.jobId, closed(seal, cluster, kept)]);
      const listed = stillListed.map((path) => plainPath(path));
      const counted = [jobs.length, ...values, vertices.length, ...ofVertices];
      const what = [...counted, forget.length, ...forget, ...listed];
      await script.flinkopsSeeStates(...where, token, KEEP_SECONDS, ...what);
    },
    async disposed(cluster, paths) {
      const key = keys.disposed(cluster);
      if (paths.length === 0 || (await redis.zcard(key)) === 0) return new Set();
      const gone = new Set<string>();
      for (let i = 0; i < paths.length; i += AT_ONCE) {
        const some = paths.slice(i, i + AT_ONCE);
        const scores = await redis.zmscore(key, ...some.map((path) => plainPath(path)));
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
