import type { Edge, Vertex } from "../../model/flink-jobs.ts";
import type { Table } from "../../model/report.ts";
import { b, type Text, t } from "../../model/text.ts";
import { shown } from "../wording/job.ts";
import { percent, rate } from "../wording/metric.ts";
import type { VertexLoad } from "./vertex-load.ts";

export interface VertexTable {
  vertices: readonly Vertex[];
  loads: readonly VertexLoad[];
  /** Null: not known. */
  edges: readonly Edge[] | null;
  /** The displayed name of each vertex, by its id. */
  names: ReadonlyMap<string, string>;
}

/** The load's columns; one in which nothing is known is left out. */
const LOAD_COLUMNS = ["Busy", "Back-pressured", "Records in", "Records out"];

/** A row per vertex: its tasks, and the load of its busiest subtask. */
export function vertexTable(of: VertexTable): Table {
  const rows = of.vertices.map((v) => {
    const load = of.loads.find((l) => l.id === v.id);
    return { v, name: of.names.get(v.id) ?? shown(v.name), cells: loadCells(load, of.edges) };
  });
  const known = LOAD_COLUMNS.map((_, i) => rows.some(({ cells }) => cells[i] !== ""));
  const only = <T>(cells: readonly T[]): readonly T[] => cells.filter((_, i) => known[i] === true);
  return {
    head: ["Vertex", "Parallelism", "Tasks", ...only(LOAD_COLUMNS)],
    rows: rows.map(({ v, name, cells }) => [name, String(v.parallelism), tasks(v), ...only(cells)]),
    lines: rows.map(
      ({ v, name, cells }) => t`${b(name)} · parallelism ${v.parallelism} · ${tasks(v)}${loadWords(cells)}`,
    ),
  };
}

function tasks({ tasksRunning: running, tasksFinished: finished, tasksTotal: total }: Vertex): Text {
  if (total === 0) return "no tasks yet";
  if (finished === total) return "finished";
  const done = finished === 0 ? "" : `, ${finished} finished`;
  const share = `${running} of ${total} running`;
  return t`${running + finished < total ? b(share) : share}${done}`;
}

/** A source takes no records from the job, and a sink gives none to it: Flink counts 0 for them. */
function flow(load: VertexLoad, edges: readonly Edge[] | null): { in: string; out: string } {
  const takes = edges === null || edges.some((e) => e.to === load.id);
  const gives = edges === null || edges.some((e) => e.from === load.id);
  const { recordsIn, recordsOut } = load;
  return {
    in: recordsIn === null || !takes ? "" : rate(recordsIn.sum),
    out: recordsOut === null || !gives ? "" : rate(recordsOut.sum),
  };
}

const share = (ms: number | null): string => (ms === null ? "" : percent(ms));

function loadCells(load: VertexLoad | undefined, edges: readonly Edge[] | null): readonly string[] {
  if (load === undefined) return LOAD_COLUMNS.map(() => "");
  const records = flow(load, edges);
  return [share(load.busy), share(load.backPressured), records.in, records.out];
}

/** The same where no columns can be shown: " · 10% busy, 20/s out". */
function loadWords(cells: readonly string[]): string {
  const words = ["busy", "back-pressured", "in", "out"];
  const known = cells.flatMap((value, i) => (value === "" ? [] : [`${value} ${words[i] ?? ""}`]));
  return known.length === 0 ? "" : ` · ${known.join(", ")}`;
}
