import { z } from "zod";
import { closest } from "../command/closest.ts";
import { given, type Vertex } from "../model/flink-jobs.ts";
import { jobArgument } from "./wording/arguments.ts";
import { gone, named, shown, statusOffer } from "./wording/job.ts";
import {
  isTimestamp,
  isWatermark,
  JOB_METRICS,
  NO_FIGURE,
  VERTEX_METRICS,
  withUnit,
} from "./wording/metric.ts";
import { type Context, defineRead } from "../model/operation.ts";
import type { Refusal, Table } from "../model/report.ts";
import { vertexNames } from "./wording/names.ts";
import { optional } from "../model/optional.ts";
import { code, type Text, t } from "../model/text.ts";
import { count } from "../model/units.ts";

const MOST_NAMES = 30;
/** At most this many vertices are listed to choose from. */
const MOST_VERTICES = 10;

interface MetricsArgs {
  job: string;
  vertex?: string | undefined;
  names: readonly string[];
}

export const metrics = defineRead<MetricsArgs>({
  kind: "read",
  name: "metrics",
  summary: "Show metrics of a job or vertex: the useful ones, or those that you name",
  examples: [
    "metrics orders",
    "metrics orders Window",
    "metrics orders numRestarts",
    "metrics orders Window numRecordsIn numLateRecordsDropped",
  ],
  args: z.strictObject({
    job: jobArgument,
    vertex: z.string().trim().min(1).max(500).optional().describe("name, part of it, or id of a vertex"),
    names: z
      .array(z.string().trim().min(1).max(300))
      .max(MOST_NAMES)
      .default([])
      .describe("these metrics, also as --names; without it, the useful ones"),
  }),
  positionals: ["job", "vertex", "names"],
  class: "view",
  find: (args) => ({ find: "job", job: args.job }),

  async read(c) {
    const { vertex, names } = c.args;
    if (vertex === undefined) return await ofJob(c, names);
    const { jobId } = c.target;
    const job = await c.flink.job(jobId);
    if (job === "absent") return gone(c.target);
    const found = findVertex(vertex, job.vertices);
    if (found.length === 1 && found[0] !== undefined) return await ofVertex(c, found[0]);
    const known = await c.flink.metricNames(jobId);
    if (known.includes(vertex) || JOB_METRICS.includes(vertex)) return await ofJob(c, [vertex, ...names]);
    if (found.length > 1)
      return { refuse: t`${code(shown(vertex))} matches several vertices.`, instead: listed(found) };
    return await neither(c, vertex, { vertices: job.vertices, known });
  },
});

/** Finds vertices by id or name, or else by part of the name. */
function findVertex(typed: string, vertices: readonly Vertex[]): readonly Vertex[] {
  const exact = vertices.filter((v) => v.id === typed || v.name === typed);
  return exact.length > 0
    ? exact
    : vertices.filter((v) => v.name.toLowerCase().includes(typed.toLowerCase()));
}

function listed(vertices: readonly Vertex[]): readonly Text[] {
  const names = vertexNames(vertices);
  return vertices.slice(0, MOST_VERTICES).map((v) => t`• ${code(v.id)} ${names.get(v.id) ?? shown(v.name)}`);
}

/** The time by Flink's clock, if one of these metrics is a timestamp; null: none is, or the time is not known. */
async function flinkNow(c: Context<MetricsArgs>, names: readonly string[]): Promise<number | null> {
  if (!names.some(isTimestamp)) return null;
  const job = await optional(c.flink.decoration.job(c.target.jobId));
  return job === null ? null : (given(job)?.now ?? null);
}

