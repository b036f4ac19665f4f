/** What an instrument is, for docs/metrics.md and for whoever scrapes. */
interface Instrument {
  /** UCUM: `s`, `{request}`. */
  unit: string;
  description: string;
  /** The attributes that it has, and no others: never the name of a user, a job or a channel. */
  attributes: readonly string[];
}

const counter = (unit: string, description: string, ...attributes: string[]) => ({
  kind: "counter" as const,
  unit,
  description,
  attributes,
});
const histogram = (description: string, ...attributes: string[]) => ({
  kind: "histogram" as const,
  unit: "s",
  description,
  attributes,
});
const gauge = (unit: string, description: string, ...attributes: string[]) => ({
  kind: "gauge" as const,
  unit,
  description,
  attributes,
});

/**
 * Everything that flinkops measures. Names follow OpenTelemetry: dots, and neither unit nor `total` in them.
 * https://opentelemetry.io/docs/specs/semconv/general/naming/
 */
export const INSTRUMENTS = {
  "flinkops.ack.duration": histogram(
    "From a command, press, form or mention to its acknowledgement in Slack, which shows an error after 3 s",
    "kind",
  ),
  "flinkops.request.card.duration": histogram("From a request to its card in Slack", "operation"),
  "flinkops.request.approval.duration": histogram(
    "From a request to its last approval",
    "operation",
    "cluster",
  ),
  "flinkops.request.duration": histogram(
    "From a request to its outcome, counted once that has been shown",
    "operation",
    "cluster",
    "ending",
    "outcome",
  ),
  "flinkops.flink.call.duration": histogram(
    "Calls of Flink's REST API: `result` is the HTTP status, or why there was none",
    "cluster",
    "method",
    "result",
  ),
  "flinkops.slack.call.duration": histogram(
    "Calls of Slack's Web API: `result` is `ok`, Slack's error, `429`, or why there was no answer",
    "method",
    "result",
  ),
  "flinkops.commit.fenced": counter(
    "{commit}",
    "Commits that found a record changed meanwhile, and were done again",
  ),
  "flinkops.forged": counter("{value}", "Readings of values in Redis that flinkops did not write"),
  "flinkops.queue.jobs": gauge(
    "{job}",
    "Requests in the queues, by what they wait for",
    "zone",
    "lane",
    "state",
  ),
  "flinkops.queue.oldest": gauge("s", "How long the oldest request has waited for a worker", "zone", "lane"),
  "flinkops.request.open": gauge("{request}", "Requests that are not closed"),
  "flinkops.job_cache.age": gauge("s", "How long ago a cluster's jobs were read", "cluster"),
  "flinkops.workers": gauge("{worker}", "Workers that serve a zone", "zone"),
  "nodejs.eventloop.delay.p50": gauge("s", "Delay of the event loop since it was last asked, median"),
  "nodejs.eventloop.delay.p99": gauge("s", "The same, 99th percentile"),
  "nodejs.eventloop.delay.max": gauge("s", "The same, the longest"),
  "process.memory.usage": gauge("By", "Resident memory of the process"),
} satisfies Readonly<Record<string, Instrument & { kind: string }>>;

type Named<K extends string> = {
  [N in keyof typeof INSTRUMENTS]: (typeof INSTRUMENTS)[N]["kind"] extends K ? N : never;
}[keyof typeof INSTRUMENTS];
export type HistogramName = Named<"histogram">;
export type GaugeName = Named<"gauge">;
export type CounterName = Named<"counter">;
export type Attributes = Readonly<Record<string, string>>;

/** Where what happens is measured. Never throws, and takes no time worth counting. */
export interface Measures {
  /** A duration, ms. */
  took(name: HistogramName, ms: number, attributes?: Attributes): void;
  count(name: CounterName): void;
}

/** What is read when somebody asks for it. */
export interface Reading {
  name: GaugeName;
  value: number;
  attributes?: Attributes;
}

/** Measures in several places. */
export const measuringIn = (all: readonly Measures[]): Measures => ({
  took: (...measured) => {
    for (const one of all) one.took(...measured);
  },
  count: (name) => {
    for (const one of all) one.count(name);
  },
});

/** Where nothing is measured. */
export const UNMEASURED: Measures = { took: () => undefined, count: () => undefined };
