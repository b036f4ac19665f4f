import { type Clock, systemClock } from "../platform/clock.ts";
import { z } from "zod";
import { type JobSummary, JOB_STATES } from "../model/flink-jobs.ts";
import type { ClusterSnapshot, JobCacheView } from "../model/knowledge.ts";
import type { RedisClient } from "../redis/connect.ts";
import type { Seal } from "../platform/seal.ts";
import { KEEP_SECONDS, type Keys } from "../redis/keys.ts";
import { missingSchema } from "./missing.ts";
import { redisTime, replyAt } from "../redis/replies.ts";

/** Somebody who asks keeps a cluster watched for this long. */
const WATCHED_MS = 30_000;
/** What is older is read anew when somebody asks for the whole of it, if that takes no longer than `WAIT_MS`. */
const FRESH_MS = 3000;
const WAIT_MS = 1500;
/** A thousand jobs are a quarter of a megabyte and take milliseconds to read: so many clusters are fetched in one go. */
const AT_ONCE = 4;
/** Not read for this long: its worker is not there. */
const DESERTED_MS = 120_000;
/** What was seen of a cluster that is not configured any more goes by itself. */
const KEEP_MS = KEEP_SECONDS * 1000;

const jobSchema: z.ZodType<JobSummary> = z.object({
  jobId: z.string(),
  name: z.string(),
  state: z.enum(JOB_STATES),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  lastModifiedAt: z.number(),
  ageMs: z.number().optional(),
  tasks: z.object({ total: z.number(), running: z.number(), finished: z.number(), failed: z.number() }),
  scheduler: z.string().nullable(),
  jobType: z.string().nullable(),
});

const factsSchema = z.object({
  version: z.string(),
  rescale: z.boolean(),
  cancel: z.boolean(),
  submit: z.boolean(),
  application: z.boolean(),
  elastic: z.boolean().default(false),
  slotsTotal: z.number(),
  slotsFree: z.number(),
  taskManagers: z.number(),
  scheduler: z.string().nullable(),
  operatorManaged: z.string().nullable(),
  savepointDirectory: z.string().nullable(),
  triggerMemoryMs: z.number(),
});

/** What is kept of one cluster. `readAt`, `unreachableSince`, `answeringSince` are by Redis's clock. */
const seenSchema = z.object({
  v: z.literal(1),
  readAt: z.number().nullable(),
  unreachableSince: z.number().nullable(),
  problem: z.string().nullable(),
  jobs: z.array(jobSchema),
  answeringSince: z.number().nullable().default(null),
  missing: z.array(missingSchema).default([]),
  facts: factsSchema.extend({ readAt: z.number() }).nullable().default(null),
});
export type Seen = z.infer<typeof seenSchema>;

/** What is known of each cluster's jobs, and how old it is. Written by the zone's worker, read by the bot. */
export interface JobCache extends JobCacheView {
  /** One round trip for a few. */
  peek(names: readonly string[]): Promise<ReadonlyMap<string, Seen>>;
  /** The same, for somebody who asked. Also says that somebody looks, so that the next readings come quicker. */
  read(names: readonly string[]): Promise<ReadonlyMap<string, Seen>>;
  /** Says that somebody looks; nobody waits for it. */
  watch(names: readonly string[]): void;
  /** False: `token` is not that of the cluster's reader any more, and nothing was written. */
  write(cluster: string, seen: Seen, token: string): Promise<boolean>;
}

