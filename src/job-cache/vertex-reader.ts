import type { FlinkReads } from "../model/flink-reads.ts";
import type { Clock } from "../platform/clock.ts";
import type { KeptJob, KeptVertices, States } from "./states.ts";

/**
 * Requests that a cluster gets a second for the checkpoints and the vertices of its jobs, in the long run. Checkpoints
 * come first and need nine of them at most.
 */
const PER_SECOND = 9.5;
/** How many requests may be saved up, so that the jobs of a small cluster are known soon. */
const MOST_CREDIT = 30;
/** How old the sizes may become, ms. The vertices themselves change only with a new run. */
const STALE_MS = 600_000;
/** Requests for a job whose vertices are not known, and for the sizes of one whose vertices are. */
const COST = { all: 3, sizes: 1 } as const;

/** A job whose checkpoints were just read. */
export interface Looked {
  kept: KeptJob;
  /** The id of its newest checkpoint or savepoint; null: it has completed none. */
  newest: number | null;
}

/**
 * Reads the vertices of a cluster's jobs and the size of their state, for the time when Flink no longer lists a job. They
 * are read once for each run of a job, the sizes about every ten minutes, and later where checkpoints need the requests.
 */
export interface VertexReader {
  /**
   * Reads some of these jobs. `spent`: the requests for checkpoints that count, at most nine a second. Returns the jobs that were tried, as they are
   * to be stored, and the vertices that were found. Throws only what `States` throws.
   */
  read(
    looked: readonly Looked[],
    on: { now: number; spent: number },
  ): Promise<{ jobs: readonly KeptJob[]; vertices: readonly KeptVertices[] }>;
}

export function createVertexReader({
  reads,
  states,
  clock,
}: {
  reads: FlinkReads;
  states: Pick<States, "vertices">;
  clock: Pick<Clock, "monotonic">;
}): VertexReader {
  let credit = MOST_CREDIT;
  let countedAt = clock.monotonic();
  return {
    async read(looked, { now, spent }) {
      const at = clock.monotonic();
      credit = Math.min(MOST_CREDIT, credit + (PER_SECOND * (at - countedAt)) / 1000) - spent;
      countedAt = at;
      const jobs: KeptJob[] = [];
      const vertices: KeptVertices[] = [];
      for (const { job, checkpointId } of wanted(looked, now)) {
        if (credit <= 0) break;
        // a job that cannot be read is not tried at each turn either
        jobs.push({ ...job, verticesAt: now });
        const before = await states.vertices(reads.cluster, job.jobId);
        const known = before !== null && before.startedAt === job.startedAt ? before : null;
        credit -= known === null ? COST.all : COST.sizes;
        const found = await verticesOf(reads, job, { checkpointId, known, now }).catch(
          () => "unread" as const,
        );
        if (found === "unread") break;
        if (found !== null) vertices.push(found);
      }
      return { jobs, vertices };
    },
  };
}

/** Those whose turn it is: the ones that were never read first. */
const wanted = (looked: readonly Looked[], now: number) =>
  looked
    .flatMap(({ kept: job, newest: checkpointId }) => {
      const at = job.verticesAt ?? Number.NEGATIVE_INFINITY;
      return checkpointId !== null && now - at >= STALE_MS ? [{ job, checkpointId, at }] : [];
    })
    .toSorted((a, z) => (a.at === z.at ? 0 : a.at - z.at));

/** Null: Flink does not tell them. */
async function verticesOf(
  reads: FlinkReads,
  { jobId, startedAt = 0 }: KeptJob,
  { checkpointId, known, now }: { checkpointId: number; known: KeptVertices | null; now: number },
): Promise<KeptVertices | null> {
  // too many are too many until the next run
  if (known?.vertices === null) return known;
  const sizes = await reads.stateSizes(jobId, checkpointId);
  if (sizes === null) return null;
  const bytesOf = (id: string): number => sizes.get(id) ?? 0;
  if (known !== null) {
    const vertices = known.vertices.map((v) => ({ ...v, bytes: bytesOf(v.id) }));
    return { ...known, at: now, vertices };
  }
  const [job, graph] = await Promise.all([reads.job(jobId), reads.graphOf(jobId)]);
  if (job === "absent" || graph === null) return null;
  const heads = new Map(graph.vertices.map((v) => [v.id, v.operators[0] ?? null]));
  return {
    v: 1,
    jobId,
    startedAt,
    at: now,
    vertices: job.vertices.map(({ id, name, maxParallelism }) => ({
      id,
      name,
      maxParallelism,
      head: heads.get(id) ?? null,
      bytes: bytesOf(id),
    })),
  };
}
