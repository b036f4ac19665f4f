import type { Table } from "../../model/report.ts";
import { b, t } from "../../model/text.ts";
import type { PlannedVertex } from "../../model/planned-job.ts";
import { vertexNames } from "../wording/names.ts";
import { changeWords, fateWords, parallelismWords } from "../wording/graph-diff.ts";
import { changedIn, type Compared, headOf } from "./graph-diff.ts";

/** A larger graph shows only this many vertices, those that differ first. */
export const MOST_COMPARED = 40;

interface Line {
  vertex: PlannedVertex;
  change: string;
  state: string;
}

/** A row per vertex of either graph: what changes, and what becomes of its state. Those that differ come first. */
export function diffTable(compared: Compared): Table {
  const { diff } = compared;
  const changed = changedIn(diff);
  const same = diff.kept.filter((v) => v.changes.length === 0);
  const stateOf = (id: string): string => stateWords(compared, id);
  const all: readonly Line[] = [
    ...diff.removed.map((vertex) => ({ vertex, change: "removed", state: stateOf(vertex.id) })),
    ...diff.added.map((vertex) => ({
      vertex,
      change: `added, ${parallelismWords(vertex)}`,
      state: "starts empty",
    })),
    ...changed.map((v) => ({
      vertex: v.before,
      change: v.changes.map(changeWords).join("; "),
      state: stateOf(v.id),
    })),
    ...same.map((v) => ({ vertex: v.before, change: "unchanged", state: stateOf(v.id) })),
  ];
  const names = vertexNames(all.map(({ vertex }) => ({ id: vertex.id, name: headOf(vertex) })));
  const rows = all
    .slice(0, MOST_COMPARED)
    .map((line) => ({ ...line, name: names.get(line.vertex.id) ?? headOf(line.vertex) }));
  return {
    head: ["Vertex", "Change", "State"],
    rows: rows.map(({ name, change, state }) => [name, change === "unchanged" ? change : [b(change)], state]),
    lines: rows.map(({ name, change, state }) => t`${b(name)} · ${change} · state: ${state}`),
  };
}

/** In the table, of a vertex of the job. */
function stateWords({ fates }: Compared, id: string): string {
  const found = fates?.get(id);
  if (found !== undefined) return fateWords(found);
  return fates === null ? "not known" : "none";
}
