import { Queue } from "bullmq";
import { type Clock, systemClock } from "../clock.ts";
import { RedisUnavailable } from "../errors.ts";
import { type ConnectionOptions, frontOptions } from "../redis/connect.ts";
import type { Intake } from "../requests/record.ts";

/** One queue per kind and zone, so that a worker runs where its clusters are, and a slow read never delays a change. */
export type QueueKind = "changes" | "reads";
export const queueName = (kind: QueueKind, zone: string): string => `${kind}-${zone}`;

/** Longer than any redelivery by Slack: a request that is known is not added again. */
const KEEP = { age: 7 * 86_400, count: 10_000 };

export interface Queues {
  /** Durable when it resolves. Throws RedisUnavailable: `maybeTaken` says whether it may be there all the same. */
  add(kind: QueueKind, zone: string, intake: Intake): Promise<void>;
  /** Several changes in one go; those that are there already stay as they are. Throws as `add` does, perhaps half way. */
  addAll(zone: string, intakes: readonly Intake[]): Promise<void>;
  /** Whether there is, or was, a change under each of these ids. */
  has(zone: string, ids: readonly string[]): Promise<boolean>;
  /** Makes a parked request's next step due now. Never throws; the sweeper and the slices catch what it misses. */
  wake(zone: string, requestId: string): Promise<void>;
  /** An open request must have a live queue job: revives or adds it. */
  ensure(zone: string, intake: Intake): Promise<"live" | "revived">;
  close(): Promise<void>;
}

/** `replicated`: whether as many replicas as configured have everything written so far; null without replicas. */
export function createQueues(
  url: string,
  prefix: string,
  zones: readonly string[],
  onError: (e: Error) => void,
  {
    replicated = null,
    clock = systemClock,
  }: { replicated?: (() => Promise<boolean>) | null; clock?: Clock } = {},
): Queues {
  const connection: ConnectionOptions = frontOptions(url);
  const open = new Map<string, Queue<Intake>>();
  for (const zone of zones)
    for (const kind of ["changes", "reads"] as const) {
      const name = queueName(kind, zone);
      const queue = new Queue<Intake>(name, {
        connection,
        prefix,
        // without both, a Redis that is down at the start poisons the queue for ever
        skipWaitingForReady: true,
        skipVersionCheck: true,
        defaultJobOptions: {
          removeOnComplete: KEEP,
          removeOnFail: KEEP,
          attempts: 1_000_000,
          backoff: { type: "fixed", delay: 1000 },
        },
      });
      queue.on("error", onError);
      open.set(name, queue);
    }
  const queueOf = (kind: QueueKind, zone: string): Queue<Intake> => {
    const queue = open.get(queueName(kind, zone));
    if (queue === undefined) throw new RangeError(`no queue for zone ${zone}`);
    return queue;
  };
  const put = async (write: () => Promise<unknown>): Promise<void> => {
    try {
      await write();
      if (replicated !== null && !(await replicated())) throw new Error("waiting for a replica timed out");
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // a time-out may have arrived; a closed stream cannot have
      throw new RedisUnavailable("adding the request", /timed out/.test(message), { cause: error });
    }
  };
  const add = async (kind: QueueKind, zone: string, intake: Intake): Promise<void> =>
    await put(() => queueOf(kind, zone).add(intake.operation, intake, { jobId: intake.requestId }));

  return {
    add,
    async addAll(zone, intakes) {
      const jobs = intakes.map((i) => ({ name: i.operation, data: i, opts: { jobId: i.requestId } }));
      // a pipeline and no transaction, whatever its documentation says: what was cut off is added again
      await put(() => queueOf("changes", zone).addBulk(jobs));
    },
    async has(zone, ids) {
      const found = await Promise.all(ids.map(async (id) => await queueOf("changes", zone).getJob(id)));
      return found.every((job) => job !== undefined);
    },
    async wake(zone, requestId) {
      try {
        const job = await queueOf("changes", zone).getJob(requestId);
        // while its step is active there is nothing to promote; the step may have read before the click
        for (const ms of [0, 20, 50, 100, 200, 400, 800, 1600]) {
          await clock.sleep(ms);
          if (job === undefined || (await promoted(job))) return;
        }
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)));
      }
    },
    async ensure(zone, intake) {
      const queue = queueOf("changes", zone);
      const job = await queue.getJob(intake.requestId);
      if (job === undefined) {
        await add("changes", zone, intake);
        return "revived";
      }
      const state = await job.getState();
      // add() with the id of a failed or completed job is a no-op
      if (state !== "failed" && state !== "completed") return "live";
      await job.retry(state);
      return "revived";
    },
    async close() {
      await Promise.allSettled([...open.values()].map((queue) => queue.close()));
    },
  };
}

async function promoted(job: { promote(): Promise<void> }): Promise<boolean> {
  try {
    await job.promote();
    return true;
  } catch {
    return false;
  }
}
