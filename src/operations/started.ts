import { given, type JobDetail, type JobState } from "../flink/reads.ts";
import { cause } from "./exception-words.ts";
import { shown } from "./job-words.ts";
import type { ChangeTarget, PhaseContext } from "./operation.ts";
import { SILENCE_MS } from "./silence.ts";
import { b, code, type Text, t } from "./text.ts";
import { count, duration, minutes } from "./units.ts";

/** How a job does that was started a moment ago. */
export type Started =
  | { is: "pending"; note: Text; progress?: readonly [done: number, of: number] }
  /** Every task runs, and a checkpoint is complete where it was waited for; or it has done its work already. */
  | { is: "healthy"; lines: readonly Text[]; state: JobState }
  /** `completed`: how many checkpoints it has completed; from the first on its sinks have committed. */
  | {
      is: "unhealthy";
      why: readonly Text[];
      completed: number;
      ended: JobState | null;
      /** The state that it was to start from is not there. */
      missing: boolean;
    }
  | { is: "unknown"; why: Text };

type Phase = PhaseContext<unknown, ChangeTarget>;

/** Looks once. `wants`: whether a completed checkpoint is waited for, too. Throws what FlinkReads throws. */
export async function lookAtStarted(
  c: Phase,
  jobId: string,
  wants: "tasks" | "checkpoint",
): Promise<Started> {
  const seen = await c.flink.sighting(jobId);
  const waited = c.now - c.enteredAt;
  if (seen.is === "unanswered")
    return seen.forMs > SILENCE_MS
      ? { is: "unknown", why: "Flink does not answer any more" }
      : { is: "pending", note: "Flink does not answer; still asking" };
  if (seen.is === "absent")
    return seen.forMs > c.known.settings.absentFor
      ? { is: "unknown", why: t`Flink does not list job ${code(jobId)}` }
      : { is: "pending", note: "Flink does not list the job just now" };
  const { state } = seen;
  const checkpoints = given(await c.flink.checkpoints(jobId));
  const completed = checkpoints?.completed ?? 0;
  if (state === "FINISHED") return { is: "healthy", lines: ["It has done its work and is FINISHED."], state };
  if (seen.is === "ended") {
    const reason = state === "FAILED" ? await c.flink.failure(jobId) : null;
    return {
      is: "unhealthy",
      why: whyEnded(state, reason),
      completed,
      ended: state,
      // flink-runtime, AbstractFsCheckpointStorageAccess.resolveCheckpointPointer
      missing: /Cannot find (?:checkpoint or savepoint|meta data) file/u.test(reason ?? ""),
    };
  }
  const job = given(await c.flink.job(jobId));
  const tasks = tasksOf(job);
  const isRunning = state === "RUNNING" && job !== null && tasks.running === tasks.all && tasks.all > 0;
  const config = wants === "checkpoint" ? given(await c.flink.checkpointConfig(jobId)) : null;
  const isPeriodic = config !== null && config.intervalMs !== null;
  if (isRunning && (!isPeriodic || completed > 0)) {
    const seen = completed > 0 ? ", and a checkpoint is complete" : "";
    return { is: "healthy", lines: [`Every task runs after ${duration(waited)}${seen}.`], state };
  }
  if (waited > c.known.settings.healthyWithin)
    return {
      is: "unhealthy",
      why: await whyNot(c, jobId, state, tasks, isRunning),
      completed,
      ended: null,
      missing: false,
    };
  const long = minutes(waited) === "0 ms" ? "" : ` (${minutes(waited)})`;
  if (isRunning) return { is: "pending", note: `Every task runs; waiting for its first checkpoint${long}` };
  return {
    is: "pending",
    note: `Flink starts the tasks (${state}): ${tasks.running} of ${tasks.all} running${long}`,
    ...(tasks.all > 0 ? { progress: [tasks.running, tasks.all] as const } : {}),
  };
}

function tasksOf(job: JobDetail | null): { running: number; all: number } {
  const vertices = job?.vertices ?? [];
  return {
    running: vertices.reduce((n, v) => n + v.tasksRunning, 0),
    all: vertices.reduce((n, v) => n + v.parallelism, 0),
  };
}

/** Flink's own reason; of state that does not fit, what may be done about it, and was not. */
function whyEnded(state: JobState, failure: string | null): readonly Text[] {
  if (state === "CANCELED") return [t`Somebody cancelled it: it is ${b(state)}.`];
  const reason = failure ?? "Flink gave no reason.";
  // flink-runtime, Checkpoints.loadAndValidateCheckpoint
  const unfit = /Cannot map checkpoint\/savepoint state/u.test(reason);
  return [
    t`It is ${b(state)}. Flink says: ${shown(reason, 600)}`,
    ...(unfit
      ? [
          t`The state does not fit the program. ${code("--allow-non-restored-state")} would leave out what does not fit; it was not applied.`,
        ]
      : []),
  ];
}

async function whyNot(
  c: Phase,
  jobId: string,
  state: JobState,
  tasks: { running: number; all: number },
  isRunning: boolean,
): Promise<readonly Text[]> {
  const [[last], caps] = await Promise.all([c.flink.exceptions(jobId, 1), c.flink.capabilities()]);
  const missing = tasks.all - tasks.running;
  return [
    isRunning
      ? "Every task runs, but no checkpoint has completed."
      : t`It is ${b(state)}: ${tasks.running} of ${tasks.all} tasks run after ${duration(c.now - c.enteredAt)}.`,
    ...(missing > 0 && last === undefined
      ? [`${count(caps.slotsFree, "slot")} free of ${caps.slotsTotal}.`]
      : []),
    ...(last === undefined ? [] : [t`Last exception: ${cause(last)}`]),
  ];
}
