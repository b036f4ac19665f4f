import type { ClusterConfig } from "../../model/cluster-config.ts";
import { forPeople } from "../rest/error-text.ts";

/** How long Flink keeps a finished trigger id (`rest.async.store-duration`) by default: 5 minutes, in ms. */
const DEFAULT_MEMORY_MS = 5 * 60_000;
const UNITS_MS: readonly (readonly [RegExp, number])[] = [
  [/^(?:d|days?)$/u, 86_400_000],
  [/^(?:h|hours?)$/u, 3_600_000],
  [/^(?:m|min|minutes?)$/u, 60_000],
  [/^(?:s|sec|secs|seconds?)$/u, 1_000],
  [/^(?:|ms|millis?|milliseconds?)$/u, 1],
];

/**
 * Why a cluster seems managed by the Kubernetes operator, judged by `/config` and `/jobmanager/config`; null: it does
 * not seem so. `managedBy` overrides the signs.
 * Signs: kubernetes.operator.* and $internal.* keys, `web.cancel.enable: false` (the operator's default).
 */
export function operatorSigns(
  managedBy: ClusterConfig["managedBy"],
  features: { cancel: boolean },
  settings: ReadonlyMap<string, string>,
): string | null {
  if (managedBy === "none") return null;
  if (managedBy === "operator") return "it is configured so";
  const keys = [...settings.keys()];
  const key = keys.find(
    (k) => k.startsWith("kubernetes.operator.") || k.startsWith("$internal.flink.version"),
  );
  if (key !== undefined) return `its configuration has ${forPeople(key)}`;
  if (
    settings.has("kubernetes.cluster-id") &&
    settings.get("execution.shutdown-on-application-finish") === "false"
  ) {
    return "its configuration has execution.shutdown-on-application-finish: false on Kubernetes";
  }
  return features.cancel ? null : "cancelling is disabled in its web UI";
}

/**
 * Whether this is an application cluster, which ends with its jobs. Signs: the program is in its configuration
 * (flink-clients, ApplicationConfiguration), or its target (DeploymentOptions.TARGET) is an `-application` one or, where
 * it is standalone, `embedded`; a session cluster has no target.
 */
export const isApplication = (settings: ReadonlyMap<string, string>): boolean =>
  settings.has("$internal.application.main") ||
  settings.has("$internal.application.program-args") ||
  /^(?:.*-application|embedded)$/u.test(settings.get("execution.target") ?? "");

/** Whether the cluster starts TaskManagers on demand: a Kubernetes or YARN target, never a standalone one. */
export const isElastic = (settings: ReadonlyMap<string, string>): boolean =>
  /^(?:kubernetes|yarn)-/u.test(settings.get("execution.target") ?? "");

/** How long Flink remembers a finished trigger id, ms. `0` in the configuration means forever. */
export function triggerMemoryMs(settings: ReadonlyMap<string, string>): number {
  const text = settings.get("rest.async.store-duration");
  const ms = text === undefined ? DEFAULT_MEMORY_MS : (durationMs(text) ?? DEFAULT_MEMORY_MS);
  return ms === 0 ? Number.MAX_SAFE_INTEGER : ms;
}

/**
 * Parses Flink's notation, `5 min`, `300 s`, `PT5M` (flink-core TimeUtils.parseDuration), into ms; null: other text.
 */
export function durationMs(text: string): number | null {
  const iso = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/iu.exec(text.trim());
  if (iso !== null) {
    return (Number(iso[1] ?? 0) * 3_600 + Number(iso[2] ?? 0) * 60 + Number(iso[3] ?? 0)) * 1_000;
  }
  const parts = /^(\d+)\s*([a-z]*)$/u.exec(text.trim().toLowerCase());
  const unit = UNITS_MS.find(([pattern]) => pattern.test(parts?.[2] ?? "-"));
  return parts === null || unit === undefined ? null : Number(parts[1]) * unit[1];
}
