import type { Operation, SimulatedCluster } from "./cluster.ts";
import { type SimulatedCheckpoint, type SimulatedJob, subtasksOf } from "./job.ts";
import { TASK_MANAGER } from "./log.ts";
import { failureCause, failureStack } from "./words.ts";

/** Bodies of GET answers, in Flink's own spelling. */

const STATES = [
  "INITIALIZING",
  "CREATED",
  "RUNNING",
  "FAILING",
  "FAILED",
  "CANCELLING",
  "CANCELED",
  "FINISHED",
  "RESTARTING",
  "SUSPENDED",
  "RECONCILING",
];
const TASK_STATES = [
  "CREATED",
  "SCHEDULED",
  "DEPLOYING",
  "INITIALIZING",
  "RUNNING",
  "FINISHED",
  "CANCELING",
  "CANCELED",
  "FAILED",
  "RECONCILING",
];

/** Of which Flink, and when, ms. */
export interface Moment {
  version: string;
  now: number;
}

const duration = (job: SimulatedJob, now: number): number =>
  (job.endTime > 0 ? job.endTime : now) - job.startTime;

function taskState(job: SimulatedJob): string {
  if (!job.deployed) return "CREATED";
  if (job.tasksRunning) return "RUNNING";
  const ended: Record<string, string> = {
    FINISHED: "FINISHED",
    CANCELED: "CANCELED",
    CANCELLING: "CANCELING",
    FAILED: "FAILED",
  };
  return ended[job.state] ?? "SCHEDULED";
}

const counts = (state: string, n: number): Record<string, number> =>
  Object.fromEntries(TASK_STATES.map((s) => [s, s === state ? n : 0]));

export function overviewRow(job: SimulatedJob, { version, now }: Moment): unknown {
  const total = job.deployed ? subtasksOf(job) : 0;
  const tasks = Object.fromEntries(
    Object.entries(counts(taskState(job), total)).map(([s, n]) => [s.toLowerCase(), n]),
  );
  const since23 = version.startsWith("1.")
    ? {}
    : { "pending-operators": 0, jobType: job.jobType, schedulerType: job.scheduler };
  return {
    jid: job.jobId,
    name: job.name,
    "start-time": job.startTime,
    "end-time": job.endTime,
    duration: duration(job, now),
    state: job.state,
    "last-modification": Math.max(...Object.values(job.timestamps)),
    tasks: { total, ...tasks },
    ...since23,
  };
}

export function jobBody(job: SimulatedJob, { version, now }: Moment): unknown {
  const state = taskState(job);
  return {
    jid: job.jobId,
    name: job.name,
    isStoppable: false,
    state: job.state,
    "job-type": job.jobType,
    ...(version.startsWith("1.") ? {} : { schedulerType: job.scheduler, "pending-operators": 0 }),
    "start-time": job.startTime,
    "end-time": job.endTime,
    duration: duration(job, now),
    maxParallelism: -1,
    now: now,
    timestamps: Object.fromEntries(STATES.map((s) => [s, job.timestamps[s] ?? 0])),
    vertices: job.state === "INITIALIZING" ? [] : job.vertices.map((v) => vertexBody(job, v, { state, now })),
    "status-counts": counts(state, job.vertices.length),
    plan: {
      jid: job.jobId,
      name: job.name,
      type: job.jobType,
      nodes: job.planLength === 0 ? [] : [{ id: job.vertices[0]?.id, description: planText(job.planLength) }],
    },
  };
}

/** With what has to be escaped, and what closes and opens in vain. */
const planText = (length: number): string => '<br/>"}],{\\'.repeat(Math.ceil(length / 12)).slice(0, length);

function vertexBody(
  job: SimulatedJob,
  v: SimulatedJob["vertices"][number],
  { state, now }: { state: string; now: number },
): unknown {
  // waiting for slots, or failed before it got any, a vertex shows what it wants
  const parallelism = job.state === "CREATED" || !job.deployed ? v.upperBound : v.parallelism;
  return {
    id: v.id,
    slotSharingGroupId: job.jobId,
    name: v.name,
    maxParallelism: v.maxParallelism,
    parallelism,
    status: state,
    "start-time": job.startTime,
    "end-time": job.endTime,
    duration: duration(job, now),
    tasks: counts(state, job.deployed ? parallelism : 0),
    metrics: { "read-bytes": 0, "read-bytes-complete": true, "accumulated-busy-time": "NaN" },
  };
}