/** The refusal if the first word is neither a vertex nor a metric of the job. */
async function neither(
  c: Context<MetricsArgs>,
  typed: string,
  { vertices, known }: { vertices: readonly Vertex[]; known: readonly string[] },
): Promise<Refusal> {
  const [first] = vertices;
  const ofOne = first === undefined ? [] : await c.flink.vertexMetricNames(c.target.jobId, first.id);
  if (ofOne.includes(typed) || VERTEX_METRICS.includes(typed))
    return {
      refuse: t`${code(shown(typed))} is a metric of a vertex: write the vertex before it.`,
      instead: listed(vertices),
    };
  const near = closest(typed, known);
  return {
    refuse: t`The job has no vertex and no metric ${code(shown(typed))}.`,
    instead: [
      ...(near.length === 0 ? [] : [t`The closest metrics: ${near.join(", ")}.`]),
      ...listed(vertices),
    ],
  };
}

async function ofJob(c: Context<MetricsArgs>, wanted: readonly string[]) {
  const names = wanted.length > 0 ? wanted : JOB_METRICS;
  const [got, now] = await Promise.all([c.flink.jobMetrics(c.target.jobId, names), flinkNow(c, names)]);
  const unknown = wanted.filter((n) => got[n] === undefined);
  const known = unknown.length === 0 ? [] : await c.flink.metricNames(c.target.jobId);
  const rows = names.flatMap((n): (readonly Text[])[] =>
    got[n] === undefined ? withoutFigure(n, known) : [[n, withUnit(n, got[n], now)]],
  );
  return answer(c, t`Metrics of ${named(c.target)}`, { table: { head: [], rows }, unknown, known });
}

async function ofVertex(c: Context<MetricsArgs>, v: Vertex) {
  const { jobId } = c.target;
  const names = c.args.names.length > 0 ? c.args.names : VERTEX_METRICS;
  const [got, now] = await Promise.all([c.flink.vertexMetrics(jobId, v.id, names), flinkNow(c, names)]);
  const unknown = c.args.names.filter((n) => got[n] === undefined);
  const known = unknown.length === 0 ? [] : await c.flink.vertexMetricNames(jobId, v.id);
  const rows = names.flatMap((n): (readonly Text[])[] => {
    const m = got[n];
    if (m === undefined) return withoutFigure(n, known);
    const said = (x: number): string => withUnit(n, String(x), now);
    if (v.parallelism === 1) return [[n, said(m.max)]];
    const total = /^num|PerSecond$/u.test(n) && !/^(?:busy|idle|backPressured)/u.test(n);
    return [
      [
        n,
        `least ${said(m.min)}`,
        `most ${said(m.max)}`,
        ...(isWatermark(n) ? [] : [`average ${said(m.avg)}`]),
        ...(total ? [`all ${said(m.sum)}`] : []),
      ],
    ];
  });
  const headline = t`Metrics of ${shown(v.name)} in ${named(c.target)}, over ${count(v.parallelism, "subtask")}`;
  return answer(c, headline, { table: { head: [], rows }, unknown, known });
}

/** A row for a metric that exists but is not a number, or has no value right now. */
const withoutFigure = (name: string, known: readonly string[]): (readonly Text[])[] =>
  known.includes(name) ? [[name, NO_FIGURE]] : [];

function answer(
  c: Context<MetricsArgs>,
  headline: Text,
  { table, unknown, known }: { table: Table; unknown: readonly string[]; known: readonly string[] },
) {
  const nothing = table.rows.length === 0 && unknown.length === 0;
  return {
    outcome: "done" as const,
    headline,
    lines: [
      ...(nothing
        ? ["Flink has no values yet: it fetches them when they are first read. Try again in a few seconds."]
        : []),
      ...unknown.filter((n) => !known.includes(n)).map((n) => notKnown(n, known)),
    ],
    ...(table.rows.length === 0 ? {} : { table }),
    offers: [statusOffer(c.target)],
  };
}

function notKnown(name: string, known: readonly string[]): Text {
  const said = t`There is no metric ${code(shown(name, 200))} here`;
  if (known.length === 0) return t`${said}, or Flink has not fetched it yet: try again in a few seconds.`;
  const near = closest(name, known);
  return near.length === 0 ? t`${said}.` : t`${said}. The closest: ${near.join(", ")}.`;
}
