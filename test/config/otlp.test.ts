import { describe, expect, it } from "vitest";
import { otlpIn } from "../../src/config/otlp.ts";

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };

describe("OTLP", () => {
  it.each([
    ["nothing", {}, null, null],
    ["an endpoint", ENDPOINT, "http/protobuf", "http/protobuf"],
    ["an empty endpoint", { OTEL_EXPORTER_OTLP_ENDPOINT: " " }, null, null],
    [
      "an endpoint for traces alone",
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t:4318/v1/traces" },
      "http/protobuf",
      null,
    ],
    ["another encoding", { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, "http/json", "http/json"],
    [
      "another encoding for metrics",
      { ...ENDPOINT, OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "http/json" },
      "http/protobuf",
      "http/json",
    ],
    ["no exporter of metrics", { ...ENDPOINT, OTEL_METRICS_EXPORTER: "none" }, "http/protobuf", null],
    ["Prometheus alone", { ...ENDPOINT, OTEL_METRICS_EXPORTER: "prometheus" }, "http/protobuf", null],
    [
      "Prometheus and OTLP",
      { ...ENDPOINT, OTEL_METRICS_EXPORTER: "prometheus, otlp" },
      "http/protobuf",
      "http/protobuf",
    ],
    ["a disabled SDK", { ...ENDPOINT, OTEL_SDK_DISABLED: "true" }, null, null],
    ["gRPC without an endpoint", { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, null, null],
  ])("is as %s says", (_what, env, traces, metrics) => {
    expect(otlpIn(env)).toEqual({ traces, metrics, problems: [] });
  });

  it.each([
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
      "OTEL_EXPORTER_OTLP_PROTOCOL: must be http/protobuf or http/json; a collector takes them on port 4318",
    ],
    [
      { OTEL_TRACES_EXPORTER: "zipkin" },
      "OTEL_TRACES_EXPORTER: must be otlp or none, or unset; zipkin is not sent from here",
    ],
  ])("is refused with %s", (env, problem) => {
    expect(otlpIn({ ...ENDPOINT, ...env }).problems).toEqual([problem]);
  });
});
