import { DelayedError, type Job, UnrecoverableError, Worker } from "bullmq";
import type { Clock } from "../platform/clock.ts";
import { StoredDataInvalid } from "../model/errors.ts";
import type { Log } from "../platform/log.ts";
import { redact } from "../platform/redact.ts";
import type { RedisAt } from "../redis/address.ts";
import { backOptions, isRedisProblem } from "../redis/connect.ts";
import type { Stepping } from "../requests/ports/engine.ts";
import type { Intake } from "../requests/record/record.ts";
import type { Held } from "../requests/record/store.ts";
import type { Seal } from "../platform/seal.ts";
import { readIntake, type SealedIntake } from "./intake.ts";
import { type Lane, queueName } from "./lanes.ts";
import type { Watches } from "./watches.ts";
import type { QueueTelemetry } from "./traced.ts";

/** A step due within this is run in place, without another pass through the queue, ms. */
const IN_PLACE_MS = 250;
/** A watched operation is waited for in place while it is younger than this, ms. */
const YOUNG_MS = 1000;

export interface WorkerOptions {
  at: RedisAt;
  prefix: string;
  lane: Lane;
  zone: string;
  concurrency: number;
  /** BullMQ's `lockDuration`, ms. */
  lock: number;
  /** BullMQ's `stalledInterval`, ms. */
  stalled: number;
  seal: Seal;
  telemetry?: QueueTelemetry;
  log: Log;
  clock: Clock;
  /** Called with errors of the connection to Redis. */
  onError: (error: Error) => void;
  /** Runs one step; the result says when to run the next one. */
  step: Stepping;
  /** What this process asks Flink for parked requests; shared by all its workers. */
  watches: Watches;
}

export interface RunningWorker {
  /** Stops fetching and lets the current steps finish. Another worker takes over unfinished requests. */
  close(): Promise<void>;
  running(): boolean;
}

/**
 * Runs `step` as BullMQ's processor. A request that is not done becomes a delayed job, so that it holds no slot while
 * parked.
 */
export function startWorker(options: WorkerOptions): RunningWorker {
  const { lane, zone, log, clock, watches } = options;
  let stopping = false;
  const worker = new Worker<SealedIntake>(
    queueName(lane, zone),
    async (job, token) => {
      const intake = read(options, job);
      const { requestId } = intake;
      watches.forget(requestId);
      let last: Held | undefined;
      for (;;) {
        const next = await options.step(intake, last).catch((error: unknown) => {
          throw withoutSecrets(error);
        });
        if (next.is === "done") return;
        const { watched } = next;
        const inMs = stopping ? next.inMs : watches.stepMs(next);
        const isYoung = watched !== undefined && watched.ageMs < YOUNG_MS;
        if (stopping || inMs > (isYoung ? YOUNG_MS : IN_PLACE_MS)) {
          await job.moveToDelayed(clock.now() + inMs, token);
          if (watched !== undefined && !stopping) watches.park(intake, watched, inMs);
          throw new DelayedError();
        }
        if (inMs > 0)
          await (watched === undefined ? clock.sleep(inMs) : watches.wait(requestId, watched, inMs));
        // what is watched is young, and so is the record
        last = next.inMs > 0 && watched === undefined ? undefined : next.held;
      }
    },
    {
      connection: backOptions(options.at),
      prefix: options.prefix,
      ...(options.telemetry === undefined ? {} : { telemetry: options.telemetry }),
      concurrency: options.concurrency,
      lockDuration: options.lock,
      stalledInterval: options.stalled,
      // BullMQ never resets this counter. A request's own deadline guards against a job that always crashes its
      // worker.
      maxStalledCount: 1000,
    },
  );
  worker.on("error", options.onError);
  worker.on("failed", (job, error) => {
    // While Redis is away, every step fails and is retried.
    if (!isRedisProblem(error)) log.error({ requestId: job?.id, err: error }, "queue job failed");
  });
  return {
    async close() {
      stopping = true;
      await worker.close();
    },
    running: () => worker.isRunning(),
  };
}

/** Redacts message and stack of an error, because BullMQ stores both in Redis. */
export function withoutSecrets(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  error.message = redact(error.message);
  error.stack = redact(error.stack ?? "");
  return error;
}

/**
 * Reads the intake of a job. Throws UnrecoverableError, so that BullMQ keeps the job among the failed ones and does
 * not retry it.
 */
function read({ seal }: WorkerOptions, job: Job<SealedIntake>): Intake {
  const id = job.id ?? "";
  try {
    const intake = readIntake(seal, id, job.data);
    if (typeof intake !== "string") return intake;
    throw new UnrecoverableError(`this queue job is not ours (${intake}); it is set aside`);
  } catch (error) {
    if (error instanceof StoredDataInvalid) throw new UnrecoverableError(error.message);
    throw error;
  }
}
