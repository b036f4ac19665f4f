import { entryOf } from "../../model/catalog.ts";
import { parseSavepointDirectory } from "../../model/savepoint-path.ts";
import { plainPath } from "../../model/state-path.ts";
import { isBatch, isTerminal, type JobDetail } from "../../model/flink-jobs.ts";
import { gone, named } from "../wording/job.ts";
import type { Context } from "../../model/operation.ts";
import type { Json } from "../../model/json.ts";
import type { Offer, Refusal } from "../../model/report.ts";
import { type Text, t } from "../../model/text.ts";
import { count } from "../../model/units.ts";

/** Everything that must be known before a savepoint is requested. */
export interface SavepointPlan {
  job: JobDetail;
  /** A subdirectory of the chosen directory, named after the request, so that the savepoint can be found by it. */
  directory: string;
  warnings: readonly Text[];
  /** For later phases. `planned` reads them back. */
  facts: { readonly [key: string]: Json };
}

/** The part of the plan that later phases need. Times in ms by Flink's clock. */
export interface Planned {
  directory: string;
  startTime: number;
  flinkNow: number;
}

/**
 * Reads the cluster. A refusal says what to do instead, and offers `otherwise` for a job that takes no savepoints at
 * all. Throws what FlinkReads throws.
 */
export async function planSavepoint(
  c: Context<{ directory?: string | undefined }>,
  otherwise: readonly Offer[] = [],
): Promise<SavepointPlan | Refusal> {
  const job = await c.flink.job(c.target.jobId);
  if (job === "absent" || isTerminal(job.state)) return gone(c.target);
  if (isBatch(job))
    return {
      refuse: t`${named(c.target)} is a batch job; Flink takes no savepoints of batch jobs.`,
      offers: otherwise,
    };
  const { cluster, name } = c.target;
  const catalogued = entryOf(c.known.catalogue, cluster, name)?.savepointDirectory ?? null;
  const base = await baseDirectory(c, catalogued);
  if ("refuse" in base) return base;
  const directory = `${base.ok.replace(/\/+$/u, "")}/${c.requestId}`;
  return {
    job,
    directory,
    warnings: notAllRunning(job),
    facts: { directory, startTime: job.startedAt, flinkNow: job.now },
  };
}

/** Reads back the facts that `planSavepoint` stored in the intent. */
export function planned(facts: { readonly [key: string]: Json }): Planned {
  const { directory, startTime, flinkNow } = facts;
  return {
    directory: typeof directory === "string" ? directory : "",
    startTime: Number(startTime),
    flinkNow: Number(flinkNow),
  };
}

async function baseDirectory(
  { flink, known, args, target }: Context<{ directory?: string | undefined }>,
  catalogued: string | null,
): Promise<{ ok: string } | Refusal> {
  if (args.directory !== undefined) {
    const fileSystem = await known.restorable.fileSystem(target.cluster);
    const parsed = parseSavepointDirectory(args.directory, { roots: flink.savepointRoots, fileSystem });
    return "ok" in parsed ? parsed : { refuse: t`This directory cannot be used: ${parsed.problem}.` };
  }
  if (catalogued !== null) return { ok: catalogued };
  const own = await flink.savepointDirectory();
  if (own !== null && own !== "") return { ok: plainPath(own) };
  return {
    refuse: `${flink.cluster} has no default directory for savepoints.`,
    instead: [
      flink.savepointRoots.length > 0
        ? t`Add a directory after the job; it must be below ${flink.savepointRoots.join(" or ")}.`
        : "Set execution.checkpointing.savepoint-dir in Flink, or savepointRoots of this cluster in the configuration.",
    ],
  };
}

/**
 * Flink refuses a savepoint while a task is not running. The refusal changes nothing, so this is only a warning, and
 * the job's details are recent enough even if they are some seconds old. The list of all jobs would be large on a
 * busy cluster.
 */
function notAllRunning({ vertices }: JobDetail): readonly Text[] {
  const total = vertices.reduce((sum, v) => sum + v.tasksTotal, 0);
  const missing = vertices.reduce((sum, v) => sum + v.tasksTotal - v.tasksRunning - v.tasksFinished, 0);
  return missing > 0
    ? [
        t`When this was asked, ${count(missing, "task")} of ${total} did not run; Flink takes a savepoint only if all tasks run.`,
      ]
    : [];
}
