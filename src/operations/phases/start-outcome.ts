import {
  type CheckpointConfig,
  type Checkpoints,
  given,
  type JobDetail,
  type JobException,
  type JobState,
  type Sighting,
} from "../../model/flink-jobs.ts";
import { cause } from "../wording/exception.ts";
import { shown, slotsNeeded, type Tasks, tasksOf, tasksUp } from "../wording/job.ts";
import { isEmpty, knownStates } from "../facts/last-checkpoint.ts";
import type { ChangeTarget } from "../../model/target.ts";
import type { PhaseContext } from "../../model/operation.ts";
import { optional } from "../../model/optional.ts";
import { SILENCE_MS } from "./unreachable.ts";
import { firstCheckpoint, isAwaited, steadyMs, TELLING_MS } from "./steady.ts";
import { b, code, type Text, t } from "../../model/text.ts";
import { count, duration, minutes } from "../../model/units.ts";

/** The condition of a job that was just started. */
export type Started =
  | { is: "pending"; note: Text; progress?: readonly [done: number, of: number] }
  /**
   * Every task runs, a checkpoint is complete if one was awaited, and both have lasted; or the job is already
   * FINISHED.
   */
  | { is: "healthy"; lines: readonly Text[]; state: JobState }
  /**
   * `completed`: how many checkpoints it has completed. From the first one on, its sinks have committed. Null: not
   * known.
   */
  | {
      is: "unhealthy";
      /** The newest exception first. */
      why: readonly Text[];
      completed: number | null;
      ended: JobState | null;
      /** The state to start from does not exist. */
      missing: boolean;
    }
  | { is: "unknown"; why: Text };

type Phase = PhaseContext<unknown, ChangeTarget>;

/** What Flink shows about the job; null: Flink does not show it. */
interface Live {
  job: JobDetail | null;
  checkpoints: Checkpoints | null;
  /** Null: the job takes no periodic checkpoints, none is awaited, or the configuration could not be read. */
  config: CheckpointConfig | null;
  failures: readonly JobException[];
  /** Everything needed to call the job healthy could be read. */
  isWhole: boolean;
}

/**
 * Reads the status once. `wants`: whether to wait for a completed checkpoint too. A job that is well for a moment may
 * be failing again and again, so it has to stay well for some seconds. Throws only FlinkUnexpected and FlinkRefused,
 * from the sighting.
 */
export const readStart = async (c: Phase, jobId: string, wants: "tasks" | "checkpoint"): Promise<Started> =>
  (await readStarted(c, jobId, { wants, failures: 1 })).started;

/** The same with what was read for it. */
export type ReadStart = Pick<Live, "job" | "failures"> & { started: Started };

/** `failures`: how many of its newest exceptions are read. */
export async function readStarted(
  c: Phase,
  jobId: string,
  { wants, failures }: { wants: "tasks" | "checkpoint"; failures: number },
): Promise<ReadStart> {
  const seen = await c.flink.sighting(jobId);
  if (seen.is === "unanswered" || seen.is === "absent") return unread(unseen(c, jobId, seen));
  const { state } = seen;
  if (state === "FINISHED")
    return unread({ is: "healthy", lines: ["It has completed its work and is FINISHED."], state });
  const live = await readLive(c, jobId, { wants, failures });
  const started =
    seen.is === "ended" ? await endedAs(c, { jobId, state }, live) : await alive(c, { jobId, state }, live);
  return { started, job: live.job, failures: live.failures };
}

const unread = (started: Started): ReadStart => ({ started, job: null, failures: [] });

function unseen(c: Phase, jobId: string, seen: Extract<Sighting, { is: "unanswered" | "absent" }>): Started {
  if (seen.is === "unanswered")
    return seen.forMs > SILENCE_MS
      ? { is: "unknown", why: "Flink no longer answers" }
      : { is: "pending", note: "Flink does not answer; still asking" };
  return seen.forMs > c.known.settings.absentFor
    ? { is: "unknown", why: t`Flink does not list job ${code(jobId)}` }
    : { is: "pending", note: "Flink does not list the job at the moment" };
}

