import { type CheckpointConfig, type Checkpoints, given } from "../../model/flink-jobs.ts";
import { doneAt } from "../facts/last-checkpoint.ts";
import type { ChangeTarget } from "../../model/target.ts";
import type { Context, PhaseContext } from "../../model/operation.ts";
import { optional } from "../facts/optional.ts";

/** So many times as long as usual a checkpoint may take. */
const PATIENCE = 3;
/** Flink's own default, ms. */
const TIMEOUT_MS = 10 * 60_000;
/** What depends on whether it has committed something waits so long for Flink to tell: one that fails again and again runs between. */
export const TELLING_MS = 60_000;
/** A job that was started has at least so long until it must be known how it is, ms. */
export const STARTING_MS = 10 * 60_000;

/** How long a job has to stay well: longer where its checkpoints are rarer, up to three times as long. */
export const steadyMs = (least: number, intervalMs: number): number =>
  Math.min(Math.max(least, intervalMs), 3 * least);

/**
 * When the first checkpoint since then was complete; null: none was. Flink lists the newest ten or so: where the first is
 * not among them any more, several were complete since, and it counts from the beginning. All by Flink's clock, ms.
 */
export function firstCheckpoint(checkpoints: Checkpoints | null, since: number): number | null {
  if (checkpoints === null) return null;
  const { history, completed, failed, inProgress } = checkpoints;
  const done = history.filter((e) => e.kind === "completed" && doneAt(e) > since).map(doneAt);
  if (done.length === 0) return null;
  const isCut =
    completed + failed + inProgress > history.length && history.every((e) => e.triggeredAt > since);
  return isCut ? since : Math.min(...done);
}

interface Awaited {
  checkpoints: Checkpoints | null;
  /** Null: it takes none by itself. */
  config: CheckpointConfig | null;
  /** Since when it runs, and what time it is, by Flink's clock. */
  since: number;
  now: number;
}

/** Whether the first checkpoint is still to be expected: it is under way within its own timeout, or not due yet. */
export async function isAwaited(
  c: Context<unknown, ChangeTarget>,
  jobId: string,
  { checkpoints, config, since, now }: Awaited,
): Promise<boolean> {
  if (config === null) return false;
  const history = (checkpoints?.history ?? []).filter((e) => e.triggeredAt > since);
  if (history.some((e) => e.kind === "failed")) return false;
  const running = history.find((e) => e.kind === "in_progress");
  if (running !== undefined) return now - running.triggeredAt < config.timeoutMs;
  const usual = await usualMs(c, jobId);
  return now < since + (config.intervalMs ?? 0) + Math.min(PATIENCE * usual, config.timeoutMs);
}

/** How long a checkpoint of this job took at the most, in this run or the one before, as far as Flink still lists it; else 0. */
async function usualMs(c: Context<unknown, ChangeTarget>, jobId: string): Promise<number> {
  const states =
    c.target.kind === "name" ? await c.known.restorable.of(`${c.target.cluster}/${c.target.name}`) : [];
  const before = c.target.kind === "job" ? c.target.jobId : states[0]?.jobId;
  const lists = await Promise.all(
    [jobId, ...(before === undefined || before === jobId ? [] : [before])].map(
      async (id) => await optional(c.flink.checkpoints(id)),
    ),
  );
  const took = lists
    .flatMap((read) => (read === null ? [] : (given(read)?.history ?? [])))
    .filter((e) => e.kind === "completed" && !e.isSavepoint)
    .map((e) => e.endToEndMs ?? 0);
  return Math.max(0, ...took);
}

/**
 * For the facts of an intent: how long a start may take until it is known to be healthy or not, ms. `jobId`: the job as it
 * runs, or ran before; null: it is not known. Reads nothing that must be there.
 */
export async function startFacts(
  c: Context<unknown, ChangeTarget>,
  jobId: string | null,
): Promise<{ longestStart: number }> {
  const { healthyWithin, steadyFor } = c.known.settings;
  const read = jobId === null ? null : await optional(c.flink.checkpointConfig(jobId));
  const config = read === null ? null : given(read);
  // its tasks may be up only at the end of that time; the checkpoint, or the answer whether there was one, counts from there
  const checkpoint = (config?.intervalMs ?? 0) + (config?.timeoutMs ?? TIMEOUT_MS);
  const then = Math.max(checkpoint, TELLING_MS);
  return { longestStart: healthyWithin + then + steadyMs(steadyFor, Infinity) };
}

/** Reads back what `startFacts` left: for the phase's limit, which must hold also where nothing can be read. */
export function longestStart({
  intent,
  known,
}: Pick<PhaseContext<unknown, ChangeTarget>, "intent" | "known">): number {
  const { longestStart: longest } = intent.facts;
  return typeof longest === "number" ? longest : known.settings.healthyWithin + TIMEOUT_MS;
}

/** The same for the phase that has started the job, of which the cluster may need some time to bring it up. */
export const startLimit = (c: Parameters<typeof longestStart>[0]): number =>
  Math.max(STARTING_MS, longestStart(c));
