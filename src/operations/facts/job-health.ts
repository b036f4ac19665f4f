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
import { optional } from "./optional.ts";
import { b, type Text, t } from "../../model/text.ts";
import { count } from "../../model/units.ts";
import { vertexLoads } from "./vertex-load.ts";

/** A moment in a job's life, to compare a later one with. Times by Flink's clock, ms; null: kept by an earlier version. */
export interface Moment {
  at: number | null;
  startedAt: number | null;
  /** Out of its sources; null where Flink has no figures (yet). */
  recordsPerSecond: number | null;
}

/**
 * How a job does. What is counted since a moment is counted by the times that Flink gives, and not by its metrics: those are
 * up to ten seconds old, and a restart of which the operation itself consists would be among them.
 */
export interface Health extends Moment {
  at: number;
  startedAt: number;
  state: JobState;
  tasksMissing: number;
  /** Newest first, as many as Flink keeps. */
  failures: readonly JobException[];
  /** Null: it takes none, or that cannot be read. */
  checkpoints: Checkpoints | null;
}

/** Flink keeps `web.exception-history-size`, 16 unless configured. */
const MOST_FAILURES = 16;
/** More sources than this are not asked one by one. */
const MOST_VERTICES = 20;
/** A change that leaves less than this of the throughput has made it worse. */
const WORSE = 0.5;

/** Null: Flink does not list the job. Throws what FlinkReads throws. */
export async function healthOf(flink: FlinkReads, jobId: string): Promise<Health | null> {
  // the details may be some seconds old, the overview is not
  const [job, overview] = await Promise.all([flink.job(jobId), flink.overview()]);
  const row = overview.find((j) => j.jobId === jobId);
  if (job === "absent" || row === undefined) return null;
  const edges = await optional(flink.edges(jobId));
  const fed = new Set(edges?.map((e) => e.to) ?? []);
  const sources = edges === null ? [] : job.vertices.filter((v) => !fed.has(v.id));
  const [failures, checkpoints, loads] = await Promise.all([
    optional(flink.exceptions(jobId, MOST_FAILURES)),
    optional(flink.checkpoints(jobId)),
    optional(vertexLoads(flink, jobId, sources, MOST_VERTICES)),
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

/** To be kept with a request, and read back by `healthIn`. */
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
 * One line: what became of it. `before`: before the change; `after`: when it was just done. Either may be missing. Failures
 * and checkpoints are counted since `after`, records compared with `before`.
 */
export function compared(
  now: Health | null,
  before: Moment | null,
  after: Moment | null,
): { line: Text; worse: boolean } {
  if (now === null) return { line: "Flink does not list the job any more.", worse: true };
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
    ...(anew ? ["Flink started it anew, as after a fail-over"] : []),
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

/** Flink lists the newest ten or so. */
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
