import { FlinkUnreachable } from "../errors.ts";
import type { FlinkReads, JobState } from "../flink/reads.ts";
import type { Context } from "./operation.ts";

/**
 * A JobManager that is silent for longer than this is taken for gone with its job, as an application cluster goes. A
 * fail-over with ZooKeeper was measured at 40 s.
 */
export const SILENCE_MS = 90_000;

/** A job's state; null: Flink does not know it. Throws FlinkUnexpected and FlinkRefused. */
export async function silentState(flink: FlinkReads, jobId: string): Promise<JobState | null | "silence"> {
  try {
    return await flink.state(jobId);
  } catch (error) {
    if (error instanceof FlinkUnreachable) return "silence";
    throw error;
  }
}

/** The same of the job that a change acts on. */
export const stateOrSilence = (c: Context<unknown>): Promise<JobState | null | "silence"> =>
  silentState(c.flink, c.target.jobId);
