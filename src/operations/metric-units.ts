import { bytes, duration } from "./units.ts";

/** Those worth a look without being named. https://nightlies.apache.org/flink/flink-docs-release-2.3/docs/ops/metrics/ */
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

/** A figure as people read it, by what Flink's naming says of its unit; -1 is how Flink says "none yet". */
export function withUnit(name: string, value: string, now: number): string {
  const n = Number(value);
  if (value.trim() === "" || !Number.isFinite(n)) return value;
  if (name.endsWith("TimeMsPerSecond")) return percent(n);
  if (name.endsWith("PerSecond")) return /[bB]ytes/u.test(name) ? `${bytes(n)}/s` : rate(n);
  if (name.endsWith("Timestamp")) return n <= 0 ? "none yet" : `${duration(now - n)} ago`;
  if (/(?:Time|Duration|Latency|uptime|downtime)$/u.test(name)) return n < 0 ? "none yet" : duration(n);
  if (
    /(?:Size|[bB]ytes|Memory\.[\w.]*(?:Used|Max|Committed))$/u.test(name) ||
    /[bB]ytes(?:In|Out)?$/u.test(name)
  )
    return n < 0 ? "none yet" : bytes(n);
  return short(n);
}

/** "91%" of 910 ms per second. */
export const percent = (msPerSecond: number): string => `${Math.round(msPerSecond / 10)}%`;

/** "1,200/s", "0.4/s". */
export const rate = (perSecond: number): string => `${short(perSecond)}/s`;

function short(n: number): string {
  const rounded = Math.abs(n) >= 10 ? Math.round(n) : Math.round(n * 10) / 10;
  return rounded.toLocaleString("en-US");
}
