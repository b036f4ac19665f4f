import { randomBytes } from "node:crypto";
import type { SimulatedCluster } from "./cluster.ts";
import { isExecuting } from "./job.ts";
import { HEX_32, ok } from "./requirements.ts";
import { begin, complete, decline } from "./snapshots.ts";
import { checkpointException, plainNo, type SimulatedAnswer } from "./words.ts";

/** POST /jobs/:id/checkpoints: 202 for any job id; the same trigger id again starts nothing. */
export function checkpointRoute(
  cluster: SimulatedCluster,
  jobId: string,
  body: Readonly<Record<string, unknown>> | null,
): SimulatedAnswer {
  const triggerId = body?.["triggerId"] ?? randomBytes(16).toString("hex");
  const type = body?.["checkpointType"] ?? "CONFIGURED";
  if (body === null || typeof triggerId !== "string" || !HEX_32.test(triggerId))
    return plainNo(400, "Request did not match expected format CheckpointTriggerRequestBody.");
  if (type !== "CONFIGURED" && type !== "FULL")
    return plainNo(400, "Request did not match expected format CheckpointTriggerRequestBody.");
  start(cluster, jobId, triggerId);
  return ok({ "request-id": triggerId }, 202);
}

function start(cluster: SimulatedCluster, jobId: string, triggerId: string): void {
  if (cluster.operation(`checkpoint:${jobId}`, triggerId) !== null) return;
  const key = `checkpoint:${jobId}:${triggerId}`;
  const fail = (words: string): void => {
    cluster.operations.set(key, { is: "failed", at: cluster.now(), stack: checkpointException(words) });
  };
  const job = cluster.jobs.get(jobId);
  if (job === undefined) {
    fail(`Could not find Flink job (${jobId})`);
    return;
  }
  if (!isExecuting(job)) {
    fail("The Flink job is currently not executing.");
    return;
  }
  cluster.operations.set(key, { is: "in_progress" });
  cluster.record({ do: "checkpoint", jobId, triggerId });
  const entry = begin(cluster, job, "CHECKPOINT");
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    const alive = job.state === "RUNNING" && job.tasksRunning;
    const words = alive ? job.failSnapshot : "Checkpoint Coordinator is suspending.";
    if (words !== null) {
      decline(cluster, job, entry, words);
      fail(words);
      return;
    }
    complete(cluster, job, entry);
    cluster.operations.set(key, { is: "completed", at: cluster.now(), location: String(entry.id) });
  };
  cluster.whenSuspended(jobId, end);
  cluster.laterFor(job, entry.expectedMs, end);
}
