import { createDaily } from "./audit/daily.ts";
import { createGate, type Gate } from "./audit/gate.ts";
import { SEALER_SEAT_MS, startSealer } from "./audit/sealer.ts";
import { createFileSink } from "./audit/sinks/file.ts";
import { createHttpSink } from "./audit/sinks/http.ts";
import type { Sink } from "./audit/sinks/sink.ts";
import { createStdoutSink } from "./audit/sinks/stdout.ts";
import { createAuditStream } from "./audit/stream.ts";
import type { Config, SinkConfig } from "./config/config.ts";
import type { Base } from "./connections.ts";
import type { Log } from "./platform/log.ts";
import { createSigner } from "./platform/signing.ts";
import type { RedisClient } from "./redis/connect.ts";
import { createSeat } from "./redis/seat.ts";
import type { Conversation } from "./requests/ports/conversation.ts";

/** A worker's part of the audit log. */
export interface AuditWorker {
  /** Null: no sink is required. */
  gate: Gate | null;
  /** Starts chaining and passing on, as soon as no other worker does. */
  start(): { close(): Promise<void> };
}

export interface AuditWorkerOptions {
  redis: RedisClient;
  conversation: Pick<Conversation, "notice">;
  worker: string;
  log: Log;
}

export function createAudit(
  { audit, deployment }: Config,
  { keys, seal, clock, back }: Base,
  { redis, conversation, worker, log }: AuditWorkerOptions,
): AuditWorker {
  const { channel, signingKey, keep, sinks } = audit;
  const sign = signingKey === null ? null : createSigner(signingKey);
  return {
    gate: sinks.some((sink) => sink.required)
      ? createGate({ stream: createAuditStream({ redis, keys, seal }), clock })
      : null,
    start() {
      const stream = createAuditStream({ redis, blocking: back(), keys, seal });
      const notice = async (what: Parameters<Conversation["notice"]>[1]): Promise<void> =>
        channel === null ? undefined : await conversation.notice(channel, what);
      return startSealer({
        stream,
        seat: createSeat(redis, { worker, ttlMs: SEALER_SEAT_MS }),
        keys,
        seal,
        sinks: sinks.map(sinkOf),
        sign,
        keep,
        daily: channel === null ? null : createDaily({ stream, sign, notice, log, label: deployment.label }),
        log,
        clock,
      });
    },
  };
}

function sinkOf(sink: SinkConfig): Sink {
  switch (sink.kind) {
    case "stdout":
      return createStdoutSink(sink);
    case "file":
      return createFileSink(sink);
    case "http":
      return createHttpSink(sink);
  }
}
