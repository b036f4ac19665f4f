import {
  type Absent,
  type Checkpoint,
  type Checkpoints,
  given,
  type JobState,
  type Off,
} from "../../model/flink-jobs.ts";
import type { ChangeTarget } from "../../model/target.ts";
import type { Context } from "../../model/operation.ts";
import { optional } from "../../model/optional.ts";
import { code, type Text, t } from "../../model/text.ts";
import { ago, beforeAsked, bytes, duration } from "../../model/units.ts";
import type { RestorableState } from "../../model/knowledge.ts";

/** A job's newest checkpoint. If Flink lists none, that means "none" only for a job that runs. */
export type Newest =
  | { is: "listed"; checkpoint: Checkpoint }
  /** Flink lists none right now. The job cache has seen this one, and there may be a newer one. */
  | { is: "cached"; state: RestorableState }
  | { is: "none" }
  /** The job takes no checkpoints. */
  | { is: "off" }
  | { is: "unknown" };

/**
 * `read`: Flink's answer about its checkpoints; null: no answer. Flink lists none, even if there are some, while the
 * adaptive scheduler waits for slots, while a job is initialized, and after a fail-over.
 */
export async function newestCheckpoint(
  c: Context<unknown>,
  read: Checkpoints | Off | Absent | null,
  state: JobState | null,
): Promise<Newest> {
  const listed = read === null ? null : given(read);
  if (listed?.latestCompleted != null) return { is: "listed", checkpoint: listed.latestCompleted };
  // while a job is INITIALIZING, Flink answers this for every job
  if (read === "off" && state !== null && state !== "INITIALIZING") return { is: "off" };
  const cached = newestOf(await knownStates(c, c.target.jobId), "checkpoint");
  if (cached !== null) return { is: "cached", state: cached };
  if (listed === null) return { is: "unknown" };
  return state === "RUNNING" || !isEmpty(listed) ? { is: "none" } : { is: "unknown" };
}

/** Nothing has been counted. For a job that does not run, that means "not known yet". */
export const isEmpty = (c: Checkpoints): boolean =>
  c.completed === 0 &&
  c.failed === 0 &&
  c.inProgress === 0 &&
  c.history.length === 0 &&
  c.latestRestored === null;

/** States of exactly this job, from the job cache and from flinkops' own records. */
export const knownStates = async (
  { known, target }: Context<unknown, ChangeTarget>,
  jobId: string,
): Promise<readonly RestorableState[]> =>
  (await known.restorable.of(`${target.cluster}/${jobId}`)).filter((s) => s.jobId === jobId);

function newestOf(
  states: readonly RestorableState[],
  kind: "checkpoint" | "savepoint",
): RestorableState | null {
  const [newest] = states
    .filter((s) => s.isSavepoint === (kind === "savepoint") && s.drained !== true)
    .toSorted((a, z) => z.at - a.at);
  return newest ?? null;
}

/** A line about a cached checkpoint, for a report; `now` by Redis's clock, like the times of states. */
export const cachedWords = (state: RestorableState, now: number): Text =>
  t`Last known checkpoint ${ago(state.at, now)}: ${code(state.path)}. Flink lists none at the moment; there may be a newer one.`;

/** What would be left of the job's state if the job ended now. */
export interface LastCheckpoint {
  path: string | null;
  /** Whether Flink retains it when the job is cancelled. */
  retained: boolean;
  /** A description for the details of a card. */
  words: Text;
  /** What a cancel would lose, for the approver. */
  losses: readonly Text[];
}

/** An optional part of a card: facts that cannot be read are worded as unknown, and no Flink error is thrown. */
export async function lastCheckpoint(c: Context<unknown>): Promise<LastCheckpoint> {
  const { jobId } = c.target;
  const [seen, config, read] = await Promise.all([
    optional(c.flink.decoration.job(jobId)),
    optional(c.flink.decoration.checkpointConfig(jobId)),
    optional(c.flink.decoration.checkpoints(jobId)),
  ]);
  const job = seen === null ? null : given(seen);
  const now = job?.now ?? null;
  const newest = await newestCheckpoint(c, read, job?.state ?? null);
  const older = await olderState(c, read);
  switch (newest.is) {
    case "listed": {
      const { path, sizeBytes, endToEndMs } = newest.checkpoint;
      const age = beforeAsked(doneAt(newest.checkpoint), now);
      const took = endToEndMs === null ? "" : `, took ${duration(endToEndMs)}`;
      const retained = config !== null && given(config)?.retainedOnCancel === true && path !== null;
      return {
        path,
        retained,
        words: t`Last checkpoint ${age}: ${bytes(sizeBytes)}${took}.`,
        losses: [
          retained
            ? again(t`the last checkpoint (${age})`, path)
            : goesWithIt(t`the last checkpoint (${age})`, older),
        ],
      };
    }
    case "cached": {
      const { at, path, kept } = newest.state;
      const then = beforeAsked(at, c.now);
      const age = t`last known: ${then}`;
      const retained = kept === "retained";
      const losses = retained
        ? [again(t`its last checkpoint (${age}; there may be a newer one)`, path)]
        : [goesWithIt(t`its checkpoints (${age})`, older)];
      return {
        path,
        retained,
        words: t`Last known checkpoint ${then}: ${code(path)}. Flink listed none then; there may be a newer one.`,
        losses,
      };
    }
    case "off":
      return without("It takes no checkpoints.", older, NONE);
    case "none": {
      const takesNone = config !== null && given(config)?.intervalMs == null;
      return without(
        takesNone ? "It takes no checkpoints." : "It had no completed checkpoint when this was asked.",
        older,
        NONE,
      );
    }
    case "unknown": {
      const words = t`Its checkpoints were unknown when this was asked: Flink listed none${job === null ? "" : ` while the job was ${job.state}`}.`;
      return without(words, older, t`Possibly all of its state. ${words}`);
    }
  }
}

const NONE: Text = "All of its state: there is no checkpoint to resume from.";

const without = (words: Text, older: Older | null, loss: Text): LastCheckpoint => ({
  path: null,
  retained: false,
  words,
  losses: [older === null ? loss : again(older.since, older.path)],
});

const again = (since: Text, path: string): Text =>
  t`Work since ${since} is repeated when the job is resumed from ${code(path)}.`;

const goesWithIt = (what: Text, older: Older | null): Text =>
  older === null
    ? t`All of its state: Flink deletes ${what} with the job.`
    : t`Flink deletes ${what} with the job. ${again(older.since, older.path)}`;

/** Older state that outlives the job. */
interface Older {
  since: Text;
  path: string;
}

/** A savepoint of the job, or else the state that it was started from; null: neither is known. */
async function olderState(
  c: Context<unknown>,
  read: Checkpoints | Off | Absent | null,
): Promise<Older | null> {
  const savepoint = newestOf(await knownStates(c, c.target.jobId), "savepoint");
  if (savepoint !== null) return { since: t`its savepoint of ${{ at: savepoint.at }}`, path: savepoint.path };
  const restored = read === null ? null : (given(read)?.latestRestored ?? null);
  return restored?.isSavepoint === true && restored.path !== null
    ? { since: "it was started", path: restored.path }
    : null;
}

/** When it was completed, ms by Flink's clock. */
export const doneAt = (c: Checkpoint): number => c.triggeredAt + (c.endToEndMs ?? 0);
