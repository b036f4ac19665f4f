import type { JobState, JobSummary } from "../../src/model/flink-jobs.ts";
import type { ClusterSnapshot } from "../../src/model/knowledge.ts";
import { T0 } from "./flink-reads.ts";

let next = 0;

/** A job as the job cache lists it, RUNNING for an hour unless told otherwise; each has another id. */
export const aSummary = (
  name: string,
  state: JobState = "RUNNING",
  over: Partial<JobSummary> = {},
): JobSummary => {
  next += 1;
  return {
    jobId: `${String(next).padStart(8, "0")}${"a".repeat(24)}`,
    name,
    state,
    startedAt: T0 - 3_600_000,
    endedAt: null,
    lastModifiedAt: T0 - 60_000,
    ageMs: 3_598_000,
    tasks: { total: 4, running: state === "RUNNING" ? 4 : 0, finished: 0, failed: 0 },
    scheduler: "Adaptive",
    jobType: "STREAMING",
    ...over,
  };
};

/** What the job cache has read of prod two seconds ago. */
export const aSnapshot = (
  jobs: readonly JobSummary[],
  over: Partial<ClusterSnapshot> = {},
): ClusterSnapshot => ({
  cluster: "prod",
  label: "PROD",
  readAt: T0 - 2_000,
  unreachableSince: null,
  isOver: false,
  problem: null,
  answeringSince: T0 - 7_200_000,
  facts: null,
  jobs,
  ...over,
});
