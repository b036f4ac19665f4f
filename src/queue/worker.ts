import { DelayedError, type Job, UnrecoverableError, Worker } from "bullmq";
import type { Clock } from "../clock.ts";
import { StoredDataInvalid } from "../errors.ts";
import type { Log } from "../log.ts";
import { redact } from "../redact.ts";
import { backOptions } from "../redis/connect.ts";
import type { Next } from "../requests/engine.ts";
import type { Intake } from "../requests/record.ts";
import { parseIntake } from "./intake.ts";
import { type QueueKind, queueName } from "./queues.ts";

/** A step due within this is not worth a trip through the queue. */
const IN_PLACE_MS = 250;

export interface WorkerOptions {
  url: string;
  prefix: string;
  kind: QueueKind;
  zone: string;
  concurrency: number;
  /** ms */
  lock: number;
  /** ms */
  stalled: number;
  log: Log;
  clock: Clock;
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
  const { kind, zone, log, clock } = options;
  let stopping = false;
  const worker = new Worker<Intake>(
    queueName(kind, zone),
    async (job, token) => {
      const intake = read(job);
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
  let lastError = Number.NEGATIVE_INFINITY;
  worker.on("error", (error) => {
    if (clock.monotonic() - lastError < 1000) return;
    lastError = clock.monotonic();
    log.warn({ zone, kind, err: error }, "queue error");
  });
  worker.on("failed", (job, error) => log.error({ requestId: job?.id, err: error }, "queue job failed"));
  return {
    async close() {
      stopping = true;
      await worker.close();
    },
    running: () => worker.isRunning(),
  };
}

/** BullMQ keeps the message and stack of what a step throws. */
function withoutSecrets(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  error.message = redact(error.message);
  error.stack = redact(error.stack ?? "");
  return error;
}

function read(job: Job<Intake>): Intake {
  try {
    return parseIntake(job.data);
  } catch (error) {
    if (error instanceof StoredDataInvalid) throw new UnrecoverableError(error.message);
    throw error;
  }
}
