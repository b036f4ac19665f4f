import { z } from "zod";
import { isTerminal, type JobDetail } from "../model/flink-jobs.ts";
import { type Context, defineRead } from "../model/operation.ts";
import type { JobGraph, Planned } from "../model/planned-job.ts";
import { isRefusal, type Offer, type Refusal, type Report } from "../model/report.ts";
import { b, code, shown, type Text, t } from "../model/text.ts";
import { ago, count } from "../model/units.ts";
import { type Compared, diffOf, headOf, isEmptyDiff } from "./facts/graph-diff.ts";
import { diffPicture } from "./facts/graph-diff-picture.ts";
import { diffTable, MOST_COMPARED } from "./facts/graph-diff-table.ts";
import { type Before, fatesOf, fitOf, type StateFit } from "./facts/state-fit.ts";
import { type LaunchPlan, launchWords, slotRefusal, widthRefusal } from "./plans/launch.ts";
import { planOf, stateOf } from "./plans/preflight.ts";
import { nextLaunch, type RestartArgs, widest } from "./restart/plan.ts";
import { jobArgument, nextJarArgument, parallelismArgument } from "./wording/arguments.ts";
import { sumWords } from "./wording/graph-diff.ts";
import { gone, hasBeen, jobRef, named, whereToLook } from "./wording/job.ts";
import {
  cannotStart,
  dropWords,
  fitWords,
  freshWords,
  movedWords,
  notTakenWords,
  renamedWords,
  seenWords,
  tooWideWords,
  unknownWords,
} from "./wording/state-fit.ts";

type DiffArgs = Pick<RestartArgs, "job" | "jar" | "parallelism">;
type C = Context<DiffArgs>;

/** A job's graph, and the one that its next version would have. */
interface Graphs {
  before: JobGraph;
  after: JobGraph;
}

/** Whether the next version takes the state of the job; in words why that is not known. */
type Fit = StateFit | { is: "unknown"; why: Text };

/**
 * Shows what a restart would change in a job's graph, without a request for one. Of class operate, because planning runs
 * the program's main() in the JobManager. The same people make flinkops plan it by asking for a restart. A read has no
 * approval, so it plans only code of the catalog.
 */
export const diff = defineRead<DiffArgs>({
  kind: "read",
  name: "diff",
  summary: "Compare a job with its next version before a restart: vertices, parallelism and state",
  examples: ["diff orders", "diff orders --parallelism 8", "diff orders --jar orders-1.2.jar"],
  args: z.strictObject({
    job: jobArgument,
    jar: nextJarArgument,
    parallelism: parallelismArgument.describe("of the whole job; without it, unchanged"),
  }),
  positionals: ["job"],
  class: "operate",
  find: (args) => ({ find: "job", job: args.job }),

  async read(c) {
    const job = await c.flink.job(c.target.jobId);
    if (job === "absent") return gone(c.target);
    if (job.vertices.length === 0)
      return {
        refuse: t`Flink does not show the vertices of ${named(c.target)} while it is ${b(job.state)}.`,
        instead: ["Try again when it runs."],
      };
    const launched = await c.known.launched(c.target.cluster, c.target.jobId);
    const next = await nextLaunch(c, job, {
      launched,
      startedAt: job.startedAt,
      hasEnded: isTerminal(job.state),
    });
    if (isRefusal(next)) return next;
    const graphs = await graphsOf(c, job, next);
    return isRefusal(graphs) ? graphs : await compared(c, { job, next, graphs });
  },
});

async function graphsOf(
  c: C,
  job: JobDetail,
  { launch, jar, catalogued }: LaunchPlan,
): Promise<Graphs | Refusal> {
  if (!catalogued) return notCatalogued(jar.name);
  const [planned, before] = await Promise.all([planOf(c, launch), c.flink.graphOf(job.jobId)]);
  if (before === null) return gone(c.target);
  return isGraph(planned, c.target.name)
    ? { before: asItRuns(before, job), after: planned.graph }
    : noGraph(planned, c.target.name);
}

const isGraph = (planned: Planned, name: string): planned is Extract<Planned, { is: "planned" }> =>
  planned.is === "planned" && planned.graph.name === name;

function noGraph(planned: Planned, name: string): Refusal {
  if (planned.is === "cannot start") return cannotStart(planned.why);
  if (planned.is === "not told") return notPlanned(planned.why);
  return {
    refuse: t`The first job of its main() is ${b(shown(planned.graph.name))}, not ${b(shown(name))}. Nothing was compared.`,
    instead: [
      "Flink plans only the first job of a main(). If it is the same job, let its arguments give it the same name.",
    ],
  };
}

/**
 * The graph that Flink keeps is the one of the start; a job that was scaled since has other parallelisms. In the order of
 * the job's vertices, as in other answers.
 */
function asItRuns(graph: JobGraph, job: JobDetail): JobGraph {
  const now = new Map(job.vertices.map((v, i) => [v.id, { at: i, parallelism: v.parallelism }]));
  const at = (id: string): number => now.get(id)?.at ?? now.size;
  return {
    ...graph,
    vertices: graph.vertices
      .map((v) => ({ ...v, parallelism: now.get(v.id)?.parallelism ?? v.parallelism }))
      .toSorted((a, z) => at(a.id) - at(z.id)),
  };
}

const notCatalogued = (jar: string): Refusal => ({
  refuse: t`${code(shown(jar))} is not in the catalog with its class and arguments. Planning runs its code, so it is not planned without an approval.`,
  instead: [
    t`Add it under ${code("jobs")} in the configuration.`,
    t`Or request a ${code("restart")}: once that is approved, the new version is planned before anything is stopped.`,
  ],
});