async function endedAs(
  c: Phase,
  { jobId, state }: { jobId: string; state: JobState },
  live: Live,
): Promise<Started> {
  const reason = state === "FAILED" ? await optional(c.flink.failure(jobId)) : null;
  return {
    is: "unhealthy",
    why: whyEnded(state, reason),
    completed: await completedOf(c, jobId, { checkpoints: live.checkpoints, failures: failuresOf(live) }),
    ended: state,
    // flink-runtime, AbstractFsCheckpointStorageAccess.resolveCheckpointPointer
    missing: /Cannot find (?:checkpoint or savepoint|meta data) file/u.test(reason ?? ""),
  };
}

async function readLive(
  c: Phase,
  jobId: string,
  { wants, failures: most }: { wants: "tasks" | "checkpoint"; failures: number },
): Promise<Live> {
  const [job, checkpoints, config, failures] = await Promise.all([
    optional(c.flink.job(jobId)),
    optional(c.flink.checkpoints(jobId)),
    wants === "checkpoint" ? optional(c.flink.checkpointConfig(jobId)) : ("off" as const),
    optional(c.flink.exceptions(jobId, most)),
  ]);
  const isPeriodic = config !== null && config !== "off" && config !== "absent" && config.intervalMs !== null;
  return {
    job: job === null ? null : given(job),
    checkpoints: checkpoints === null ? null : given(checkpoints),
    config: isPeriodic ? config : null,
    failures: failures ?? [],
    isWhole: job !== null && config !== null && failures !== null && (checkpoints !== null || !isPeriodic),
  };
}

async function alive(
  c: Phase,
  { jobId, state }: { jobId: string; state: JobState },
  live: Live,
): Promise<Started> {
  const { job, config, isWhole } = live;
  const { settings } = c.known;
  const waited = c.now - c.enteredAt;
  const tasks = tasksOf(job?.vertices ?? []);
  const isUp =
    state === "RUNNING" &&
    job?.state === "RUNNING" &&
    tasks.total > 0 &&
    tasks.running + tasks.finished === tasks.total;
  const failed = failedSince(job, live.failures, waited);
  const up = isUp && isWhole ? job : null;
  const since = up === null ? null : disturbedAt(up, live);
  const quietFrom = since === null || config === null ? since : firstCheckpoint(live.checkpoints, since);
  const steady = steadyMs(settings.steadyFor, failed === null ? (config?.intervalMs ?? 0) : Infinity);
  if (up !== null && quietFrom !== null) {
    const left = steady - (up.now - quietFrom);
    return left <= 0
      ? { is: "healthy", lines: wellWords(waited, failed, { checkpointed: config !== null }), state }
      : { is: "pending", note: settling({ checkpointed: config !== null, steady }) };
  }
  const look = { jobId, state, tasks, isUp, failed, waited };
  const pending: Started = { is: "pending", ...underWay(look) };
  if (waited <= settings.healthyWithin) return pending;
  // a job whose checkpoints take long is not unhealthy for that reason
  const awaited = { ...live, since: since ?? 0, now: job?.now ?? 0 };
  const mayCome = since !== null && failed === null && (await isAwaited(c, jobId, awaited));
  if (mayCome) return pending;
  const completed = await completedOf(c, jobId, {
    checkpoints: live.checkpoints,
    failures: failuresOf(live),
  });
  if (completed === null && waited <= settings.healthyWithin + TELLING_MS) return pending;
  return {
    is: "unhealthy",
    why: await whyNot(c, live, look),
    completed,
    ended: null,
    missing: false,
  };
}

/** When the job was last started, restored or failed, or last changed its state; ms by Flink's clock. */
const disturbedAt = (job: JobDetail, { checkpoints, failures }: Live): number =>
  Math.max(job.startedAt, job.stateSince ?? 0, failures[0]?.at ?? 0, checkpoints?.latestRestored?.at ?? 0);

/** The newest failure since the phase began; null: none is known. */
const failedSince = (
  job: JobDetail | null,
  [newest]: readonly JobException[],
  waited: number,
): JobException | null =>
  newest !== undefined && (job === null || newest.at >= job.now - waited) ? newest : null;

/** Null: not everything could be read, so the list may be incomplete. */
const failuresOf = ({ isWhole, failures }: Live): readonly JobException[] | null =>
  isWhole ? failures : null;

/**
 * How many checkpoints a job has completed; null: not known. Flink shows none, even if there are some, while it
 * brings a job up and after the job was cancelled meanwhile. So an empty answer counts only if the job has never
 * failed. `checkpoints` and `failures`: as read; null: they could not be read.
 */