/** Only whoever holds the reader's key writes. KEYS[1] reader, KEYS[2] directory; ARGV[1] token, ARGV[2] value, ARGV[3] ms. */
const WRITE_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1
`;

const sealedAs = (cluster: string) => ({ kind: "directory", id: cluster, rev: 0 }) as const;

/** What was written of this cluster. Null: nothing, nothing of ours, or nothing that can be read. */
export function parseSeen(seal: Seal, cluster: string, value: unknown): Seen | null {
  const json = typeof value === "string" ? seal.open(sealedAs(cluster), value) : null;
  const seen = json === null ? null : seenSchema.safeParse(JSON.parse(json));
  return seen?.success === true ? seen.data : null;
}

export interface JobCacheOptions {
  redis: RedisClient;
  keys: Keys;
  seal: Seal;
  /** In the order of the configuration. */
  configured: readonly { name: string; label: string }[];
  clock?: Clock;
}

export function createJobCache(options: JobCacheOptions): JobCache {
  const { redis, keys, seal, configured, clock = systemClock } = options;
  redis.defineCommand("flinkopsSee", { numberOfKeys: 2, lua: WRITE_SCRIPT });
  const script = redis as RedisClient & {
    flinkopsSee(reader: string, key: string, token: string, json: string, ms: number): Promise<number>;
  };
  /** With the time of Redis, by which everything in it is dated. */
  const look = async (
    names: readonly string[],
  ): Promise<{ now: number; seen: ReadonlyMap<string, Seen> }> => {
    const found = new Map<string, Seen>();
    let now = 0;
    for (let from = 0; from === 0 || from < names.length; from += AT_ONCE) {
      const some = names.slice(from, from + AT_ONCE);
      const batch = redis.pipeline().time();
      for (const name of some) batch.get(keys.directory(name));
      const replies = await batch.exec();
      now = redisTime(replyAt(replies, 0));
      for (const [i, name] of some.entries()) {
        if (i > 0) await clock.sleep(0);
        const seen = parseSeen(seal, name, replyAt(replies, i + 1));
        if (seen !== null) found.set(name, seen);
      }
    }
    return { now, seen: found };
  };
  const watch = (names: readonly string[]): void => {
    const looked = redis.pipeline();
    for (const name of names) looked.set(keys.watched(name), 1, "PX", WATCHED_MS);
    // after the reading, and nobody waits for it: where Redis takes no writes it would cost an ack its second half
    looked.exec().catch(() => undefined);
  };
  /**
   * One by one, in the order of the configuration, and none is kept here: what a thousand jobs leave behind is cheap to
   * clear up, what those of fifty clusters do is not.
   */
  async function* inTurn(): AsyncIterable<ClusterSnapshot> {
    const asked = clock.monotonic();
    let since: number | null = null;
    for (let from = 0; from < configured.length; from += AT_ONCE) {
      const some = configured.slice(from, from + AT_ONCE);
      let { now, seen } = await look(some.map((c) => c.name));
      if (since === null) watch(configured.map((c) => c.name));
      since ??= now;
      for (const { name, label } of some) {
        // a reader that is told that somebody looks reads within half a second: worth waiting for, once it was acked
        while (
          clock.monotonic() - asked < WAIT_MS &&
          since - (seen.get(name)?.readAt ?? 0) > FRESH_MS &&
          isReadable(seen.get(name), now)
        ) {
          await clock.sleep(100);
          const newer = await look([name]);
          now = newer.now;
          seen = new Map([...seen, ...newer.seen]);
        }
        yield snapshotOf(name, label, seen.get(name));
        await clock.sleep(0);
      }
    }
  }
  return {
    peek: async (names) => (await look(names)).seen,
    async read(names) {
      const { seen } = await look(names);
      watch(names);
      return seen;
    },
    watch,
    async write(cluster, seen, token) {
      const [reader, key] = [keys.reader(cluster), keys.directory(cluster)];
      const closed = seal.close(sealedAs(cluster), JSON.stringify(seen));
      return (await script.flinkopsSee(reader, key, token, closed, KEEP_MS)) === 1;
    },
    async clusters() {
      const all: ClusterSnapshot[] = [];
      for await (const one of inTurn()) all.push(one);
      return all;
    },
    inTurn,
  };
}

const snapshotOf = (cluster: string, label: string, seen: Seen | undefined): ClusterSnapshot => ({
  cluster,
  label,
  readAt: seen?.readAt ?? null,
  unreachableSince: seen?.unreachableSince ?? null,
  problem: seen?.problem ?? null,
  answeringSince: seen?.answeringSince ?? null,
  facts: seen?.facts ?? null,
  jobs: seen?.jobs ?? [],
});

/** Whether waiting for it can help: it answers, and somebody reads it. */
const isReadable = (seen: Seen | undefined, now: number): boolean =>
  seen !== undefined && seen.unreachableSince === null && now - (seen.readAt ?? 0) < DESERTED_MS;
