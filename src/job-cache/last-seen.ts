import { isTerminal } from "../model/flink-jobs.ts";
import type { Knowledge, SeenJob } from "../model/knowledge.ts";
import { type JobCache, silenceOf } from "./job-cache.ts";

/**
 * A job that a request of ours has ended counts as ended: an application cluster may be gone before its jobs are read
 * again.
 */
export const createSilence =
  (jobCache: Pick<JobCache, "peek">, requestsOn: Knowledge["requestsOn"]): Knowledge["silence"] =>
  async (cluster) => {
    const seen = (await jobCache.peek([cluster])).get(cluster);
    if (seen === undefined) return null;
    const silence = silenceOf(seen);
    if (silence === null || seen.facts?.application !== true) return silence;
    const names = [...new Set(seen.jobs.filter((j) => !isTerminal(j.state)).map((j) => j.name))];
    const requests = await Promise.all(names.map(async (name) => await requestsOn(cluster, name)));
    const ended = new Set(requests.flat().map((r) => r.ended?.jobId));
    const jobs = seen.jobs.map((j) => (ended.has(j.jobId) ? { ...j, state: "FINISHED" as const } : j));
    return silenceOf({ ...seen, jobs });
  };

/**
 * Jobs of a name as the job cache last saw them, including jobs that Flink no longer lists. Jobs that were seen to
 * end are left out.
 */
export const createLastSeen =
  (jobCache: Pick<JobCache, "peek">): Knowledge["lastSeen"] =>
  async (cluster, name) => {
    const seen = (await jobCache.peek([cluster])).get(cluster);
    if (seen === undefined) return [];
    const alive = seen.jobs.filter((j) => j.name === name && !isTerminal(j.state));
    const missing = seen.missing.filter((m) => m.name === name);
    return [
      ...alive.map((j): SeenJob => ({ jobId: j.jobId, absentMs: 0, answers: 0 })),
      // `readAt` and `since` are both by the reader's clock.
      ...missing.map(
        (m): SeenJob => ({
          jobId: m.jobId,
          absentMs: Math.max(0, (seen.readAt ?? m.since) - m.since),
          answers: m.answers,
        }),
      ),
    ];
  };
