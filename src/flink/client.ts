import type { Side } from "./facts/settings.ts";
import { type FlinkNo, isNotYet, isUnknownJob, refused, why } from "./rest/response.ts";
import type { Capabilities } from "../model/flink-cluster.ts";
import { parseDefaultFileSystem } from "../model/savepoint-path.ts";
import { holdsCredentials } from "../model/state-path.ts";
import { createPrimeMetrics } from "./rest/prime-metrics.ts";
import { jobPath, operationPath, triggerPath } from "./rest/paths.ts";
import { cachedForAMinute } from "./rest/minute-cache.ts";
import { isApplication, isElastic, operatorSigns, triggerMemoryMs } from "./facts/deployment-kind.ts";
import { createClusterReads, type Fetch } from "./reads/cluster.ts";
import type { Absent, NotYet, Off } from "../model/flink-jobs.ts";
import type { FlinkFacts, FlinkReads } from "../model/flink-reads.ts";
import { createPlans } from "./reads/plans.ts";
import { createLogs } from "./reads/logs.ts";
import { createSightings } from "./reads/sightings.ts";
import * as wire from "./wire/jobs.ts";
import { checkpointConfig, checkpoints, isInProgress, triggerStatus } from "./wire/checkpoints.ts";

const noJob = (answer: FlinkNo): Absent | undefined => (isUnknownJob(answer) ? "absent" : undefined);
/**
 * `/checkpoints` and `/checkpoints/config` use different words.
 * flink-runtime, CheckpointingStatisticsHandler and CheckpointConfigHandler
 */
const noCheckpoints = (answer: FlinkNo): Absent | Off | NotYet | undefined => {
  if (isNotYet(answer)) return "not yet";
  return says(answer, 404, /Checkpointing (?:has not been|is not) enabled/u) ? "off" : noJob(answer);
};
/** A wrong path prefix also gives a 404, so only Flink's own message proves that Flink does not know the id. */
const noTrigger = (answer: FlinkNo): { is: "forgotten" } | undefined =>
  says(answer, 404, /There is no savepoint operation|Operation not found under key/u)
    ? { is: "forgotten" }
    : undefined;
const says = (answer: FlinkNo, status: number, words: RegExp): boolean =>
  answer.status === status && answer.errors.some((e) => words.test(e));

/** Unused parts of a job's details. They make the response of a large job many megabytes long. */
const UNREAD: readonly string[] = ["plan", "stream-graph"];

/** The reads of one cluster over REST on one lane; `decoration` uses the background lane. */
export const createReads = (side: Side, decoration: FlinkFacts): FlinkReads => ({
  ...createFacts(side),
  decoration,
  processes: async () => await side.processes.now(),
  ending: (jobId, refusedMs) => side.known.ends.of(jobId, refusedMs),
  sighting: createSightings({
    async status(jobId) {
      const state = await fetcher(side)(`${jobPath(jobId)}/status`, wire.jobStatus, noJob);
      if (state !== "absent") side.known.ends.saw(jobId, state);
      return state;
    },
    processes: side.processes,
    clock: side.clock,
    memory: side.known.sightings,
  }),
});

/** `no` may turn a refusal into a value. If it returns undefined, the refusal is thrown as FlinkRefused. */
const fetcher =
  ({ config, http }: Side): Fetch =>
  async (what, schema, no) => {
    const asked = typeof what === "string" ? { path: what } : what;
    const answer = await http.call({ method: "GET", ...asked });
    if (answer.ok)
      return wire.read(schema, answer.body, `reading ${asked.path.split("?")[0]} of ${config.name}`);
    const value = no?.(answer);
    if (value === undefined) throw refused(answer);
    return value;
  };

