import { type BulkJobOptions, type Job, Queue } from "bullmq";
import { type Clock, systemClock } from "../platform/clock.ts";
import { RedisUnavailable } from "../model/errors.ts";
import { isCertainlyNotTaken, type RedisClient } from "../redis/connect.ts";
import { redisTime } from "../redis/replies.ts";
import type { Replication } from "../redis/replication.ts";
import type { Intake } from "../requests/record/record.ts";
import type { Seal } from "../platform/seal.ts";
import type { QueueTelemetry } from "./traced.ts";
import { intakeIn, type SealedIntake, sealedIntake } from "./intake.ts";
import { type Lane, LANES, lanesToSearch, queueName, type Sorted } from "./lanes.ts";

/**
 * How long BullMQ keeps finished jobs, age in s. Longer than any redelivery by Slack, so that a known request is not
 * added again.
 */
const KEEP = { age: 7 * 86_400, count: 10_000 };
/** No step is parked for longer than this, ms. */
const LONGEST_PARK_MS = 60_000;
/**
 * BullMQ scores a delayed job by its due time in ms, shifted by twelve bits that keep the order of jobs due at the
 * same time.
 */
const DELAYED_UNIT = 0x1000;
/** At most this many requests that have not begun are read, per queue and kind. */
const MOST_WAITING = 200;

/** A request in a queue that has no record yet. */
export interface Waiting {
  zone: string;
  lane: Lane;
  intake: Intake;
  /** A worker has taken the request, and may have died since. */
  taken: boolean;
}

/**
 * The queues of all zones and lanes. A request's zone is the zone that its cluster is in now; its lane follows from
 * its operation.
 */
export interface Queues {
  /**
   * The request is durable when this resolves. Throws RedisUnavailable; `maybeTaken` says whether it may have been
   * added all the same.
   */
  add(zone: string, intake: Intake): Promise<void>;
  /**
   * Adds several requests at once; requests that exist already are unchanged. Throws as `add` does, perhaps after
   * adding some of them.
   */
  addAll(zone: string, intakes: readonly Intake[]): Promise<void>;
  /** Whether the queues hold, or still keep, a change under each of these ids. */
  has(zone: string, ids: readonly string[]): Promise<boolean>;
  /**
   * Makes the next step of a parked request due now. Never throws: the sweeper and the park slices cover a missed
   * call.
   */
  wake(zone: string, intake: Intake): Promise<void>;
  /** An open request must have a live queue job: revives the existing job or adds one. */
  ensure(zone: string, intake: Intake): Promise<"live" | "revived">;
  /** The requests in the queues whose ids are not in `known`. */
  waiting(known: ReadonlySet<string>): Promise<readonly Waiting[]>;
  close(): Promise<void>;
}

export interface QueuesOptions {
  /** Shared by all queues, so that either all of them are connected or none. */
  client: RedisClient;
  prefix: string;
  zones: readonly string[];
  seal: Seal;
  laneOf: (intake: Sorted) => Lane;
  onError: (error: Error) => void;
  /** Null: no replicas are configured. */
  replication?: Replication | null;
  telemetry?: QueueTelemetry;
  clock?: Clock;
}

type IntakeQueue = Queue<SealedIntake>;
type IntakeJob = Job<SealedIntake>;

