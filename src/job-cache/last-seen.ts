import { isTerminal } from "../model/flink-jobs.ts";
import type { Knowledge, SeenJob } from "../model/knowledge.ts";
import type { JobCache } from "./job-cache.ts";

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
