import type { SimulatedJob } from "./job.ts";
import { failureCause } from "./words.ts";

const STATUS: Readonly<Record<string, string>> = {
  FINISHED: "SUCCEEDED",
  CANCELED: "CANCELED",
  FAILED: "FAILED",
};

/** GET /jobs/:id/execution-result: how a job ended, also one that never had a task and so has no exceptions. */
export function executionResultBody(job: SimulatedJob, version: string): unknown {
  const ended = STATUS[job.state];
  if (ended === undefined) return { status: { id: "IN_PROGRESS" } };
  return {
    status: { id: "COMPLETED" },
    "job-execution-result": {
      id: job.jobId,
      "application-status": ended,
      "accumulator-results": {},
      "net-runtime": job.endTime - job.startTime,
      ...(job.failure === null || ended !== "FAILED" ? {} : { "failure-cause": failureCause(job.failure) }),
      ...(version.startsWith("1.")
        ? {}
        : { name: job.name, "start-time": job.startTime, "end-time": job.endTime }),
    },
  };
}
