import { DelayedError, type Job, UnrecoverableError, Worker } from "bullmq";
import type { Clock } from "../platform/clock.ts";
import { StoredDataInvalid } from "../model/errors.ts";
import type { Log } from "../platform/log.ts";
import { redact } from "../platform/redact.ts";
import { backOptions, isRedisProblem } from "../redis/connect.ts";
import type { Next } from "../requests/ports/engine.ts";
import type { Intake } from "../requests/record/record.ts";
import type { Seal } from "../platform/seal.ts";
import { readIntake, type SealedIntake } from "./intake.ts";
import { type Lane, queueName } from "./lanes.ts";

/** A step due within this is not worth a trip through the queue. */
const IN_PLACE_MS = 250;

export interface WorkerOptions {
  url: string;
  prefix: string;
  lane: Lane;
  zone: string;
  concurrency: number;
  /** ms */
  lock: number;
  /** ms */
  stalled: number;
  seal: Seal;
  log: Log;
  clock: Clock;
  /** What a connection to Redis meets. */
  onError: (error: Error) => void;
  /** One step; its result says when to come back. */
  step(intake: Intake): Promise<Next>;
}

export interface RunningWorker {
  /** Stops fetching, lets the steps under way finish. What is not finished is taken up by another worker. */
  close(): Promise<void>;
  running(): boolean;
}

/** BullMQ's processor around `step`: pending becomes a delayed job, so that a parked request holds no slot. */
export function startWorker(options: WorkerOptions): RunningWorker {
  const { lane, zone, log, clock } = options;
  let stopping = false;
  const worker = new Worker<SealedIntake>(
    queueName(lane, zone),
    async (job, token) => {
      const intake = read(options, job);
      for (;;) {
        const next = await options.step(intake).catch((error: unknown) => {
          throw withoutSecrets(error);
        });
        if (next.is === "done") return;
        if (next.inMs > IN_PLACE_MS || stopping) {
          await job.moveToDelayed(clock.now() + next.inMs, token);
          throw new DelayedError();
        }
        if (next.inMs > 0) await clock.sleep(next.inMs);
      }
    },
    {
      connection: backOptions(options.url),
      prefix: options.prefix,
      concurrency: options.concurrency,
      lockDuration: options.lock,
      stalledInterval: options.stalled,
      // never reset by BullMQ; the poison guard of a request is its own deadline
      maxStalledCount: 1000,
    },
  );
  worker.on("error", options.onError);
  worker.on("failed", (job, error) => {
    // while Redis is away each step fails, and is tried again
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

/** The same error, as BullMQ may keep it: message and stack of what a step throws lie in Redis. */
export function withoutSecrets(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  error.message = redact(error.message);
  error.stack = redact(error.stack ?? "");
  return error;
}

/** Throws UnrecoverableError: BullMQ keeps it among the failed ones and does not try it again. */
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
