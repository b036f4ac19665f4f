import { z } from "zod";
import {
  type Checkpoints,
  given,
  isTerminal,
  type JobException,
  type JobState,
} from "../../model/flink-jobs.ts";
import type { FlinkReads } from "../../model/flink-reads.ts";
import { cause } from "../wording/exception.ts";
import { doneAt } from "./last-checkpoint.ts";
import { rate } from "../wording/metric.ts";
import type { Json } from "../../model/json.ts";
import { optional } from "../../model/optional.ts";
import { b, type Text, t } from "../../model/text.ts";
import { count } from "../../model/units.ts";
import { vertexLoads } from "./vertex-load.ts";

/**
 * A moment in a job's life, to compare later ones with. Times by Flink's clock, ms; null: stored by an earlier
 * version.
 */
export interface Moment {
  at: number | null;
  startedAt: number | null;
  /** Records per second out of its sources; null if Flink has no figures, or not yet. */
  recordsPerSecond: number | null;
}

/**
 * The health of a job. Events since a moment are counted by Flink's timestamps and not by its metrics. Metrics are up
 * to ten seconds old, and would include a restart that the operation itself causes.
 */
export interface Health extends Moment {
  at: number;
  startedAt: number;
  state: JobState;
  tasksMissing: number;
  /** Newest first, as many as Flink keeps. */
  failures: readonly JobException[];
  /** Null: the job takes none, or they cannot be read. */
  checkpoints: Checkpoints | null;
}

/** Flink keeps `web.exception-history-size`, 16 unless configured. */
const MOST_FAILURES = 16;
/** For more sources than this, load is read only for the first ones. */
const MOST_VERTICES = 20;
/** If less than this share of the throughput is left, the change has made things worse. */
const WORSE = 0.5;

/** Null: Flink does not list the job. Throws what FlinkReads throws. */
export async function healthOf(flink: FlinkReads, jobId: string): Promise<Health | null> {
  // the job's details may be a few seconds old, the overview is current
  const [job, overview] = await Promise.all([flink.job(jobId), flink.overview()]);
  const row = overview.find((j) => j.jobId === jobId);
  if (job === "absent" || row === undefined) return null;
  const edges = await optional(flink.edges(jobId));
  const fed = new Set(edges?.map((e) => e.to) ?? []);
  const sources = edges === null ? [] : job.vertices.filter((v) => !fed.has(v.id));
  const [failures, checkpoints, loads] = await Promise.all([
    optional(flink.exceptions(jobId, MOST_FAILURES)),
    optional(flink.checkpoints(jobId)),
    optional(vertexLoads(flink, jobId, { vertices: sources, most: MOST_VERTICES })),
  ]);
  const out = (loads ?? []).flatMap((l) => (l.recordsOut === null ? [] : [l.recordsOut.sum]));
  return {
    at: job.now,
    startedAt: row.startedAt,
    state: row.state,
    tasksMissing: row.tasks.total - row.tasks.running - row.tasks.finished,
    failures: failures ?? [],
    checkpoints: checkpoints === null ? null : given(checkpoints),
    recordsPerSecond: out.length === 0 ? null : out.reduce((a, x) => a + x, 0),
  };
}

/** The health as a fact to store with a request. `healthIn` reads it back. */
export const healthFacts = (health: Health | null): Json =>
  health === null
    ? null
    : { at: health.at, startedAt: health.startedAt, recordsPerSecond: health.recordsPerSecond };

const kept = z.object({
  at: z.number().nullable().catch(null),
  startedAt: z.number().nullable().catch(null),
  recordsPerSecond: z.number().nullable().catch(null),
});

export const healthIn = (facts: Json | undefined): Moment | null => kept.safeParse(facts).data ?? null;

/**
 * One line that compares the job's health with earlier moments. `before`: before the change; `after`: right after it.
 * Either may be missing. Failures and checkpoints are counted since `after`, records are compared with `before`.
 */
export function compared(
  now: Health | null,
  before: Moment | null,
  after: Moment | null,
): { line: Text; worse: boolean } {
  if (now === null) return { line: "Flink no longer lists the job.", worse: true };
  if (isTerminal(now.state))
    return { line: t`the job has ended: ${b(now.state)}.`, worse: now.state === "FAILED" };
  const since = after?.at ?? null;
  const failures = since === null ? [] : now.failures.filter((e) => e.at > since);
  const anew = after !== null && after.startedAt !== null && after.startedAt !== now.startedAt;
  const checkpoints = since === null || now.checkpoints === null ? null : taken(now.checkpoints, since);
  const [rateNow, rateBefore] = [now.recordsPerSecond, before?.recordsPerSecond ?? null];
  const slow = rateNow !== null && rateBefore !== null && rateNow < rateBefore * WORSE;
  const runs = now.state === "RUNNING" && now.tasksMissing === 0;
  const parts: readonly Text[] = [
    runs ? "every task runs" : `${now.state}, ${count(now.tasksMissing, "task")} missing`,
    ...(anew ? ["Flink restarted it, as after a fail-over"] : []),
    ...(checkpoints === null ? [] : [checkpoints.words]),
    ...(since === null ? [] : [failed(failures)]),
    ...(rateNow === null
      ? []
      : [`${rate(rateNow)} out of its sources${rateBefore === null ? "" : ` (${rate(rateBefore)} before)`}`]),
  ];
  const worse = !runs || anew || failures.length > 0 || checkpoints?.worse === true || slow;
  return { line: t`${parts.reduce((line, part) => t`${line}, ${part}`)}.`, worse };
}

function failed(failures: readonly JobException[]): Text {
  const [newest] = failures;
  if (newest === undefined) return "0 failures";
  const least = failures.length === MOST_FAILURES ? "at least " : "";
  return t`${least}${count(failures.length, "failure")} (${cause(newest)})`;
}

/** Checkpoints since a time. Flink lists only the newest (`web.checkpoints.history`, 10), so there may be more. */
function taken(c: Checkpoints, since: number): { words: string; worse: boolean } {
  const completed = c.history.filter((e) => e.kind === "completed" && doneAt(e) > since).length;
  const failures = c.history.filter((e) => e.kind === "failed" && e.triggeredAt > since).length;
  const isCut =
    c.completed + c.failed + c.inProgress > c.history.length && c.history.every((e) => e.triggeredAt > since);
  return {
    words: `${isCut ? `${completed} or more checkpoints` : count(completed, "checkpoint")} since${failures > 0 ? `, ${failures} failed` : ""}`,
    worse: failures > completed,
  };
}