const notPlanned = (why: Text): Refusal => ({
  refuse: t`The new version could not be planned: ${why}. Nothing was changed.`,
  instead: [
    "If Flink was busy or slow, try again.",
    t`A ${code("restart")} is still possible. Its card warns that the fit of the state is unknown.`,
  ],
});

async function compared(
  c: C,
  { job, next, graphs }: { job: JobDetail; next: LaunchPlan; graphs: Graphs },
): Promise<Report> {
  const before = await stateOf(c, job);
  const fit: Fit = isKnown(before) ? fitOf(graphs.after, before) : { is: "unknown", why: before };
  const fates = isKnown(before)
    ? fatesOf(graphs.after, before).map((one) => [one.state.id, one] as const)
    : null;
  const found: Compared = {
    diff: diffOf(graphs.before, graphs.after),
    fates: fates === null ? null : new Map(fates),
  };
  const slots = slotsOf(job, next, graphs.after);
  const all = found.diff.removed.length + found.diff.added.length + found.diff.kept.length;
  const titles = { job: job.name, before: job.state, after: next.jar.name, at: c.now };
  const picture = diffPicture(found, graphs, titles);
  return {
    outcome: "done",
    headline: t`${signOf(fit, slots)} ${named(c.target)} with ${code(shown(next.jar.name))}: ${sumWords(found.diff)}${shortly(fit)}${slots.fit ? "" : "; not enough free slots"}`,
    lines: [
      ...fitLines(fit, next),
      ...slots.lines,
      ...(isKnown(before) && before.seenAt !== undefined ? [seenWords(ago(before.seenAt, c.now))] : []),
      ...otherIds(found),
      ...next.guess,
      ...next.warnings,
      ...launchWords(next),
      ...(isTerminal(job.state) ? [t`The job ${hasBeen(job)}; its last graph is compared.`] : []),
      "Flink planned the new version and started nothing.",
      ...(all > MOST_COMPARED ? [`${MOST_COMPARED} of ${all} vertices, those that differ first:`] : []),
      whereToLook(c),
    ],
    table: diffTable(found),
    facts: { jobId: job.jobId, jar: next.jar.id, fit: fit.is },
    offers: offers(
      c,
      job,
      isRefused(fit, next) || !slots.fit || isEmptyDiff(found.diff) ? "again" : "again or restart",
    ),
    ...(picture === null ? {} : { picture }),
  };
}

const isKnown = (before: Before | Text): before is Before => typeof before !== "string" && "sizes" in before;

const signOf = ({ is }: Fit, { fit }: Slots): string =>
  is === "fits" && fit ? "🟢" : is === "would drop" || is === "too wide" ? "🔴" : "🟠";

/** Whether a restart is refused because of the state. */
const isRefused = ({ is }: Fit, { launch }: LaunchPlan): boolean =>
  is === "too wide" || (is === "would drop" && !launch.allowNonRestoredState);

/** Whether the new version finds enough slots, as a restart checks it. */
interface Slots {
  fit: boolean;
  lines: readonly Text[];
}

function slotsOf(job: JobDetail, { launch, caps }: LaunchPlan, after: JobGraph): Slots {
  const isOver = isTerminal(job.state);
  const own = isOver ? 0 : widest(job);
  const asked = slotRefusal(launch.parallelism ?? widest(job), caps, own);
  const verdict = asked.is === "may not" ? asked : widthRefusal(after, caps, own);
  if (verdict.is === "may not")
    return {
      fit: false,
      lines: [t`${verdict.why.refuse} A ${isOver ? "start" : "restart"} would be refused now.`],
    };
  const withOwn = isOver ? "" : ", with those of the job";
  // an elastic cluster adds the slots that are missing
  return {
    fit: true,
    lines: caps.elastic
      ? []
      : [
          `It needs ${count(widest(after), "slot")}; ${caps.slotsFree + own} of ${caps.slotsTotal} are free for it${withOwn}.`,
        ],
  };
}

/** For the headline. */
function shortly(fit: Fit): string {
  switch (fit.is) {
    case "fits":
      return fit.held.length === 0 ? "" : "; takes all of the state";
    case "would drop":
      return "; would drop state";
    case "too wide":
      return "; too wide for the state";
    case "moved":
    case "unknown":
      return "; unknown whether it takes the state";
  }
}

/** What a card of a restart would say of the state. */
function fitLines(fit: Fit, next: LaunchPlan): readonly Text[] {
  switch (fit.is) {
    case "fits":
      return [...fitWords(fit), ...renamedWords(fit)];
    case "would drop":
      return [
        isRefused(fit, next) ? t`${notTakenWords(fit)} A restart is refused.` : dropWords(fit),
        ...freshWords(fit.fresh),
      ];
    case "too wide":
      return [t`${tooWideWords(fit)} A restart is refused.`];
    case "moved":
      return [unknownWords(movedWords(fit))];
    case "unknown":
      return [unknownWords(fit.why)];
  }
}

/** What to do where an operator only seems to be another one. */
const otherIds = ({ diff: { removed, successors }, fates }: Compared): readonly Text[] =>
  removed
    .filter((v) => successors.has(v.id) && (fates === null || fates.has(v.id)))
    .map(
      (v) =>
        t`${b(shown(headOf(v)))} has another id in the new version. If it is the same operator, give it the uid that it had before.`,
    );

function offers(c: C, job: JobDetail, which: "again" | "again or restart"): readonly Offer[] {
  const { jar, parallelism } = c.args;
  const args = { job: jobRef(c.target), jar, ...(parallelism === undefined ? {} : { parallelism }) };
  const again: Offer = { label: "Compare again", operation: "diff", args };
  return job.state !== "RUNNING" || which === "again"
    ? [again]
    : [again, { label: "Restart with it", operation: "restart", args, danger: true }];
}
