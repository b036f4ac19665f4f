import type { OtlpProtocol } from "../model/traces.ts";
import type { Sources } from "./secrets.ts";

/** What is sent by OTLP, and how; null: it is not. `problems`: one per line, as `variable: problem`. */
export interface Otlp {
  traces: OtlpProtocol | null;
  metrics: OtlpProtocol | null;
  problems: readonly string[];
}

/**
 * Whether OpenTelemetry's variables switch OTLP on: an endpoint does. Where it goes, with which headers and how much of it,
 * the SDK reads from its variables itself.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function otlpIn(env: Sources["env"]): Otlp {
  const traces = signal(env, "TRACES", ["otlp"]);
  // what Prometheus scrapes is `http.metrics`
  const metrics = signal(env, "METRICS", ["otlp", "prometheus"]);
  return {
    traces: traces.protocol,
    metrics: metrics.protocol,
    problems: [...new Set([...traces.problems, ...metrics.problems])],
  };
}

interface Signal {
  protocol: OtlpProtocol | null;
  problems: readonly string[];
}
const OFF: Signal = { protocol: null, problems: [] };

function signal(env: Sources["env"], name: "TRACES" | "METRICS", known: readonly string[]): Signal {
  const first = (...variables: string[]): { variable: string; value: string } | null => {
    for (const variable of variables) {
      const value = env[variable]?.trim() ?? "";
      if (value !== "") return { variable, value };
    }
    return null;
  };
  if (first("OTEL_SDK_DISABLED")?.value.toLowerCase() === "true") return OFF;
  if (first(`OTEL_EXPORTER_OTLP_${name}_ENDPOINT`, "OTEL_EXPORTER_OTLP_ENDPOINT") === null) return OFF;
  const exporters = first(`OTEL_${name}_EXPORTER`);
  const wanted = (exporters?.value ?? "otlp").split(",").map((one) => one.trim());
  const strange = wanted.filter((one) => one !== "none" && !known.includes(one));
  if (exporters !== null && strange.length > 0)
    return bad(
      exporters.variable,
      `must be otlp or none, or unset; ${strange.join(", ")} is not sent from here`,
    );
  if (!wanted.includes("otlp")) return OFF;
  const protocol = first(`OTEL_EXPORTER_OTLP_${name}_PROTOCOL`, "OTEL_EXPORTER_OTLP_PROTOCOL");
  if (protocol === null || protocol.value === "http/protobuf")
    return { protocol: "http/protobuf", problems: [] };
  if (protocol.value === "http/json") return { protocol: "http/json", problems: [] };
  return bad(protocol.variable, "must be http/protobuf or http/json; a collector takes them on port 4318");
}

const bad = (variable: string, problem: string): Signal => ({
  protocol: null,
  problems: [`${variable}: ${problem}`],
});
