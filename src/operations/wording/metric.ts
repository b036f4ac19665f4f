import { ago, bytes, duration } from "../../model/units.ts";

/** The metrics shown if none are named. https://nightlies.apache.org/flink/flink-docs-release-2.3/docs/ops/metrics/ */
export const JOB_METRICS: readonly string[] = [
  "numRestarts",
  "runningTime",
  "restartingTime",
  "failingTime",
  "numberOfCompletedCheckpoints",
  "numberOfFailedCheckpoints",
  "numberOfInProgressCheckpoints",
  "lastCheckpointDuration",
  "lastCheckpointSize",
  "lastCheckpointFullSize",
  "lastCheckpointCompletedTimestamp",
];

export const VERTEX_METRICS: readonly string[] = [
  "busyTimeMsPerSecond",
  "backPressuredTimeMsPerSecond",
  "idleTimeMsPerSecond",
  "numRecordsInPerSecond",
  "numRecordsOutPerSecond",
  "numBytesInPerSecond",
  "numBytesOutPerSecond",
];

/** Shown for a metric that exists but has no number. */
export const NO_FIGURE = "no figure";

/** Java's Long.MIN_VALUE and Long.MAX_VALUE arrive as doubles. No real figure is as large. */
const LEAST = -9.2e18;
const MOST = 9.2e18;
/** Smaller values (before 1973) are not times: some programs use other numbers as event time. */
const A_TIME_MS = 1e11;
const LATEST_MS = 8.64e15;

/** A point of event time, whose average and sum have no meaning. */
export const isWatermark = (name: string): boolean => name.endsWith("Watermark");

/** A point in time, shown as how long ago it was. */
export const isTimestamp = (name: string): boolean => name.endsWith("Timestamp");

/**
 * A metric's value with its unit, which is derived from Flink's naming. Flink uses -1 for "none yet". `now`: by
 * Flink's clock; null: not known.
 */
export function withUnit(name: string, value: string, now: number | null): string {
  const n = Number(value);
  if (/^-?(?:NaN|Infinity)$/u.test(value.trim())) return NO_FIGURE;
  if (value.trim() === "" || !Number.isFinite(n)) return value;
  if (isWatermark(name)) return watermark(n);
  if (n <= LEAST) return "none yet";
  if (name.endsWith("TimeMsPerSecond")) return percent(n);
  if (name.endsWith("PerSecond")) return /[bB]ytes/u.test(name) ? `${bytes(n)}/s` : rate(n);
  if (isTimestamp(name)) return n <= 0 ? "none yet" : now === null ? pointInTime(n) : ago(n, now);
  if (/(?:Time|Duration|Latency|uptime|downtime)$/u.test(name)) return n < 0 ? "none yet" : duration(n);
  if (
    /(?:Size|[bB]ytes|Memory\.[\w.]*(?:Used|Max|Committed))$/u.test(name) ||
    /[bB]ytes(?:In|Out)?$/u.test(name)
  )
    return n < 0 ? "none yet" : bytes(n);
  return short(n);
}

function watermark(n: number): string {
  if (n <= LEAST) return "no watermark yet";
  if (n >= MOST) return "end of input";
  return pointInTime(n);
}

function pointInTime(n: number): string {
  if (n < A_TIME_MS || n > LATEST_MS) return short(n);
  return `${new Date(n).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** "91%" of 910 ms per second. */
export const percent = (msPerSecond: number): string => `${Math.round(msPerSecond / 10)}%`;

/** "1,200/s", "0.4/s". */
export const rate = (perSecond: number): string => `${short(perSecond)}/s`;

function short(n: number): string {
  const rounded = Math.abs(n) >= 10 ? Math.round(n) : Math.round(n * 10) / 10;
  return rounded.toLocaleString("en-US");
}
