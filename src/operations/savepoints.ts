import { z } from "zod";
import { redeployed } from "../model/application-cluster.ts";
import { runningOf } from "../model/ended-job.ts";
import { isTerminal } from "../model/flink-jobs.ts";
import { jobName } from "./wording/arguments.ts";
import { shown } from "./wording/job.ts";
import { defineLocal } from "../model/operation.ts";
import type { Offer } from "../model/report.ts";
import type { ClusterSnapshot, RestorableState } from "../model/knowledge.ts";
import { b, code, plain, type Text, t } from "../model/text.ts";
import { ago, bytes, count } from "../model/units.ts";

const MOST = 20;

export const savepoints = defineLocal({
  kind: "local",
  name: "savepoints",
  summary:
    "List every savepoint and checkpoint that a job can start from, newest first, also if the job is gone",
  examples: ["savepoints orders", "savepoints prod/orders"],
  args: z.strictObject({
    job: jobName.describe(
      "name, id, id prefix of 6 or more characters, or cluster/job; also of a job that has ended",
    ),
  }),
  positionals: ["job"],
  class: "view",
  find: () => ({ find: "none" }),

  async answer(c) {
    const found = await c.restorable.of(c.args.job);
    const name = b(shown(c.args.job));
    if (found.length === 0)
      return {
        outcome: "done",
        headline: t`flinkops knows no state to start ${name} from`,
        lines: [
          t`Checked: requests to flinkops, and the savepoints and checkpoints that it saw on its clusters. ${code(`${c.command} list --all`)} shows the names.`,
        ],
      };
    const clusters = await c.jobCache.clusters();
    const applications = new Set(clusters.flatMap((s) => (s.facts?.application === true ? [s.cluster] : [])));
    const idle = found.filter((s) => runsOn(clusters, s) === undefined);
    const [alone] = idle.filter((s) => s.drained !== true && applications.has(s.cluster));
    return {
      outcome: "done",
      headline: t`${name}: ${count(found.length, "restorable state")}`,
      lines: [
        ...(found.length > MOST ? [`The newest ${MOST}.`] : []),
        ...found.slice(0, 1).flatMap((s) => whileItRuns(runsOn(clusters, s), c.now)),
        ...(alone === undefined ? [] : [redeployed(alone.path)]),
      ],
      table: { head: [], rows: found.slice(0, MOST).map((s) => row(s, c.now)) },
      offers: eachOffered(idle.filter((s) => !applications.has(s.cluster))),
    };
  },
});

/** The cluster on which a job of the state's name runs, as the job cache last read it; undefined: none runs. */
const runsOn = (clusters: readonly ClusterSnapshot[], s: RestorableState): ClusterSnapshot | undefined =>
  clusters.find((c) => c.cluster === s.cluster && runningOf(c.jobs, s.jobName) !== undefined);

const whileItRuns = (on: ClusterSnapshot | undefined, now: number): readonly Text[] =>
  on === undefined
    ? []
    : [t`It ran ${ago(on.readAt ?? now, now)}. Once it has ended, it can be resumed from one of these.`];

/**
 * How many of the newest states get a button. A drained savepoint gets none: it is used only if someone names it. The
 * time is exact, because the answer may be posted and read later.
 */
const OFFERED = 3;
const eachOffered = (found: readonly RestorableState[]): readonly Offer[] =>
  found
    .filter((s) => s.drained !== true)
    .slice(0, OFFERED)
    .map((s) => ({
      label: `Resume from ${s.isSavepoint ? "savepoint" : "checkpoint"} of ${plain([{ at: s.at }])}`,
      operation: "run",
      args: { job: `${s.cluster}/${s.jobName}`, from: s.path, jar: "same" },
    }));

const row = (s: RestorableState, now: number): readonly Text[] => [
  `${s.isSavepoint ? "savepoint" : "checkpoint"}, ${ago(s.at, now)}`,
  t`${code(s.path)}`,
  ...(s.sizeBytes === null ? [] : [bytes(s.sizeBytes)]),
  ...(s.format === null ? [] : [s.format]),
  ...(s.drained === true ? [t`${b("drained: do not resume from it")}`] : []),
  ...(s.kept === "yours" ? [] : [fate(s)]),
  ...(s.by === null ? [] : [asked(s.by, s.link)]),
  ofJob(s),
];

const asked = (person: string, link: string | null): Text =>
  link === null
    ? t`requested by ${{ person }}`
    : t`requested by ${{ person }}, ${{ link, label: "its thread" }}`;

function fate(s: RestorableState): Text {
  if (s.jobState !== null && isTerminal(s.jobState)) return "retained";
  if (s.kept === "retained") return "kept when the job ends, until the next one";
  return s.kept === "unless cancelled" ? "deleted when the job is cancelled" : "deleted when the job ends";
}

function ofJob(s: RestorableState): Text {
  const state = s.jobState === null ? "" : `, last seen ${s.jobState}`;
  return t`job ${code(s.jobId.slice(0, 8))} ${shown(s.jobName)} on ${s.cluster}${state}`;
}
