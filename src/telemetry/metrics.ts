import type { Counter, Histogram, Meter } from "@opentelemetry/api";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { INSTRUMENTS, type Measures, type Reading } from "../model/measures.ts";
import { UNIT_NAMES } from "./page.ts";

/** Bounds of the buckets, s: acknowledgements take milliseconds, approvals an hour. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];

/** The exporter leaves the unit out, which Prometheus wants in the name. */
const views = Object.entries(INSTRUMENTS).flatMap(([name, { unit }]) => {
  const suffix = UNIT_NAMES[unit];
  return suffix === undefined ? [] : [{ instrumentName: name, name: `${name}.${suffix}` }];
});

export interface Metrics {
  measures: Measures;
  /** Everything in Prometheus' text format. `readings`: of the gauges, which have no value between scrapes. */
  scraped(readings: readonly Reading[]): Promise<string>;
  close(): Promise<void>;
}

/** Measures with OpenTelemetry's SDK. Import this file where metrics are switched on alone: the SDK takes time to load. */
export function startMetrics(version: string): Metrics {
  const { exporter, provider } = open();
  return {
    measures: measuresOn(provider.getMeter("flinkops", version)),
    scraped: async (readings) => (await textOf(exporter)) + (await gaugesOf(readings)),
    close: async () => await provider.shutdown(),
  };
}

/** Creates the histograms and counters. */
export function measuresOn(meter: Meter): Measures {
  const histograms = new Map<string, Histogram>();
  const counters = new Map<string, Counter>();
  for (const [name, { kind, unit, description }] of Object.entries(INSTRUMENTS)) {
    const advice = { explicitBucketBoundaries: BOUNDS };
    if (kind === "histogram")
      histograms.set(name, meter.createHistogram(name, { unit, description, advice }));
    if (kind === "counter") counters.set(name, meter.createCounter(name, { unit, description }));
  }
  // Prometheus sees an increase only of what it has seen before
  for (const counter of counters.values()) counter.add(0);
  return {
    took: (name, ms, attributes = {}) => histograms.get(name)?.record(ms / 1000, attributes),
    count: (name) => counters.get(name)?.add(1),
  };
}

function open(): { exporter: PrometheusExporter; provider: MeterProvider } {
  // our health server serves it
  const exporter = new PrometheusExporter({ preventServerStart: true });
  return { exporter, provider: new MeterProvider({ readers: [exporter], views }) };
}

/** Without lines about the process and the meter, which say nothing that the scraper does not know. */
async function textOf(exporter: PrometheusExporter): Promise<string> {
  const { resourceMetrics } = await exporter.collect();
  return new PrometheusSerializer("", false, undefined, true, true).serialize(resourceMetrics);
}

/** A meter of their own for each scrape: one that stays shows what could not be read as it was when it could. */
async function gaugesOf(readings: readonly Reading[]): Promise<string> {
  const { exporter, provider } = open();
  const meter = provider.getMeter("flinkops");
  for (const [name, { unit, description }] of Object.entries(INSTRUMENTS)) {
    const own = readings.filter((reading) => reading.name === name);
    if (own.length === 0) continue;
    const gauge = meter.createGauge(name, { unit, description });
    for (const { value, attributes = {} } of own) gauge.record(value, attributes);
  }
  try {
    return await textOf(exporter);
  } finally {
    await provider.shutdown();
  }
}
