import { type Clock, systemClock } from "../platform/clock.ts";
import { z } from "zod";
import { type JobSummary, JOB_STATES } from "../model/flink-jobs.ts";
import { isSpent } from "../model/application-cluster.ts";
import type { ClusterSnapshot, JobCacheView, Silence } from "../model/knowledge.ts";
import type { RedisClient } from "../redis/connect.ts";
import type { Seal } from "../platform/seal.ts";
import { KEEP_SECONDS, type Keys } from "../redis/keys.ts";
import { missingSchema } from "./missing.ts";
import { redisTime, replyAt } from "../redis/replies.ts";

/** A request for a cluster keeps it watched for this long. */
const WATCHED_MS = 30_000;
/** A process marks a cluster as watched at most this often: each mark is a write, which others wait for in an incident. */
const MARK_EVERY_MS = 5000;
/**
 * Entries older than this are read again before a full listing, as long as the listing has waited less than
 * `WAIT_MS`.
 */
const FRESH_MS = 3000;
const WAIT_MS = 1500;
/** How often it is checked meanwhile, ms: more often in the beginning, because a reader that hears the hint reads at once. */
const CHECK_MS = { least: 20, most: 100 } as const;
/** Clusters per round trip. A thousand jobs take a quarter of a megabyte and some milliseconds to parse. */
const AT_ONCE = 4;
/** An entry that has not been read for this long has no reader: its worker is gone. */
const DESERTED_MS = 120_000;
/** Entries of clusters that are no longer configured expire after this. */
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
  pendingOperators: z.number().optional(),
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
  defaultFileSystem: z.string().nullable().default(null),
  entropyKey: z.string().nullable().default(null),
  triggerMemoryMs: z.number(),
});

/** The job cache's entry of one cluster. `readAt`, `unreachableSince` and `answeringSince` are ms by Redis's clock. */
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

/** The jobs of each cluster as last seen, with their age. The zone's worker writes it, the bot reads it. */
export interface JobCache extends JobCacheView {
  /** One round trip per four clusters. */
  peek(names: readonly string[]): Promise<ReadonlyMap<string, Seen>>;
  /** Like `peek`, for a person who asked. Marks the clusters as watched, so that they are read more often. */
  read(names: readonly string[]): Promise<ReadonlyMap<string, Seen>>;
  /** Marks the clusters as watched. Returns at once. */
  watch(names: readonly string[]): void;
  /** Returns false, and writes nothing, where `token` does not belong to the cluster's current reader. */
  write(cluster: string, seen: Seen, token: string): Promise<boolean>;
}

/**
 * Writes an entry only for the holder of the reader key.
 * KEYS[1] reader key, KEYS[2] job cache entry; ARGV[1] token, ARGV[2] value, ARGV[3] time to live in ms.
 */
const WRITE_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1
`;

const sealedAs = (cluster: string) => ({ kind: "directory", id: cluster, rev: 0 }) as const;

/**
 * Parses the job cache's entry of a cluster. Null: there is none, its seal is not ours, or this version cannot read
 * it.
 */
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
  /** Returns the entries together with Redis's time, which dates everything in them. */
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
  const marked = new Map<string, number>();
  const watch = (names: readonly string[]): void => {
    const now = clock.monotonic();
    const due = names.filter((name) => now - (marked.get(name) ?? Number.NEGATIVE_INFINITY) >= MARK_EVERY_MS);
    if (due.length === 0) return;
    const looked = redis.pipeline();
    for (const name of due) {
      looked.set(keys.watched(name), 1, "PX", WATCHED_MS);
      marked.set(name, now);
    }
    // Sent after the read and not awaited: a Redis that accepts no writes would otherwise take up half of an ack's
    // time.
    looked.exec().catch(() => {
      for (const name of due) marked.delete(name);
    });
  };
  /** Follows the marks over the same connection, so whoever hears it finds them. A hint that is lost costs half a second. */
  const hint = (): void => void redis.publish(keys.waited, "").catch(() => undefined);
  /**
   * Yields the snapshots one by one, in the order of the configuration, and keeps none. The garbage of one cluster
   * with a thousand jobs is cheap to collect; that of fifty clusters at once is not.
   */
  async function* inTurn(): AsyncIterable<ClusterSnapshot> {
    const asked = clock.monotonic();
    let since: number | null = null;
    let isHinted = false;
    for (let from = 0; from < configured.length; from += AT_ONCE) {
      const some = configured.slice(from, from + AT_ONCE);
      const { now, seen } = await look(some.map((c) => c.name));
      if (since === null) watch(configured.map((c) => c.name));
      since ??= now;
      for (const { name, label } of some) {
        let entry = seen.get(name);
        let known: string | null = null;
        // The reader reads a watched cluster within half a second, which is worth waiting for after the ack.
        while (
          clock.monotonic() - asked < WAIT_MS &&
          since - (entry?.readAt ?? 0) > FRESH_MS &&
          isReadable(entry, now)
        ) {
          if (!isHinted) hint();
          isHinted = true;
          await clock.sleep(
            Math.min(CHECK_MS.most, Math.max(CHECK_MS.least, (clock.monotonic() - asked) / 4)),
          );
          const value = await redis.get(keys.directory(name));
          // a thousand jobs are not parsed again and again
          if (value === known) continue;
          known = value;
          entry = parseSeen(seal, name, value) ?? entry;
        }
        yield snapshotOf(name, label, entry);
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
  isOver: seen !== undefined && silenceOf(seen)?.isOver === true,
});

/** Null while the cluster answers. */
export const silenceOf = (seen: Seen): Silence | null =>
  seen.unreachableSince === null ? null : { since: seen.unreachableSince, isOver: isSpent(seen) };

/** Whether waiting for a newer entry can help: the cluster answers, and a reader reads it. */
const isReadable = (seen: Seen | undefined, now: number): boolean =>
  seen !== undefined && seen.unreachableSince === null && now - (seen.readAt ?? 0) < DESERTED_MS;