function checkpointBody(job: SimulatedJob, c: SimulatedCheckpoint, now: number): unknown {
  const elapsed = Math.min(1, (now - c.triggeredAt) / Math.max(1, c.expectedMs));
  const acknowledged =
    c.status === "completed" ? c.subtasks : Math.min(c.subtasks - 1, Math.floor(elapsed * c.subtasks));
  return {
    className: c.status,
    id: c.id,
    status: c.status.toUpperCase(),
    is_savepoint: c.type !== "CHECKPOINT",
    savepointFormat: c.type === "CHECKPOINT" ? null : "CANONICAL",
    trigger_timestamp: c.triggeredAt,
    latest_ack_timestamp: c.endedAt,
    checkpointed_size: 1024,
    state_size: job.vertices.reduce((sum, v) => sum + v.stateBytes, 0),
    end_to_end_duration: c.status === "in_progress" ? now - c.triggeredAt : c.endedAt - c.triggeredAt,
    alignment_buffered: 0,
    processed_data: 0,
    persisted_data: 0,
    num_subtasks: c.subtasks,
    num_acknowledged_subtasks: acknowledged,
    checkpoint_type: c.type,
    tasks: {},
    ...(c.status === "completed" ? { external_path: c.path, discarded: c.discarded } : {}),
    ...(c.status === "failed" ? { failure_timestamp: c.endedAt, failure_message: c.failure } : {}),
  };
}

export function checkpointsBody(job: SimulatedJob, now: number): unknown {
  const latest = (test: (c: SimulatedCheckpoint) => boolean): unknown => {
    const found = job.checkpoints.find(test);
    return found === undefined ? null : checkpointBody(job, found, now);
  };
  const inProgress = job.checkpoints.filter((c) => c.status === "in_progress").length;
  const { completed, failed } = job.checkpointCount;
  const restored = job.deployed ? job.restored : null;
  return {
    counts: {
      restored: restored?.times ?? 0,
      total: completed + failed + inProgress,
      in_progress: inProgress,
      completed,
      failed,
    },
    summary: {},
    latest: {
      completed: latest((c) => c.status === "completed" && c.type === "CHECKPOINT"),
      savepoint: latest((c) => c.status === "completed" && c.type !== "CHECKPOINT"),
      failed: latest((c) => c.status === "failed"),
      restored: restoredBody(restored),
    },
    history: job.checkpoints.slice(0, 10).map((c) => checkpointBody(job, c, now)),
  };
}

const restoredBody = (r: SimulatedJob["restored"]): unknown =>
  r === null
    ? null
    : { id: r.id, restore_timestamp: r.at, is_savepoint: r.isSavepoint, external_path: r.path };

export const checkpointConfigBody = (job: SimulatedJob): unknown => ({
  mode: "EXACTLY_ONCE",
  // Long.MAX_VALUE: no periodic checkpoints
  interval: job.checkpointing ? 5000 : Number("9223372036854775807"),
  timeout: 600_000,
  min_pause: 0,
  max_concurrent: 1,
  externalization: { enabled: job.retained, delete_on_cancellation: !job.retained },
  state_backend: "HashMapStateBackend",
});

export const exceptionsBody = (job: SimulatedJob, most: number): unknown => ({
  exceptionHistory: {
    entries: job.exceptions.slice(0, most).map((e) => ({
      exceptionName: "java.lang.RuntimeException",
      stacktrace: e.stack ?? failureStack(e.message),
      timestamp: e.at,
      failureLabels: {},
      taskName: e.task,
      endpoint: "localhost:40000",
      taskManagerId: TASK_MANAGER,
      concurrentExceptions: [],
    })),
    truncated: job.exceptions.length > most,
  },
});

export function metricsBody(job: SimulatedJob | undefined, names: readonly string[], now: number): unknown {
  if (job === undefined) return [];
  const last = job.checkpoints.find((c) => c.status === "completed");
  const all: Record<string, number | string> = {
    numRestarts: job.restarts,
    runningTime: duration(job, now),
    lastCheckpointSize: 4096,
    lastCheckpointDuration: last === undefined ? -1 : last.endedAt - last.triggeredAt,
    lastCheckpointCompletedTimestamp: last?.endedAt ?? -1,
  };
  if (names.length === 0) return Object.keys(all).map((id) => ({ id }));
  return names.filter((id) => id in all).map((id) => ({ id, value: String(all[id]) }));
}

export function operationBody(operation: Operation): unknown {
  if (operation.is === "in_progress") return { status: { id: "IN_PROGRESS" }, operation: null };
  const outcome =
    operation.is === "completed"
      ? { location: operation.location }
      : { "failure-cause": failureCause(operation.stack) };
  return { status: { id: "COMPLETED" }, operation: outcome };
}

export function settingsBody(cluster: SimulatedCluster): unknown {
  const { savepointDirectory, settings } = cluster.options;
  const all: Record<string, string> = {
    "jobmanager.scheduler": "adaptive",
    "rest.async.store-duration": `${cluster.timings.storeMs} ms`,
    ...(savepointDirectory === null ? {} : { "execution.checkpointing.savepoint-dir": savepointDirectory }),
    "s3.secret-key": "******",
    "web.tmpdir": cluster.tmpdir,
    ...settings,
  };
  return Object.entries(all).map(([key, value]) => ({ key, value }));
}