/** The reads that FlinkFacts declares. */
export function createFacts(side: Side): FlinkFacts {
  const { config, http, clock, known, settings } = side;
  const fetch = fetcher(side);
  const fresh = createPrimeMetrics(clock);
  /** Fetches metrics after making sure that Flink has fetched them recently. */
  const fetchFresh: Fetch = async (what, schema, no) => {
    const path = typeof what === "string" ? what : what.path;
    await fresh(() => http.call({ method: "GET", path }));
    return fetch(what, schema, no);
  };

  const features = cachedForAMinute(() => fetch("/config", wire.dashboardConfig), clock, known.features);

  return {
    ...createClusterReads({ config, fetch, fetchFresh, clock }),
    ...createPlans(side, fetch),
    cluster: config.name,
    savepointRoots: config.savepointRoots,
    requireRehearsal: config.requireRehearsal ?? null,

    async overview() {
      return (await side.jobs()).map((row) => row.summary);
    },
    job: async (jobId) => fetch({ path: jobPath(jobId), without: UNREAD }, wire.jobDetail, noJob),
    checkpoints: async (jobId) => fetch(`${jobPath(jobId)}/checkpoints`, checkpoints, noCheckpoints),
    checkpointConfig: async (jobId) =>
      fetch(`${jobPath(jobId)}/checkpoints/config`, checkpointConfig, noCheckpoints),
    exceptions: async (jobId, most) =>
      (await fetch(`${jobPath(jobId)}/exceptions?maxExceptions=${most}`, wire.exceptions)).slice(0, most),
    jobMetrics: async (jobId, names) =>
      fetchFresh(`${jobPath(jobId)}/metrics?get=${names.map(encodeURIComponent).join(",")}`, wire.metrics),

    async requirements(jobId) {
      const got = await fetch(`${jobPath(jobId)}/resource-requirements`, wire.requirements, (answer) =>
        answer.errors.some((e) => e.includes("UnsupportedOperationException"))
          ? { is: "unsupported" as const, reason: why(answer) }
          : undefined,
      );
      return isUnsupported(got) ? got : { is: "ok", vertices: got };
    },

    async trigger(jobId, triggerId) {
      const path = `${jobPath(jobId)}/savepoints/${triggerPath(triggerId)}`;
      const seen = await fetch(path, triggerStatus, noTrigger);
      if (seen.is === "completed") known.ends.saved(triggerId);
      return seen;
    },

    async isInProgress(operation) {
      const answer = await http.call({ method: "GET", path: operationPath(operation) });
      return answer.ok && isInProgress(answer.body);
    },

    log: createLogs(fetch),

    async managed() {
      const [can, configured] = await Promise.all([features(), settings()]);
      return operatorSigns(config.managedBy, can, configured);
    },

    savepointDirectory: async () => savepointDirectory(await settings()),

    async capabilities() {
      const [overview, can, configured] = await Promise.all([
        fetch("/overview", wire.clusterOverview),
        features(),
        settings(),
      ]);
      return {
        ...overview,
        ...can,
        scheduler: configured.get("jobmanager.scheduler")?.toLowerCase() ?? null,
        application: isApplication(configured),
        elastic: isElastic(configured),
        operatorManaged: operatorSigns(config.managedBy, can, configured),
        savepointDirectory: savepointDirectory(configured),
        ...fileSystem(configured),
        triggerMemoryMs: triggerMemoryMs(configured),
      };
    },

    uiUrl(jobId) {
      if (config.uiUrl === null) return null;
      return `${(config.uiUrl ?? config.url).replace(/\/+$/u, "")}/#/job/running/${jobId}/overview`;
    },
  };
}

/** A directory with credentials in it counts as not set, because it would be shown and stored. */
function savepointDirectory(configured: ReadonlyMap<string, string>): string | null {
  const found =
    configured.get("execution.checkpointing.savepoint-dir") ?? configured.get("state.savepoints.dir");
  return found === undefined || holdsCredentials(found) ? null : found;
}

/** Hadoop's own files cannot be read through REST; Flink hands `flink.hadoop.*` on to Hadoop. */
function fileSystem(
  configured: ReadonlyMap<string, string>,
): Pick<Capabilities, "defaultFileSystem" | "entropyKey"> {
  const named = configured.get("flink.hadoop.fs.defaultFS") ?? configured.get("fs.default-scheme") ?? "";
  const parsed = parseDefaultFileSystem(named);
  const entropyKey = configured.get("s3.entropy.key") ?? "";
  return {
    defaultFileSystem: "ok" in parsed ? parsed.ok : null,
    entropyKey: entropyKey === "" ? null : entropyKey,
  };
}

const isUnsupported = (got: object): got is { is: "unsupported"; reason: string } => "reason" in got;
