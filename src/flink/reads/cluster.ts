import type { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import { FlinkUnreachable } from "../../model/errors.ts";
import { type FlinkNo, isUnknownJob } from "../rest/response.ts";
import type { ClusterConfig } from "../../model/cluster-config.ts";
import { jobPath, triggerPath, vertexPath } from "../rest/paths.ts";
import type { Aggregate } from "../../model/flink-jobs.ts";
import type { FlinkClusterReads } from "../../model/flink-reads.ts";
import * as wire from "../wire/cluster.ts";
import { metrics } from "../wire/jobs.ts";
import type { TailLimits } from "../rest/tail.ts";
import * as run from "../wire/run.ts";

/** `no` may turn a refusal into a value. If it returns undefined, the refusal is thrown. */
export type Fetch = <T, N = never>(
  what: string | { path: string; without: readonly string[] } | { path: string; tail: TailLimits },
  schema: z.ZodType<T>,
  no?: (answer: FlinkNo) => N | undefined,
) => Promise<T | N>;

const query = (names: readonly string[]): string => names.map(encodeURIComponent).join(",");
const noPlan = (answer: FlinkNo): [] | undefined => (isUnknownJob(answer) ? [] : undefined);
/** Without web submission Flink treats the path as a file of its web page and answers 404. */
const noJars = (answer: FlinkNo): null | undefined =>
  answer.status === 404 && answer.errors.some((e) => /Unable to load requested file|Not found/u.test(e))
    ? null
    : undefined;
const noTrigger = (answer: FlinkNo): { is: "forgotten" } | undefined =>
  answer.status === 404 && answer.errors.some((e) => e.includes("There is no checkpoint operation"))
    ? { is: "forgotten" }
    : undefined;

const subtasks = (jobId: string, vertexId: string): string =>
  `${jobPath(jobId)}/${vertexPath(vertexId)}/subtasks/metrics`;

/** How many vertices are read at the same time: one per connection of the background lane. */
const AT_ONCE = 2;
/** Time limit for reading all vertices, ms. */
const ALL_MS = 2000;

interface ClusterReadsOptions {
  config: ClusterConfig;
  fetch: Fetch;
  fetchFresh: Fetch;
  clock: Pick<Clock, "monotonic">;
}

type ClusterReads = Omit<FlinkClusterReads, "planOf" | "graphOf" | "stateSizes">;

/** The reads of metrics, plans, jars and TaskManagers over REST. */
export function createClusterReads({ config, fetch, fetchFresh, clock }: ClusterReadsOptions): ClusterReads {
  const vertexMetrics: FlinkClusterReads["vertexMetrics"] = async (jobId, vertexId, names) => {
    const path = subtasks(jobId, vertexId);
    const ask = async (some: readonly string[]) =>
      await fetchFresh(`${path}?get=${query(some)}&agg=min,max,avg,sum`, wire.aggregates);
    const all = await ask(names);
    if (Object.keys(all).length > 0) return all;
    // unlike other metrics, one name that is unknown or has no values makes Flink answer none of them
    const known = new Set(await fetch(path, wire.metricNames));
    const left = names.filter((name) => known.has(name));
    if (left.length === 0 || names.length === 1) return all;
    const rest = left.length === names.length ? all : await ask(left);
    if (Object.keys(rest).length > 0) return rest;
    return Object.assign({}, ...(await Promise.all(left.map((name) => ask([name])))));
  };

  return {
    metricNames: async (jobId) => fetchFresh(`${jobPath(jobId)}/metrics`, wire.metricNames),
    vertexMetricNames: async (jobId, vertexId) => fetchFresh(subtasks(jobId, vertexId), wire.metricNames),
    vertexMetrics,
    async vertexMetricsOf(jobId, vertexIds, names) {
      const until = clock.monotonic() + ALL_MS;
      const left = [...vertexIds];
      const got = new Map<string, Readonly<Record<string, Aggregate>>>();
      const stop = (error: unknown): never => {
        left.length = 0;
        throw error;
      };
      const some = async (): Promise<void> => {
        for (let id = left.shift(); id !== undefined; id = left.shift()) {
          if (clock.monotonic() >= until)
            throw new FlinkUnreachable(`reading metrics of ${config.name}: not all in time`, "maybe");
          got.set(id, await vertexMetrics(jobId, id, names).catch(stop));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, some));
      return got;
    },
    edges: async (jobId) => fetch(`${jobPath(jobId)}/plan`, wire.plan, noPlan),
    jars: async () => fetch("/jars", wire.jars, noJars),
    taskManagers: async () => fetch("/taskmanagers", wire.taskManagers),
    taskManagerMetrics: async (id, names) =>
      fetchFresh(`/taskmanagers/${encodeURIComponent(id)}/metrics?get=${query(names)}`, metrics),
    checkpointTrigger: async (jobId, triggerId) =>
      fetch(`${jobPath(jobId)}/checkpoints/${triggerPath(triggerId)}`, wire.checkpointTrigger, noTrigger),
    disposal: async (id) =>
      fetch(`/savepoint-disposal/${triggerPath(id)}`, run.disposal, (answer) =>
        answer.errors.some((e) => e.includes("Operation not found under key"))
          ? { is: "forgotten" as const }
          : undefined,
      ),
    failure: async (jobId) =>
      fetch(`${jobPath(jobId)}/execution-result`, run.executionResult, (answer) =>
        isUnknownJob(answer) ? null : undefined,
      ),
    links: (job) =>
      (config.links ?? []).map(({ label, url }) => ({
        label,
        url: url.replaceAll(/\{(cluster|jobId|job)\}/gu, (_all, key: string) =>
          encodeURIComponent(key === "cluster" ? config.name : key === "job" ? job.name : job.jobId),
        ),
      })),
  };
}
