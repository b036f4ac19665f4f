import {
  type Edge,
  type CheckpointConfig,
  type Checkpoints,
  given,
  type JobDetail,
  type JobException,
  type JobSummary,
  type Requirements,
} from "../../model/flink-jobs.ts";
import type { Capabilities } from "../../model/flink-cluster.ts";
import { runningOf } from "../../model/ended-job.ts";
import { entryOf } from "../../model/catalog.ts";
import { type Newest, newestCheckpoint } from "../facts/last-checkpoint.ts";
import { vertexNames } from "../wording/names.ts";
import type { Context } from "../../model/operation.ts";
import { optional } from "../../model/optional.ts";
import { type TaskManagerFacts, taskManagersOf } from "../facts/task-managers.ts";
import { type VertexLoad, vertexLoads } from "../facts/vertex-load.ts";

/** Flink keeps `web.exception-history-size`, 16 unless configured. */
export const EXCEPTIONS_KEPT = 16;
/** For more vertices than this, load is read only for the first ones. */
const MOST_VERTICES = 200;

/** The facts that the rules check, read once. */
export interface Facts {
  /** By Flink's clock. */
  now: number;
  job: JobDetail;
  /** The displayed name of each vertex, by its id. */
  names: ReadonlyMap<string, string>;
  /** Uncached, unlike the job's details. */
  tasks: JobSummary["tasks"];
  restarts: number | null;
  /** Newest first. */
  exceptions: readonly JobException[];
  /** Why the job FAILED, if it has no exceptions because it failed before it had tasks. */
  failure: string | null;
  /** Null: checkpointing is off, or the checkpoints are not known. */
  checkpoints: Checkpoints | null;
  /** Also by Flink's clock. */
  newest: Newest;
  /** `off`: the job has no checkpointing. Null: not known. */
  config: CheckpointConfig | "off" | null;
  loads: readonly VertexLoad[];
  edges: readonly Edge[];
  /** Null: parallelism cannot be changed in place. */
  requirements: Requirements | null;
  /** Null: not known. */
  cluster: Capabilities | null;
  taskManagers: readonly TaskManagerFacts[];
  /** The catalog has the job, and no other job of its name runs. */
  canResume: boolean;
}

/**
 * Null: Flink does not list the job. Facts that a rule can do without may be missing, since Flink refuses most reads
 * while a job is INITIALIZING. Throws what FlinkReads throws.
 */
export async function gatherFacts(c: Context<unknown>): Promise<Facts | null> {
  const { flink, target, known } = c;
  const { cluster: where, jobId } = target;
  const [overview, cached] = await Promise.all([flink.overview(), flink.job(jobId)]);
  const row = overview.find((j) => j.jobId === jobId);
  if (row === undefined || cached === "absent") return null;
  const job = {
    ...cached,
    state: row.state,
    stateSince: row.state === cached.state ? cached.stateSince : null,
  };
  const [metrics, exceptions, read, config, loads, edges, requirements, cluster, taskManagers] =
    await Promise.all([
      optional(flink.jobMetrics(jobId, ["numRestarts"])),
      optional(flink.exceptions(jobId, EXCEPTIONS_KEPT)),
      optional(flink.checkpoints(jobId)),
      optional(flink.checkpointConfig(jobId)),
      vertexLoads(flink, jobId, { vertices: job.vertices, most: MOST_VERTICES }),
      optional(flink.edges(jobId)),
      // Flink refuses this while the job is INITIALIZING or has ended, and no rule needs it then
      row.state === "RUNNING" || row.state === "CREATED" ? optional(flink.requirements(jobId)) : null,
      optional(flink.capabilities()),
      optional(taskManagersOf(flink)),
    ]);
  const restarts = metrics?.["numRestarts"];
  const untold = job.state === "FAILED" && (exceptions ?? []).length === 0;
  return {
    now: job.now,
    job,
    names: vertexNames(job.vertices),
    tasks: row.tasks,
    restarts: restarts === undefined ? null : Number(restarts),
    exceptions: exceptions ?? [],
    failure: untold ? await optional(flink.failure(jobId)) : null,
    checkpoints: read === null ? null : given(read),
    newest: byFlinksClock(await newestCheckpoint(c, read, job.state), job.now - c.now),
    config: config === "absent" ? null : config,
    loads,
    edges: edges ?? [],
    requirements: requirements?.is === "ok" ? requirements.vertices : null,
    cluster,
    taskManagers: taskManagers ?? [],
    canResume:
      entryOf(known.catalogue, where, job.name) !== null && runningOf(overview, job.name) === undefined,
  };
}

/** States from the job cache carry Redis's time; all other times here are Flink's, so this converts them. */
const byFlinksClock = (newest: Newest, shift: number): Newest =>
  newest.is === "cached" ? { ...newest, state: { ...newest.state, at: newest.state.at + shift } } : newest;
