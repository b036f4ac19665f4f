import { given } from "../flink/reads.ts";
import type { Context } from "./operation.ts";
import { code, type Text, t } from "./text.ts";
import { ago, bytes, duration } from "./units.ts";

/** What would be left of the job's state if it ended now. */
export interface LastCheckpoint {
  /** Null: there is none. By Flink's clock, ms. */
  completedAt: number | null;
  path: string | null;
  /** Whether it outlives a cancel. */
  retained: boolean;
  words: Text;
}

/** Reads the checkpoints. Throws what FlinkReads throws. */
export async function lastCheckpoint(c: Context<unknown>): Promise<LastCheckpoint> {
  const { jobId } = c.target;
  const [config, checkpoints] = await Promise.all([
    c.flink.checkpointConfig(jobId).then(given),
    c.flink.checkpoints(jobId).then(given),
  ]);
  const last = checkpoints?.latestCompleted ?? null;
  const retained = config?.retainedOnCancel === true && last?.path !== null && last !== null;
  if (last === null) {
    const why =
      config === null || config.intervalMs === null
        ? "It takes no checkpoints."
        : "It has no completed checkpoint yet.";
    return { completedAt: null, path: null, retained: false, words: why };
  }
  const completedAt = last.triggeredAt + (last.endToEndMs ?? 0);
  const took = last.endToEndMs === null ? "" : `, took ${duration(last.endToEndMs)}`;
  return {
    completedAt,
    path: last.path,
    retained,
    words: t`Last checkpoint ${ago(completedAt, c.now)}: ${bytes(last.sizeBytes)}${took}.`,
  };
}

/** What a cancel would lose, for the person who must agree to it. */
export function cancelLosses(last: LastCheckpoint, now: number): readonly Text[] {
  if (last.completedAt === null) return ["All of its state: there is no checkpoint to resume from."];
  const age = ago(last.completedAt, now);
  if (!last.retained || last.path === null)
    return [t`All of its state: Flink deletes the last checkpoint (${age}) with the job.`];
  return [
    t`What it did since the last checkpoint (${age}) happens again when it is resumed from ${code(last.path)}.`,
  ];
}
