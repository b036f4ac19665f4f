import type { z } from "zod";
import type { Answer } from "./answer.ts";
import type { ClusterConfig } from "./connection.ts";
import { isUnknownJob } from "./answer.ts";
import { jobPath, triggerPath, vertexPath } from "./ids.ts";
import type { FlinkLooks } from "./looks.ts";
import * as wire from "./wire-looks.ts";
import { metrics } from "./wire.ts";
import * as run from "./wire-run.ts";

type No = Extract<Answer, { ok: false }>;
/** `no` may turn a refusal into a value; what it returns undefined for is thrown. */
export type Fetch = <T, N = never>(
  path: string,
  schema: z.ZodType<T>,
  no?: (answer: No) => N | undefined,
) => Promise<T | N>;

const query = (names: readonly string[]): string => names.map(encodeURIComponent).join(",");
const noPlan = (answer: No): [] | undefined => (isUnknownJob(answer) ? [] : undefined);
/** What the web submission does not serve is taken for a file of the web page, and that is not there. */
const noJars = (answer: No): null | undefined =>
  answer.status === 404 && answer.errors.some((e) => /Unable to load requested file|Not found/u.test(e))
    ? null
    : undefined;
const noTrigger = (answer: No): { is: "forgotten" } | undefined =>
  answer.status === 404 && answer.errors.some((e) => e.includes("There is no checkpoint operation"))
    ? { is: "forgotten" }
    : undefined;

const subtasks = (jobId: string, vertexId: string): string =>
  `${jobPath(jobId)}/${vertexPath(vertexId)}/subtasks/metrics`;

/** What is looked at beside the job itself, over REST. */
export function createLooks(config: ClusterConfig, fetch: Fetch, fetchFresh: Fetch): FlinkLooks {
  return {
    metricNames: async (jobId) => fetchFresh(`${jobPath(jobId)}/metrics`, wire.metricNames),
    vertexMetricNames: async (jobId, vertexId) => fetchFresh(subtasks(jobId, vertexId), wire.metricNames),
    async vertexMetrics(jobId, vertexId, names) {
      const path = subtasks(jobId, vertexId);
      const ask = async (some: readonly string[]) =>
        await fetchFresh(`${path}?get=${query(some)}&agg=min,max,avg,sum`, wire.aggregates);
      const all = await ask(names);
      if (Object.keys(all).length > 0) return all;
      // one name that Flink does not know and it answers none of them, unlike the metrics of jobs and task managers
      const known = new Set(await fetch(path, wire.metricNames));
      const left = names.filter((name) => known.has(name));
      return left.length === 0 || left.length === names.length ? all : await ask(left);
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
