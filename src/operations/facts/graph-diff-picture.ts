import type { DiffVertex, GraphDiff as Picture } from "../../model/picture.ts";
import type { JobGraph, PlannedVertex } from "../../model/planned-job.ts";
import { briefly, fateWords, parallelismWords, sumWords } from "../wording/graph-diff.ts";
import { vertexNames } from "../wording/names.ts";
import { type Compared, headOf, isEmptyDiff } from "./graph-diff.ts";

/** Characters that fit into a box. */
const LONGEST_NAME = 54;

/** The two graphs next to each other; null: they are the same. */
export function diffPicture(
  compared: Compared,
  { before, after }: { before: JobGraph; after: JobGraph },
  titles: { job: string; before: string; after: string; at: number },
): Picture | null {
  const { diff } = compared;
  if (isEmptyDiff(diff)) return null;
  const kept = new Map(diff.kept.map((v) => [v.id, v]));
  const rowBefore = (id: string): string => diff.successors.get(id) ?? id;
  const changeOf = (id: string, otherwise: "added" | "removed"): DiffVertex["change"] => {
    const changes = kept.get(id)?.changes;
    if (changes === undefined) return otherwise;
    return changes.length === 0 ? "same" : "changed";
  };
  return {
    kind: "graph diff",
    job: titles.job,
    sum: sumWords(diff),
    at: titles.at,
    before: {
      title: titles.before,
      edges: before.edges,
      vertices: named(before.vertices).map(({ vertex, name }) => ({
        id: vertex.id,
        name,
        change: changeOf(vertex.id, "removed"),
        notes: [...idOf(vertex, kept), parallelismWords(vertex), ...stateOf(compared, vertex.id)],
        row: rowBefore(vertex.id),
      })),
    },
    after: {
      title: titles.after,
      edges: after.edges,
      vertices: named(after.vertices).map(({ vertex, name }) => ({
        id: vertex.id,
        name,
        change: changeOf(vertex.id, "added"),
        notes: notesAfter(vertex, kept.get(vertex.id)),
        row: vertex.id,
      })),
    },
  };
}

const named = (vertices: readonly PlannedVertex[]): readonly { vertex: PlannedVertex; name: string }[] => {
  const heads = vertices.map((v) => ({ id: v.id, name: headOf(v) }));
  const names = vertexNames(heads, LONGEST_NAME);
  return vertices.map((vertex) => ({ vertex, name: names.get(vertex.id) ?? headOf(vertex) }));
};

/** The id tells apart a removed vertex and an added one of the same name. */
const idOf = ({ id }: PlannedVertex, kept: ReadonlyMap<string, unknown>): readonly string[] =>
  kept.has(id) ? [] : [`id ${id.slice(0, 8)}`];

function stateOf({ fates }: Compared, id: string): readonly string[] {
  const found = fates?.get(id);
  return found === undefined ? [] : [`state: ${fateWords(found)}`];
}

function notesAfter(vertex: PlannedVertex, kept: Compared["diff"]["kept"][number] | undefined): string[] {
  if (kept === undefined) return [`id ${vertex.id.slice(0, 8)}`, parallelismWords(vertex), "starts empty"];
  const isWider = kept.changes.some((change) => change.is === "parallelism");
  return [...(isWider ? [] : [parallelismWords(vertex)]), ...kept.changes.map(briefly)];
}
