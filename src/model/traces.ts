/** What a span tells besides its name: never the name of a user, a job or a channel, and no words that people wrote. */
export type SpanFacts = Readonly<Record<string, string | number>>;

/** A piece of work. `name` follows OpenTelemetry: few different ones, so that they can be counted. */
export interface Span {
  name: string;
  facts?: SpanFacts;
}

/** How a piece of work belongs to its request. */
export interface Belonging {
  requestId: string;
  /** `first`: with this the request began, and everything else of it is below. Otherwise part of it. */
  as: "first" | "part";
  /** The request that started this one. */
  startedBy?: string | null;
}

/**
 * Where requests are traced: one trace each, whose id follows from the request's, so that every process adds to it and
 * nothing has to be kept while people decide. Never throws of itself.
 */
export interface Traces {
  /** Work on one request. Its errors are passed on. */
  work: <T>(of: Belonging, span: Span, run: () => Promise<T>) => Promise<T>;
  /** A call to the outside, traced where it is made for a request. `note` adds what is known after it. */
  call: <T>(span: Span, run: (note: (facts: SpanFacts) => void) => Promise<T>) => Promise<T>;
  /** Adds to the span of the current work. */
  note: (facts: SpanFacts) => void;
}

/** Where nothing is traced. */
export const UNTRACED: Traces = {
  work: async (_of, _span, run) => await run(),
  call: async (_span, run) => await run(() => undefined),
  note: () => undefined,
};

/** An encoding of OTLP over HTTP, by the name that `OTEL_EXPORTER_OTLP_PROTOCOL` has for it. */
export type OtlpProtocol = "http/protobuf" | "http/json";
