import { getNumberFromEnv } from "@opentelemetry/core";
import { OTLPMetricExporter as JsonExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import {
  AggregationTemporality,
  InstrumentType,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from "@opentelemetry/sdk-metrics";
import { INSTRUMENTS, type Measures, type Reading } from "../model/measures.ts";
import type { OtlpProtocol } from "../model/traces.ts";
import { measuresOn } from "./metrics.ts";
import { resourceOf, type Self } from "./resource.ts";

export interface Pushing {
  measures: Measures;
  /** Sends what is there now. */
  push(): Promise<void>;
  close(): Promise<void>;
}

/** Used where `OTEL_METRIC_EXPORT_INTERVAL` says nothing, ms; the specification's. */
const EVERY_MS = 60_000;

/** Sends metrics by OTLP. `read`: the gauges, asked for before each sending. Import this file where that is switched on alone. */
export const startPushing = (
  protocol: OtlpProtocol,
  self: Self,
  read: () => Promise<readonly Reading[]>,
): Pushing => pushing(protocol === "http/json" ? new JsonExporter() : new ProtobufExporter(), self, read);

/** The same with any exporter. */
export function pushing(
  exporter: PushMetricExporter,
  self: Self,
  read: () => Promise<readonly Reading[]>,
): Pushing {
  const temporality = exporter.selectAggregationTemporality?.bind(exporter);
  // otherwise a gauge shows what could not be read as it was when it could
  exporter.selectAggregationTemporality = (type) =>
    type === InstrumentType.OBSERVABLE_GAUGE
      ? AggregationTemporality.DELTA
      : (temporality?.(type) ?? AggregationTemporality.CUMULATIVE);
  const exportIntervalMillis = getNumberFromEnv("OTEL_METRIC_EXPORT_INTERVAL") ?? EVERY_MS;
  const exportTimeoutMillis = Math.min(
    getNumberFromEnv("OTEL_METRIC_EXPORT_TIMEOUT") ?? EVERY_MS / 2,
    exportIntervalMillis,
  );
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis, exportTimeoutMillis });
  const provider = new MeterProvider({ readers: [reader], resource: resourceOf(self) });
  const meter = provider.getMeter("flinkops", self.version);
  const gauges = new Map(
    Object.entries(INSTRUMENTS)
      .filter(([, { kind }]) => kind === "gauge")
      .map(([name, { unit, description }]) => [
        name,
        meter.createObservableGauge(name, { unit, description }),
      ]),
  );
  meter.addBatchObservableCallback(
    async (result) => {
      for (const { name, value, attributes = {} } of await read()) {
        const gauge = gauges.get(name);
        if (gauge !== undefined) result.observe(gauge, value, attributes);
      }
    },
    [...gauges.values()],
  );
  return {
    measures: measuresOn(meter),
    push: async () => await provider.forceFlush(),
    async close() {
      await provider.shutdown().catch(() => undefined);
    },
  };
}
