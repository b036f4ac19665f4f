import type { Edge, JobSummary, Vertex } from "../model/flink-jobs.ts";
import type { FlinkReads } from "../model/flink-reads.ts";
import { optional } from "../model/optional.ts";
import type { Refusal } from "../model/report.ts";
import { code, plain, shown, type Text, t } from "../model/text.ts";
import { type Ambiguous, candidateLine } from "./find.ts";

/** How many sources or sinks of a job are named, and how long their names may be. */
const MOST_NAMED = 3;
const LONGEST_NAME = 60;

/**
 * Adds to each candidate what it reads and writes, where that tells them apart: SQL gives every unnamed INSERT into one
 * sink the same job name. Optional: gives up soon, and throws no Flink error.
 */
export async function toldApart(
  found: Ambiguous,
  { decoration }: Pick<FlinkReads, "decoration">,
): Promise<Refusal> {
  const ends = await Promise.all(found.among.map(async (job) => await endsOf(decoration, job)));
  const isShared = new Set(ends.map((text) => (text === null ? null : plain(text)))).size < 2;
  if (isShared) return found;
  return {
    refuse: found.refuse,
    instead: found.among.map((job, i) => {
      const text = ends[i] ?? null;
      return text === null ? candidateLine(job) : t`${candidateLine(job)}, ${text}`;
    }),
  };
}

/** "from `Source: orders` to `sink: Writer`"; null: Flink does not say. */
async function endsOf(
  flink: Pick<FlinkReads["decoration"], "job" | "edges">,
  { jobId }: JobSummary,
): Promise<Text | null> {
  const [job, edges] = await Promise.all([optional(flink.job(jobId)), optional(flink.edges(jobId))]);
  if (job === null || job === "absent" || edges === null || job.vertices.length === 0) return null;
  return t`from ${named(job.vertices, edges, "to")} to ${named(job.vertices, edges, "from")}`;
}

/** The vertices that no edge names at this end. */
function named(vertices: readonly Vertex[], edges: readonly Edge[], end: "from" | "to"): Text {
  const linked = new Set(edges.map((edge) => edge[end]));
  const ends = vertices.filter((v) => !linked.has(v.id));
  const more = ends.length > MOST_NAMED ? ` and ${ends.length - MOST_NAMED} more` : "";
  return t`${code(
    ends
      .slice(0, MOST_NAMED)
      .map((v) => shown(v.name, LONGEST_NAME))
      .join(", "),
  )}${more}`;
}
