import { type FlinkReads, given, isTerminal, type JobState, stateOf } from "../flink/reads.ts";
import type { Json } from "./operation.ts";
import { rate } from "./metric-units.ts";
import { b, type Text, t } from "./text.ts";
import { count } from "./units.ts";
import { vertexLoads } from "./vertex-load.ts";

/** Figures of a job at one moment, to be compared with those of another. */
export interface Health {
  state: JobState;
  tasksRunning: number;
  tasksTotal: number;
  completed: number;
  failed: number;
  restarts: number;
  /** Out of its sources; null where Flink has no figures (yet). */
  recordsPerSecond: number | null;
}

/** More sources than this are not asked one by one. */
const MOST_VERTICES = 20;
/** A change that leaves less than this of the throughput has made it worse. */
const WORSE = 0.5;

/** Null: Flink does not know the job. Throws what FlinkReads throws. */
export async function healthOf(flink: FlinkReads, jobId: string): Promise<Health | null> {
  const job = await flink.job(jobId);
  if (job === "absent") return null;
  const edges = await flink.edges(jobId);
  const fed = new Set(edges.map((e) => e.to));
  const sources = job.vertices.filter((v) => !fed.has(v.id));
  const [seen, read, metrics, loads] = await Promise.all([
    flink.sighting(jobId),
    flink.checkpoints(jobId),
    flink.jobMetrics(jobId, ["numRestarts"]),
    vertexLoads(flink, jobId, sources, MOST_VERTICES),
  ]);
  const checkpoints = given(read);
  const out = loads.flatMap((l) => (l.recordsOut === null ? [] : [l.recordsOut.sum]));
  return {
    state: stateOf(seen) ?? job.state,
    tasksRunning: job.vertices.reduce((n, v) => n + v.tasksRunning, 0),
    tasksTotal: job.vertices.reduce((n, v) => n + v.parallelism, 0),
    completed: checkpoints?.completed ?? 0,
    failed: checkpoints?.failed ?? 0,
    restarts: Number(metrics["numRestarts"] ?? 0),
    recordsPerSecond: out.length === 0 ? null : out.reduce((a, x) => a + x, 0),
  };
}

/** To be kept with a request, and read back by `healthIn`. */
export const healthFacts = (health: Health | null): Json => (health === null ? null : { ...health });

export function healthIn(facts: Json | undefined): Health | null {
  // written by `healthFacts`; the record keeps it as it was
  return typeof facts === "object" && facts !== null ? (facts as object as Health) : null;
}

/**
 * One line: what became of it. `before`: before the change; `after`: when it was just done. Either may be missing. Restarts
 * and checkpoints are counted since `after`, records compared with `before`.
 */
export function compared(
  now: Health | null,
  before: Health | null,
  after: Health | null,
): { line: Text; worse: boolean } {
  if (now === null) return { line: "Flink does not know the job any more.", worse: true };
  if (isTerminal(now.state))
    return { line: t`the job has ended: ${b(now.state)}.`, worse: now.state === "FAILED" };
  const restarts = now.restarts - (after?.restarts ?? 0);
  const [completed, failed] = [now.completed - (after?.completed ?? 0), now.failed - (after?.failed ?? 0)];
  const missing = now.tasksTotal - now.tasksRunning;
  const [rateNow, rateBefore] = [now.recordsPerSecond, before?.recordsPerSecond ?? null];
  const slow = rateNow !== null && rateBefore !== null && rateNow < rateBefore * WORSE;
  const line = [
    now.state === "RUNNING" && missing === 0
      ? "every task runs"
      : `${now.state}, ${count(missing, "task")} missing`,
    `${count(completed, "checkpoint")} since${failed > 0 ? `, ${failed} failed` : ""}`,
    count(restarts, "restart"),
    ...(rateNow === null
      ? []
      : [`${rate(rateNow)} out of its sources${rateBefore === null ? "" : ` (${rate(rateBefore)} before)`}`]),
  ].join(", ");
  const worse = now.state !== "RUNNING" || missing > 0 || failed > completed || restarts > 0 || slow;
  return { line: `${line}.`, worse };
}
