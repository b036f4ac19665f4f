import { describe, type SuiteFactory } from "vitest";
import { flinkAvailable } from "../../playground/flink/launcher.ts";
import { helmAvailable } from "../../playground/helm/helm.ts";
import { hasProgram } from "../../playground/processes.ts";
import { debianMissing } from "../../playground/debian-servers.ts";
import { downloadRedisServer, redisMissing } from "../../playground/redis-server.ts";

/** What a suite cannot do without, each with the line that says how to get it. */
export type Server =
  | "redis"
  | "redis of Maven Central"
  | "servers of Debian"
  | "flink"
  | "chromium"
  | "jq"
  | "prometheus"
  | "helm"
  | "image tools";

const MISSING: Readonly<Record<Server, () => Promise<string | null>>> = {
  redis: async () => await redisMissing(),
  "redis of Maven Central": async () => await redisMissing(downloadRedisServer),
  "servers of Debian": debianMissing,
  flink: flinkAvailable,
  helm: helmAvailable,
  prometheus: async () =>
    (await hasProgram("prometheus")) && (await hasProgram("promtool"))
      ? null
      : "prometheus is missing (on Debian: apt-get install prometheus)",
  "image tools": async () =>
    process.getuid?.() === 0 &&
    (await Promise.all(["buildah", "debootstrap", "runc"].map(hasProgram))).every((found) => found)
      ? null
      : "building an image needs root, buildah, debootstrap and runc (on Debian: apt-get install buildah debootstrap runc)",
  jq: async () => ((await hasProgram("jq")) ? null : "jq is missing (on Debian: apt-get install jq)"),
  chromium: async () =>
    (await hasProgram("chromium")) || (await hasProgram("chromium-browser"))
      ? null
      : "chromium is missing (on Debian: apt-get install chromium)",
};

/** `describe`, which skips with one plain line where a server is absent. Throws instead with CI=true: nothing may skip there. */
export async function suiteWith(
  servers: readonly Server[],
): Promise<(name: string, suite: SuiteFactory) => void> {
  const missing = (await Promise.all(servers.map(async (s) => await MISSING[s]()))).filter((m) => m !== null);
  if (missing.length === 0) return (name, suite) => void describe(name, suite);
  const line = missing.join("; ");
  if (process.env["CI"] === "true") throw new Error(line);
  return (name, suite) => {
    console.log(`skipped: ${name}: ${line}`);
    describe.skip(name, suite);
  };
}