export function createQueues(options: QueuesOptions): Queues {
  const { client, prefix, zones, seal, laneOf, onError, replication = null, clock = systemClock } = options;
  const open = new Map<string, IntakeQueue>();
  for (const zone of zones)
    for (const lane of LANES) open.set(queueName(lane, zone), openQueue(options, queueName(lane, zone)));
  const queueOf = (lane: Lane, zone: string): IntakeQueue => {
    const queue = open.get(queueName(lane, zone));
    if (queue === undefined) throw new RangeError(`no queue for zone ${zone}`);
    return queue;
  };
  const find = async (zone: string, lane: Lane, id: string): Promise<readonly IntakeJob[]> => {
    const jobs = lanesToSearch(lane).map(async (l) => await queueOf(l, zone).getJob(id));
    return (await Promise.all(jobs)).filter((job) => job !== undefined);
  };
  /** The only function that writes intakes to a queue. */
  const put = async (queue: IntakeQueue, intakes: readonly Intake[]): Promise<void> => {
    const last = intakes.at(-1);
    if (last === undefined) return;
    try {
      // BullMQ documents `addBulk` as one transaction, but it is a pipeline. After a partial failure the caller adds
      // the intakes again.
      if (intakes.length > 1) await queue.addBulk(intakes.map((intake) => jobOf(seal, intake)));
      else {
        const { name, data, opts } = jobOf(seal, last);
        await queue.add(name, data, opts);
      }
    } catch (error) {
      throw new RedisUnavailable("adding the request", {
        maybeTaken: !isCertainlyNotTaken(error),
        cause: error,
      });
    }
    if (replication === null) return;
    const key = `${prefix}:${queue.name}:${last.requestId}`;
    if ((await replication.confirmed(key, "timestamp")) === null)
      throw new RedisUnavailable("a request is not on its replicas yet", { maybeTaken: true });
  };
  const add = async (zone: string, intake: Intake): Promise<void> =>
    await put(queueOf(laneOf(intake), zone), [intake]);

  /**
   * Whether a job was parked by a worker whose clock is ahead. BullMQ dates jobs by its workers' clocks, so the job
   * would be late for all others.
   */
  const isParkedTooLong = async (job: IntakeJob): Promise<boolean> => {
    const key = `${prefix}:${job.queueName}:delayed`;
    const [score, time] = await Promise.all([client.zscore(key, job.id ?? ""), client.time()]);
    return score !== null && Number(score) / DELAYED_UNIT > redisTime(time) + LONGEST_PARK_MS;
  };
  /** Rewrites the data of one of our queue jobs where someone else has overwritten it. */
  const mend = async (job: IntakeJob, intake: Intake): Promise<void> => {
    if (intakeIn(seal, intake.requestId, job.data) === null) await job.updateData(sealedIntake(seal, intake));
  };

  return {
    add,
    async addAll(zone, intakes) {
      for (const lane of LANES)
        await put(
          queueOf(lane, zone),
          intakes.filter((intake) => laneOf(intake) === lane),
        );
    },
    async has(zone, ids) {
      const found = await Promise.all(ids.map(async (id) => await find(zone, "changes", id)));
      return found.every((jobs) => jobs.length > 0);
    },
    async wake(zone, intake) {
      try {
        const [job] = await find(zone, laneOf(intake), intake.requestId);
        // The cluster has moved to this zone meanwhile.
        if (job === undefined) return await add(zone, intake);
        await mend(job, intake);
        // An active job cannot be promoted, and its step may have read the record before the click, so this retries.
        for (const ms of [0, 20, 50, 100, 200, 400, 800, 1600]) {
          await clock.sleep(ms);
          if (await promoted(job)) return;
        }
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)));
      }
    },
    async ensure(zone, intake) {
      const jobs = await find(zone, laneOf(intake), intake.requestId);
      await Promise.all(jobs.map(async (job) => await mend(job, intake)));
      const states = await Promise.all(jobs.map(async (job) => await job.getState()));
      if (states.some((state) => state !== "failed" && state !== "completed")) {
        for (const [i, parked] of jobs.entries())
          if (states[i] === "delayed" && (await isParkedTooLong(parked))) await promoted(parked);
        return "live";
      }
      const [job] = jobs;
      const [state] = states;
      // In BullMQ, `add()` with the id of a failed or completed job does nothing.
      if (job !== undefined && (state === "failed" || state === "completed")) await job.retry(state);
      else await add(zone, intake);
      return "revived";
    },
    async waiting(known) {
      const all = zones.flatMap((zone) =>
        LANES.map(async (lane) => {
          const found = await waitingIn(queueOf(lane, zone), known, seal);
          return found.map((one) => ({ zone, lane, ...one }));
        }),
      );
      return (await Promise.all(all)).flat();
    },
    async close() {
      await Promise.allSettled([...open.values()].map((queue) => queue.close()));
    },
  };
}

function openQueue({ client, prefix, telemetry, onError }: QueuesOptions, name: string): IntakeQueue {
  const queue: IntakeQueue = new Queue<SealedIntake>(name, {
    connection: client,
    prefix,
    ...(telemetry === undefined ? {} : { telemetry }),
    // Without these two, a queue that is opened while Redis is down never works again.
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
  return queue;
}

const jobOf = (seal: Seal, intake: Intake): { name: string; data: SealedIntake; opts: BulkJobOptions } => ({
  name: intake.operation,
  data: sealedIntake(seal, intake),
  opts: { jobId: intake.requestId },
});

async function waitingIn(
  queue: IntakeQueue,
  known: ReadonlySet<string>,
  seal: Seal,
): Promise<readonly Pick<Waiting, "intake" | "taken">[]> {
  const ids = async (...types: ("wait" | "prioritized" | "delayed" | "active")[]): Promise<string[]> => {
    const all: string[] = await queue.getRanges(types, 0, -1);
    return all.filter((id) => !known.has(id)).slice(0, MOST_WAITING);
  };
  const [untaken, taken] = await Promise.all([ids("wait", "prioritized", "delayed"), ids("active")]);
  const jobs = await Promise.all([...untaken, ...taken].map(async (id) => await queue.getJob(id)));
  return jobs.flatMap((job) => {
    if (job === undefined) return [];
    const intake = intakeIn(seal, job.id ?? "", job.data);
    // A taken job is also delayed while it waits to be retried after a temporary error.
    const isTaken = job.attemptsStarted > 0 || taken.includes(job.id ?? "");
    return intake === null ? [] : [{ intake, taken: isTaken }];
  });
}

async function promoted(job: { promote(): Promise<void> }): Promise<boolean> {
  try {
    await job.promote();
    return true;
  } catch {
    return false;
  }
}
