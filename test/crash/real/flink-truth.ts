import { access, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { RealFlink } from "../../../playground/flink/launcher.ts";

/** What a real Flink did, by its own REST API and the files on disk. */
export interface FlinkTruth {
  /** Null: Flink does not know the job. */
  state: string | null;
  /** Parallelism of each vertex, 0 where not all of its tasks run. */
  parallelisms: readonly number[];
  /** Savepoints that it lists for the job, complete or not. */
  listed: readonly string[];
  /** Complete savepoints under the request's own directory, as Flink writes their paths. */
  onDisk: readonly string[];
  /** How often the job continued from a checkpoint. */
  restored: number;
}

export async function lookAt(flink: RealFlink, jobId: string, requestId: string): Promise<FlinkTruth> {
  const [status, job, checkpoints, onDisk] = await Promise.all([
    flink.get(`/jobs/${jobId}/status`),
    flink.get(`/jobs/${jobId}`),
    flink.get(`/jobs/${jobId}/checkpoints`),
    complete(`${flink.savepointsDir}/${requestId}`),
  ]);
  const { vertices } = (job ?? { vertices: [] }) as {
    vertices: { parallelism: number; tasks: Record<string, number> }[];
  };
  const { history, counts } = (checkpoints ?? { history: [], counts: { restored: 0 } }) as {
    history: { is_savepoint: boolean; status: string }[];
    counts: { restored: number };
  };
  return {
    state: (status as { status: string } | null)?.status ?? null,
    parallelisms: vertices.map((v) => (v.tasks["RUNNING"] === v.parallelism ? v.parallelism : 0)),
    listed: history.filter((c) => c.is_savepoint).map((c) => c.status),
    onDisk,
    restored: counts.restored,
  };
}

/** Whether Flink is writing a savepoint of the job right now. */
export async function isWriting(flink: RealFlink, jobId: string): Promise<boolean> {
  return (await lookAt(flink, jobId, "nothing")).listed.includes("IN_PROGRESS");
}

/** A savepoint is complete once its `_metadata` is there: the JobManager writes it last. */
async function complete(directory: string): Promise<string[]> {
  const path = fileURLToPath(directory);
  const names = await readdir(path).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) =>
      (await access(`${path}/${name}/_metadata`).then(
        () => true,
        () => false,
      ))
        ? [`file:${path}/${name}`]
        : [],
    ),
  );
  return found.flat();
}
