import type { FlinkReads } from "../../src/model/flink-reads.ts";
import { type JobState, stateOf } from "../../src/model/flink-jobs.ts";

/** The job's state as it is seen now; null where Flink does not list it, or does not answer. */
export const stateNow = async (reads: FlinkReads, jobId: string): Promise<JobState | null> =>
  stateOf(await reads.sighting(jobId));
