import { FlinkUnreachable } from "../../model/errors.ts";
import type { Access } from "../facts/settings.ts";
import type { Sighting } from "../../model/flink-jobs.ts";

/** The job's state in Flink, for questions that need an answer. Throws FlinkUnreachable if Flink does not answer. */
export async function answered(
  access: Pick<Access, "reads">,
  jobId: string,
): Promise<Exclude<Sighting, { is: "unanswered" }>> {
  const seen = await access.reads.sighting(jobId);
  if (seen.is === "unanswered")
    throw new FlinkUnreachable(`reading the state of job ${jobId}: no answer`, "maybe");
  return seen;
}
