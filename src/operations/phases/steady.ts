import { type CheckpointConfig, type Checkpoints, given } from "../../model/flink-jobs.ts";
import { doneAt } from "../facts/last-checkpoint.ts";
import type { ChangeTarget } from "../../model/target.ts";
import type { Context, PhaseContext } from "../../model/operation.ts";
import { optional } from "../../model/optional.ts";

/** A checkpoint may take this many times its usual duration. */
const PATIENCE = 3;
/** Flink's default checkpoint timeout, ms. */
const TIMEOUT_MS = 10 * 60_000;
/**
 * How long to wait for Flink to say how many checkpoints a job has completed, ms. A job that fails again and again
 * runs in between, and can answer then.
 */
export const TELLING_MS = 60_000;
/** The minimum time a started job has until its condition must be known, ms. */
export const STARTING_MS = 10 * 60_000;

/** How long a job has to stay healthy, ms: longer if its checkpoints are rarer, up to three times `least`. */
export const steadyMs = (least: number, intervalMs: number): number =>
  Math.min(Math.max(least, intervalMs), 3 * least);

/**
 * When the first checkpoint after `since` was completed; null: none was. Flink lists only the newest
 * (`web.checkpoints.history`, 10). If the first one is no longer listed, several were completed, and `since` is
 * returned. All times in ms by Flink's clock.
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
  /** Null: the job takes no periodic checkpoints. */
  config: CheckpointConfig | null;
  /** Since when the job has been running, and the current time; ms by Flink's clock. */
  since: number;
  now: number;
}

/**
 * Whether the first checkpoint can still be expected: none has failed, and one is in progress within its timeout or
 * is not overdue yet.
 */
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

/**
 * The longest duration of this job's checkpoints, in this run or the one before, as far as Flink still lists them,
 * ms; else 0.
 */
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
 * For the facts of an intent: the longest time until a start is known to be healthy or not, ms. `jobId`: the job that
 * runs or ran before; null: not known. All reads are optional.
 */
export async function startFacts(
  c: Context<unknown, ChangeTarget>,
  jobId: string | null,
): Promise<{ longestStart: number }> {
  const { healthyWithin, steadyFor } = c.known.settings;
  const read = jobId === null ? null : await optional(c.flink.checkpointConfig(jobId));
  const config = read === null ? null : given(read);
  // tasks may be up only at the end of `healthyWithin`; the time for the checkpoint, or for Flink to say whether
  // there was one, starts there
  const checkpoint = (config?.intervalMs ?? 0) + (config?.timeoutMs ?? TIMEOUT_MS);
  const then = Math.max(checkpoint, TELLING_MS);
  return { longestStart: healthyWithin + then + steadyMs(steadyFor, Infinity) };
}

/**
 * Reads back the fact that `startFacts` stored. It is the phase's limit, which must hold even if nothing can be read.
 */
export function longestStart({
  intent,
  known,
}: Pick<PhaseContext<unknown, ChangeTarget>, "intent" | "known">): number {
  const { longestStart: longest } = intent.facts;
  return typeof longest === "number" ? longest : known.settings.healthyWithin + TIMEOUT_MS;
}

/**
 * The limit of a phase that has started a job itself. It is at least STARTING_MS, because the cluster may need time
 * to bring the job up.
 */
export const startLimit = (c: Parameters<typeof longestStart>[0]): number =>
  Math.max(STARTING_MS, longestStart(c));
