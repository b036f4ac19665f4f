import { type Attributes, context, type Context, type Span as OtelSpan } from "@opentelemetry/api";
import { propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { BullMQOtel } from "bullmq-otel";
import type { Belonging, OtlpProtocol, Span, SpanFacts, Traces } from "../model/traces.ts";
import { resourceOf, type Self } from "./resource.ts";

export interface StartedTraces {
  traces: Traces;
  /** For BullMQ's queues and workers. */
  queue: BullMQOtel;
  /** Sends what is left. */
  close(): Promise<void>;
}

/**
 * Traces of requests begin with this digit and others with the other one: BullMQ traces every look into an empty queue,
 * and nobody can tell from a random id that it belongs to no request.
 */
const OURS = "0";
const OTHERS = "f";

/** The trace of a request: its id with another first digit. Request ids are `r` and 31 hex digits. */
export const traceIdOf = (requestId: string): string => `${OURS}${requestId.slice(1)}`;
/** The span that all others of the request are below. */
const spanIdOf = (requestId: string): string => requestId.slice(-16);

/** Starts OpenTelemetry's SDK, which reads `OTEL_*` itself. Import this file where traces are switched on alone. */
export const startTraces = (protocol: OtlpProtocol, self: Self): StartedTraces =>
  tracing(protocol === "http/json" ? new JsonExporter() : new ProtobufExporter(), self);

/** The same with any exporter. */
export function tracing(exporter: SpanExporter, self: Self): StartedTraces {
  const ids = new RequestIds();
  const batches = new OfRequests(new BatchSpanProcessor(exporter));
  const provider = new BasicTracerProvider({
    idGenerator: ids,
    spanProcessors: [batches],
    resource: resourceOf(self),
  });
  // bullmq-otel knows the global ones alone
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  const tracer = provider.getTracer("flinkops", self.version);

  /** The first span of a request. Not ended, it is the parent of the others and is sent by the process that ends it. */
  const first = ({ requestId, startedBy = null }: Belonging, span: Span): OtelSpan => {
    const links =
      startedBy === null
        ? []
        : [{ context: first({ requestId: startedBy, as: "first" }, span).spanContext() }];
    return ids.of(requestId, () =>
      tracer.startSpan(
        span.name,
        { root: true, links, attributes: factsOf(requestId, span.facts) },
        ROOT_CONTEXT,
      ),
    );
  };
  const parent = (requestId: string, of: Belonging): Context => {
    const active = trace.getActiveSpan()?.spanContext().traceId;
    if (active === traceIdOf(requestId)) return context.active();
    return trace.setSpan(context.active(), first(of, { name: "request" }));
  };
  return {
    traces: {
      async work(of, span, run) {
        const { requestId, as } = of;
        const attributes = factsOf(requestId, span.facts);
        const one =
          as === "first"
            ? first(of, span)
            : tracer.startSpan(span.name, { attributes }, parent(requestId, of));
        return await within(one, run);
      },
      async call(span, run) {
        const active = trace.getActiveSpan();
        if (active === undefined || !isOfRequest(active)) return await run(() => undefined);
        const attributes: Attributes = { ...span.facts };
        const one = tracer.startSpan(span.name, { kind: SpanKind.CLIENT, attributes });
        return await within(one, async () => await run((facts) => void one.setAttributes(facts)));
      },
      note: (facts) => void trace.getActiveSpan()?.setAttributes(facts),
    },
    queue: new BullMQOtel({ tracerName: "bullmq" }),
    async close() {
      await provider.shutdown().catch(() => undefined);
      for (const global of [trace, context, propagation]) global.disable();
    },
  };
}

async function within<T>(span: OtelSpan, run: () => Promise<T>): Promise<T> {
  try {
    return await context.with(trace.setSpan(context.active(), span), run);
  } catch (error) {
    // the kind of error alone: its words may hold what belongs into no trace
    span.setAttribute("error.type", error instanceof Error ? error.name : typeof error);
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

const factsOf = (requestId: string, facts: SpanFacts = {}): Attributes => ({
  "flinkops.request.id": requestId,
  ...facts,
});

const isOfRequest = (span: Pick<OtelSpan, "spanContext">): boolean =>
  span.spanContext().traceId.startsWith(OURS);

/** Gives a request's first span the ids that follow from the request, and all other traces another first digit. */
class RequestIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #request: string | null = null;

  /** `start` must start one span, and at once. */
  of<T>(requestId: string, start: () => T): T {
    this.#request = requestId;
    try {
      return start();
    } finally {
      this.#request = null;
    }
  }

  generateTraceId(): string {
    if (this.#request !== null) return traceIdOf(this.#request);
    return `${OTHERS}${this.#random.generateTraceId().slice(1)}`;
  }

  generateSpanId(): string {
    return this.#request === null ? this.#random.generateSpanId() : spanIdOf(this.#request);
  }
}

/** Passes on the spans of requests, and no others. */
class OfRequests implements SpanProcessor {
  readonly #next: SpanProcessor;

  constructor(next: SpanProcessor) {
    this.#next = next;
  }

  onStart(): void {
    // nothing is sent before it ends
  }

  onEnd(span: ReadableSpan): void {
    if (isOfRequest(span)) this.#next.onEnd(span);
  }

  async forceFlush(): Promise<void> {
    await this.#next.forceFlush();
  }

  async shutdown(): Promise<void> {
    await this.#next.shutdown();
  }
}
