import { given } from "../../model/flink-jobs.ts";
import type { PhaseContext } from "../../model/operation.ts";
import { optional } from "../../model/optional.ts";
import { samePath } from "../../model/state-path.ts";
import { type Text, t } from "../../model/text.ts";
import { bytes } from "../../model/units.ts";
import { healthOf } from "../facts/job-health.ts";
import { rate } from "../wording/metric.ts";

/** What a rehearsal took over, and how fast it ran next to the job. */
export type Restored = {
  /** Null: not known. */
  bytes: number | null;
  /** How many vertices had state. */
  vertices: number;
  /** Out of its sources; null if Flink has no figures, or not yet. */
  recordsPerSecond: number | null;
  originalRecordsPerSecond: number | null;
};

/** All of it is optional: what cannot be read is not told. */
export async function restoredBy(
  c: PhaseContext<unknown>,
  { jobId, path }: { jobId: string; path: string },
): Promise<Restored> {
  const [sizes, own, original] = await Promise.all([
    optional(sizesAt(c, path)),
    optional(paceOf(c, jobId)),
    optional(healthOf(c.flink, c.target.jobId)),
  ]);
  const held = [...(sizes?.values() ?? [])].filter((size) => size > 0);
  return {
    bytes: sizes === null ? null : held.reduce((sum, size) => sum + size, 0),
    vertices: held.length,
    recordsPerSecond: own,
    originalRecordsPerSecond: original?.recordsPerSecond ?? null,
  };
}

/** Less time than this, ms, says nothing about its pace. */
const LEAST_MS = 3000;

/**
 * The records out of its sources per second since it runs. Flink's own figure is that of the last minute, which is longer
 * than a rehearsal runs. Null: no figure, or not yet.
 */
async function paceOf({ flink }: PhaseContext<unknown>, jobId: string): Promise<number | null> {
  const [job, edges] = await Promise.all([flink.job(jobId), flink.edges(jobId)]);
  if (job === "absent") return null;
  const ranMs = job.now - (job.stateSince ?? job.startedAt);
  const fed = new Set(edges.map((e) => e.to));
  const sources = job.vertices.filter((v) => !fed.has(v.id)).map((v) => v.id);
  const found = await flink.vertexMetricsOf(jobId, sources, ["numRecordsOut"]);
  const counts = [...found.values()].flatMap((metrics) => metrics["numRecordsOut"]?.sum ?? []);
  if (counts.length === 0 || ranMs < LEAST_MS) return null;
  return counts.reduce((sum, n) => sum + n, 0) / (ranMs / 1000);
}

async function sizesAt(c: PhaseContext<unknown>, path: string): Promise<ReadonlyMap<string, number> | null> {
  const [read, fileSystem] = await Promise.all([
    c.flink.checkpoints(c.target.jobId),
    c.known.restorable.fileSystem(c.target.cluster),
  ]);
  const found = given(read)?.history.find((e) => e.path !== null && samePath(e.path, path, fileSystem));
  return found === undefined ? null : await c.flink.stateSizes(c.target.jobId, found.id);
}

export function restoredWords(r: Restored): readonly Text[] {
  const state =
    r.bytes === null
      ? []
      : [
          t`It restored ${bytes(r.bytes)} of state of ${r.vertices === 1 ? "1 vertex" : `${r.vertices} vertices`}.`,
        ];
  const [own, original] = [r.recordsPerSecond, r.originalRecordsPerSecond];
  const pace =
    own === null
      ? []
      : [t`${rate(own)} out of its sources${original === null ? "" : ` (${rate(original)} in the job)`}.`];
  return [...state, ...pace];
}
