import type { Base, Watched } from "./connections.ts";
import type { Config } from "./config/config.ts";
import { createGauges } from "./gauges.ts";
import { measuringIn, type Reading, UNMEASURED } from "./model/measures.ts";
import { UNTRACED } from "./model/traces.ts";
import type { Log } from "./platform/log.ts";

/** How long the end of a process waits for a collector to take what is left, ms. */
const LAST_MS = 2000;

/** How one process is watched: what it measures and traces is for `createBase`; the rest begins with `of`. */
export interface Watching extends Required<Pick<Watched, "measures" | "traces">>, Pick<Watched, "telemetry"> {
  /** Begins to read the gauges of the process. */
  of(base: Base): {
    /** What a scrape gets, in Prometheus' text format; null: there is no such page. */
    scraped: (() => Promise<string>) | null;
    /** Sends what is left, if the collector takes it soon. */
    close(): Promise<void>;
  };
}

const nothing = async (): Promise<readonly Reading[]> => await Promise.resolve([]);

/** Starts metrics and traces as configured. Imports only what is switched on, because OpenTelemetry's SDK takes time to load. */
export async function startWatching(
  config: Config,
  log: Log,
  self: { version: string; process: string },
): Promise<Watching> {
  const { http, otlp } = config;
  let read = nothing;
  const page = http.metrics ? (await import("./telemetry/metrics.ts")).startMetrics(self.version) : null;
  const pushed =
    otlp.metrics === null
      ? null
      : (await import("./telemetry/pushed.ts")).startPushing(otlp.metrics, self, async () => await read());
  const tracing =
    otlp.traces === null ? null : (await import("./telemetry/traces.ts")).startTraces(otlp.traces, self);
  if (pushed !== null || tracing !== null)
    (await import("./telemetry/problems.ts")).tellProblems((problem) =>
      log.warn({ problem }, "opentelemetry cannot send"),
    );
  const measures = [page, pushed].flatMap((one) => (one === null ? [] : [one.measures]));
  return {
    measures: measures.length === 0 ? UNMEASURED : measuringIn(measures),
    traces: tracing?.traces ?? UNTRACED,
    ...(tracing === null ? {} : { telemetry: tracing.queue }),
    of(base) {
      const gauges = page === null && pushed === null ? null : createGauges(config, base);
      if (gauges !== null) read = async () => await gauges.read();
      return {
        scraped: page === null ? null : async () => await page.scraped(await read()),
        async close() {
          const sent = Promise.all([page?.close(), pushed?.close(), tracing?.close()]);
          await Promise.race([sent, base.clock.sleep(LAST_MS)]);
          gauges?.close();
        },
      };
    },
  };
}