export async function completedOf(
  c: Phase,
  jobId: string,
  { checkpoints, failures }: { checkpoints: Checkpoints | null; failures: readonly JobException[] | null },
): Promise<number | null> {
  if (checkpoints === null) return null;
  if (!isEmpty(checkpoints)) return checkpoints.completed;
  const known = (await knownStates(c, jobId)).filter((s) => !s.isSavepoint);
  if (known.length > 0) return known.length;
  return failures?.length === 0 ? 0 : null;
}

/** What was seen of the job at one moment. */
interface Glimpse {
  jobId: string;
  state: JobState;
  tasks: Tasks;
  isUp: boolean;
  failed: JobException | null;
  waited: number;
}

function underWay({
  state,
  tasks,
  isUp,
  failed,
  waited,
}: Glimpse): Omit<Extract<Started, { is: "pending" }>, "is"> {
  const long = minutes(waited) === "0 ms" ? "" : ` (${minutes(waited)})`;
  const why: Text = failed === null ? "" : t`. It failed: ${cause(failed)}`;
  if (isUp) return { note: t`Every task runs; waiting for its first checkpoint${long}${why}` };
  const doing =
    state === "INITIALIZING" ? "The JobManager is preparing the job" : "Flink is starting the tasks";
  const how: Text = failed !== null ? t`: ${cause(failed)}` : tasks.total > 0 ? `: ${tasksUp(tasks)}` : "";
  return {
    note: t`${doing} (${state})${how}${long}`,
    ...(tasks.total > 0 ? { progress: [tasks.running + tasks.finished, tasks.total] as const } : {}),
  };
}

const settling = ({ checkpointed, steady }: { checkpointed: boolean; steady: number }): Text =>
  `Every task runs${checkpointed ? " and a checkpoint is complete" : ""}; checking that it stays healthy for ${duration(steady)}`;

const wellWords = (
  waited: number,
  failed: JobException | null,
  { checkpointed }: { checkpointed: boolean },
): readonly Text[] => [
  `Every task was running after ${duration(waited)}${checkpointed ? ", and a checkpoint is complete" : ""}.`,
  ...(failed === null ? [] : [t`Before that it failed: ${cause(failed)}`]),
];

/** Flink's own reason. If the state does not fit the program, also the option that would help and was not applied. */
function whyEnded(state: JobState, failure: string | null): readonly Text[] {
  if (state === "CANCELED") return [t`Someone cancelled it: it is ${b(state)}.`];
  const reason = failure ?? "Flink gave no reason.";
  // flink-runtime, Checkpoints.loadAndValidateCheckpoint
  const unfit = /Cannot map checkpoint\/savepoint state/u.test(reason);
  return [
    t`It is ${b(state)}. Flink reports: ${shown(reason, 600)}`,
    ...(unfit
      ? [
          t`The state does not fit the program. ${code("--allow-non-restored-state")} would leave out the state that does not fit; it was not used.`,
        ]
      : []),
  ];
}

/** Flink keeps `web.exception-history-size`, 16 unless configured. */
const MOST_FAILURES = 16;

async function whyNot(
  c: Phase,
  { job, checkpoints, isWhole }: Live,
  { jobId, state, tasks, isUp, failed, waited }: Glimpse,
): Promise<readonly Text[]> {
  const [all, caps] = await Promise.all([
    failed === null ? null : optional(c.flink.exceptions(jobId, MOST_FAILURES)),
    optional(c.flink.capabilities()),
  ]);
  const times = (all ?? []).filter((e) => job === null || e.at >= job.now - waited).length;
  const often = times > 1 ? ` (${times === MOST_FAILURES ? "at least " : ""}${times} failures)` : "";
  const bad = checkpoints?.latestFailed ?? null;
  const slots = job === null || caps === null || failed !== null ? null : slotsNeeded(job.vertices);
  return [
    ...(failed === null ? [] : [t`${cause(failed)}${often}`]),
    isUp
      ? "Every task runs, but no checkpoint has completed."
      : t`It is ${b(state)}: ${tasksUp(tasks)} after ${duration(waited)}.`,
    ...(isUp && bad !== null
      ? [t`The latest checkpoint failed: ${shown(bad.failure ?? "no reason given", 300)}`]
      : []),
    ...(isUp || slots === null || caps === null
      ? []
      : [`It needs ${count(slots, "slot")}; ${caps.slotsFree} of ${caps.slotsTotal} are free.`]),
    ...(isWhole ? [] : ["Flink did not answer all questions about it."]),
  ];
}
