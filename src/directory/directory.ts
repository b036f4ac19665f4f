import { type Clock, systemClock } from "../clock.ts";
import { z } from "zod";
import type { JobSummary } from "../flink/reads.ts";
import { JOB_STATES } from "../flink/reads.ts";
import type { ClusterSnapshot, DirectoryView } from "../operations/views.ts";
import type { RedisClient } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import { missingSchema } from "./missing.ts";

/** Somebody who asks keeps a cluster watched for this long. */
const WATCHED_MS = 30_000;
/** What is older is read anew when somebody asks for the whole of it, if that takes no longer than `WAIT_MS`. */
const FRESH_MS = 3000;
const WAIT_MS = 1500;
/** Not read for this long: its worker is not there. */
const DESERTED_MS = 120_000;

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

/** What lies in Redis of one cluster. */
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
export interface Directory extends DirectoryView {
  /** One round trip. */
  peek(names: readonly string[]): Promise<ReadonlyMap<string, Seen>>;
  /** The same, for somebody who asked. Also says that somebody looks, so that the next readings come quicker. */
  read(names: readonly string[]): Promise<ReadonlyMap<string, Seen>>;
  write(cluster: string, seen: Seen): Promise<void>;
  isWatched(cluster: string): Promise<boolean>;
}

export function createDirectory(
  redis: RedisClient,
  keys: Keys,
  configured: readonly { name: string; label: string }[],
  clock: Clock = systemClock,
): Directory {
  const peek = async (names: readonly string[]): Promise<ReadonlyMap<string, Seen>> => {
    const batch = redis.pipeline();
    for (const name of names) batch.get(keys.directory(name));
    const replies = (await batch.exec()) ?? [];
    const found = new Map<string, Seen>();
    names.forEach((name, i) => {
      const [error, value] = replies[i] ?? [null, null];
      if (error !== null) throw error;
      const seen = typeof value === "string" ? seenSchema.safeParse(JSON.parse(value)) : null;
      if (seen?.success === true) found.set(name, seen.data);
    });
    return found;
  };
  const read = async (names: readonly string[]): Promise<ReadonlyMap<string, Seen>> => {
    const found = await peek(names);
    const looked = redis.pipeline();
    for (const name of names) looked.set(keys.watched(name), 1, "PX", WATCHED_MS);
    // after the reading, and nobody waits for it: where Redis takes no writes it would cost an ack its second half
    looked.exec().catch(() => undefined);
    return found;
  };
  return {
    peek,
    read,
    async write(cluster, seen) {
      await redis.set(keys.directory(cluster), JSON.stringify(seen));
    },
    async isWatched(cluster) {
      return (await redis.exists(keys.watched(cluster))) === 1;
    },
    async clusters() {
      const names = configured.map((c) => c.name);
      const asked = clock.now();
      let found = await read(names);
      // a reader that is told that somebody looks reads within half a second: worth waiting for, once it was acked
      const stale = (name: string): boolean => asked - (found.get(name)?.readAt ?? 0) > FRESH_MS;
      while (
        clock.now() - asked < WAIT_MS &&
        names.some((n) => stale(n) && isReadable(found.get(n), clock.now()))
      ) {
        await clock.sleep(100);
        found = await peek(names);
      }
      return configured.map(({ name, label }): ClusterSnapshot => {
        const seen = found.get(name);
        return {
          cluster: name,
          label,
          readAt: seen?.readAt ?? null,
          unreachableSince: seen?.unreachableSince ?? null,
          problem: seen?.problem ?? null,
          answeringSince: seen?.answeringSince ?? null,
          facts: seen?.facts ?? null,
          jobs: seen?.jobs ?? [],
        };
      });
    },
  };
}

/** Whether waiting for it can help: it answers, and somebody reads it. */
const isReadable = (seen: Seen | undefined, now: number): boolean =>
  seen !== undefined && seen.unreachableSince === null && now - (seen.readAt ?? 0) < DESERTED_MS;
