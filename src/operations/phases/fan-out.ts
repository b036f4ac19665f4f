import { z } from "zod";
import { clusterArgument } from "../wording/arguments.ts";
import { given, isTerminal, type JobSummary } from "../../model/flink-jobs.ts";
import { isRehearsalName } from "../../model/rehearsal.ts";
import { fitsGlob } from "../../model/catalog.ts";
import { frozenJobs } from "../facts/intent-facts.ts";
import { shown } from "../wording/job.ts";
import type { ClusterTarget } from "../../model/target.ts";
import type { Context, Observation, Phase, PhaseContext } from "../../model/operation.ts";
import type { Intent } from "../../model/intent.ts";
import type { Json } from "../../model/json.ts";
import type { Offer, Refusal, Report, Table } from "../../model/report.ts";
import { code, type Span, type Text, t } from "../../model/text.ts";
import type { Child } from "../../model/knowledge.ts";

/** Arguments that all operations on many jobs share. */
export const fanOutArgs = {
  cluster: clusterArgument,
  match: z.string().trim().min(1).max(300).optional().describe("only jobs whose names match, like orders-*"),
};
interface FanOutArgs {
  match?: string | undefined;
}

/** One job of the list, which was frozen when the request was made. */
interface Frozen {
  jobId: string;
  name: string;
}

type FanOut<A> = Context<A, ClusterTarget>;
type FanOutPhase<A> = PhaseContext<A, ClusterTarget>;
export type FanOutPhases = "begin" | "each";

/** At most this many left-out jobs are named; the others are counted. */
const NAMED = 10;
/** Characters that the list of jobs may take on a card. A line of a card holds 700, including markup. */
const LINE = 560;
const DAY_MS = 24 * 3_600_000;

/** Plans a request for the running jobs, sorted by name. The list is frozen when the request is made. */
export async function openFanOut<A extends FanOutArgs>(
  c: FanOut<A>,
  words: { headline(n: number): Text; loses: readonly Text[] },
): Promise<Intent | Refusal> {
  const { cluster } = c.target;
  const { match } = c.args;
  const { jobs, leftOut } = await chosen(c);
  if (jobs.length === 0)
    return {
      refuse:
        match === undefined
          ? t`No job is RUNNING on ${code(cluster)}.`
          : t`No running job on ${code(cluster)} matches ${code(shown(match))}.`,
      instead: leftOutWords(leftOut),
    };
  const { text, isWhole } = named(jobs);
  return {
    headline: t`${words.headline(jobs.length)}${match === undefined ? "" : t`, named ${code(shown(match))}`}`,
    losses: words.loses,
    warnings: leftOutWords(leftOut),
    details: [text],
    binds: { cluster, match: match ?? null },
    facts: { jobs: jobs.map((j) => ({ ...j })), leftOut: [...leftOut] },
    change: { jobs: jobs.map((j) => j.name) },
    ...(isWhole ? {} : { offers: [wholeList(c.requestId, jobs.length)] }),
  };
}

/** Shows every job before anybody approves, because the card has no room for all of them. */
const wholeList = (request: string, n: number): Offer => ({
  label: `Show all ${n} jobs`,
  operation: "requests",
  args: { request },
});

/**
 * The jobs that the request is about, and jobs that one might expect there but that are left out, each with the
 * reason.
 */
async function chosen<A extends FanOutArgs>(
  c: FanOut<A>,
): Promise<{ jobs: readonly Frozen[]; leftOut: readonly string[] }> {
  const { match } = c.args;
  const isMeant = ({ name }: { name: string }): boolean => match === undefined || fitsGlob(name, match);
  const listed = (await c.flink.overview()).filter((j) => !isTerminal(j.state) && isMeant(j));
  // the request that started one ends it
  const alive = listed.filter((j) => !isRehearsalName(j.name));
  const batch = await batchJobs(c, alive);
  const isThere = new Set(alive.map((j) => j.jobId));
  const others = (await c.known.underWayOn(c.target.cluster)).filter(
    (r) => r.id !== c.requestId && isMeant({ name: r.jobName }),
  );
  // A job that a flinkops request is replacing is followed to its successor. A job that is only being started has no
  // id yet, so it is left out.
  const between = others.filter(
    (r) => ![r.jobId, ...r.launched.map((l) => l.jobId)].some((id) => isThere.has(id)),
  );
  const jobs = [
    ...alive.filter((j) => j.state === "RUNNING" && !batch.has(j.jobId)),
    ...between.filter((r) => r.jobId !== "").map((r) => ({ jobId: r.jobId, name: r.jobName })),
  ];
  return {
    jobs: jobs
      .map(({ jobId, name }): Frozen => ({ jobId, name }))
      .toSorted((a, z) => a.name.localeCompare(z.name) || (a.jobId < z.jobId ? -1 : 1)),
    leftOut: [
      ...alive.filter((j) => batch.has(j.jobId)).map((j) => `${shown(j.name)} (a batch job)`),
      ...alive
        .filter((j) => j.state !== "RUNNING" && !batch.has(j.jobId))
        .map((j) => `${shown(j.name)} (${j.state})`),
      ...listed.filter((j) => isRehearsalName(j.name)).map((j) => `${shown(j.name)} (a rehearsal)`),
      ...between.filter((r) => r.jobId === "").map((r) => `${shown(r.jobName)} (being started)`),
    ],
  };
}

/**
 * Flink takes no savepoints of batch jobs. Since 2.3 the list of jobs names the type; before, only each job's details
 * do.
 */
async function batchJobs<A>(c: FanOut<A>, jobs: readonly JobSummary[]): Promise<ReadonlySet<string>> {
  const untold = jobs.filter((j) => j.jobType === null);
  const told = await Promise.all(
    untold.map(async ({ jobId }) => [jobId, given(await c.flink.job(jobId))?.jobType ?? null] as const),
  );
  return new Set(
    [...jobs.map((j) => [j.jobId, j.jobType] as const), ...told]
      .filter(([, type]) => type === "BATCH")
      .map(([id]) => id),
  );
}

/** As many jobs as fit on one line of a card. Once the request is under way, a table shows the progress of each. */
function named(jobs: readonly Frozen[]): { text: Text; isWhole: boolean } {
  const spans: Span[] = [];
  let left = LINE;
  for (const [i, { jobId, name }] of jobs.entries()) {
    const title = `${shown(name)} `;
    left -= title.length + 12;
    if (left < 0 && i > 0)
      return { text: [...spans, ` and ${jobs.length - i} more, ${jobs.length} in all.`], isWhole: false };
    spans.push(i === 0 ? "" : ", ", title, code(jobId.slice(0, 8)));
  }
  return { text: [...spans, "."], isWhole: true };
}

const leftOutWords = (leftOut: readonly string[]): readonly Text[] =>
  leftOut.length === 0
    ? []
    : [
        `Left out: ${leftOut.slice(0, NAMED).join(", ")}${leftOut.length > NAMED ? ` and ${leftOut.length - NAMED} more` : ""}.`,
      ];

const wereLeftOut = ({ facts: { leftOut } }: Intent): readonly string[] =>
  Array.isArray(leftOut) ? leftOut.filter((one) => typeof one === "string") : [];

const frozen = ({ facts }: Intent): readonly Frozen[] => frozenJobs(facts);

/**
 * Starts requests for some jobs at once, then for the next ones, until every job had one. A failed job is named in
 * the report, and the others continue.
 */
export function fanOutPhases<A extends FanOutArgs>(o: {
  /** The request for one job. */
  each(c: FanOutPhase<A>, jobRef: string): { operation: string; args: { readonly [key: string]: Json } };
  over: (done: number, of: number) => Text;
}): { readonly [K in FanOutPhases]: Phase<A, FanOutPhases, ClusterTarget> } {
  const next = (c: FanOutPhase<A>): readonly Frozen[] => {
    const busy = c.children.filter((child) => child.outcome === null).length;
    const room = Math.max(0, c.known.settings.atOnce - busy);
    return frozen(c.intent).slice(c.children.length, c.children.length + room);
  };
  return {
    // Has no effect of its own. An effect that follows it may be sent again, whether or not it was half done.
    begin: {
      deadlineMs: DAY_MS,
      observe: () => Promise.resolve({ kind: "next", phase: "each", result: null }),
    },
    each: {
      deadlineMs: DAY_MS,
      effect: (c) =>
        Promise.resolve({
          do: "spawn",
          children: next(c).map(({ jobId, name }) => ({
            ...o.each(c, `${c.target.cluster}/${jobId}`),
            jobId,
            name,
          })),
        }),
      // each of them respects locks itself
      finishes: () => true,
      observe: (c) => Promise.resolve(observeEach(c, next(c).length, o.over)),
    },
  };
}

function observeEach<A>(
  c: FanOutPhase<A>,
  room: number,
  over: (done: number, of: number) => Text,
): Observation<FanOutPhases> {
  const all = frozen(c.intent);
  const ended = c.children.filter((child) => child.outcome !== null).length;
  if (room > 0) return { kind: "next", phase: "each", result: c.children.length };
  const table = tableOf(all, c.children);
  if (ended < all.length)
    return {
      kind: "pending",
      note: `${ended} of ${all.length} done, ${c.children.length - ended} in progress`,
      progress: [ended, all.length],
      table,
    };
  const report = reportOf(all, c.children, { table, over });
  const lines = [...report.lines, ...leftOutWords(wereLeftOut(c.intent))];
  return { kind: "end", report: { ...report, lines } };
}

const SIGNS: Readonly<Record<Report["outcome"], string>> = {
  done: "✅",
  partly: "⚠️",
  failed: "❌",
  unknown: "❓",
};

function tableOf(all: readonly Frozen[], children: readonly Child[]): Table {
  const known = new Map(children.map((child) => [child.jobId, child]));
  return {
    head: [],
    rows: all.map(({ jobId, name }): readonly Text[] => {
      const child = known.get(jobId);
      const job = t`${shown(name)} ${code(jobId.slice(0, 8))}`;
      if (child === undefined) return [job, "not started yet"];
      if (child.outcome === null) return [job, child.says];
      const { location } = child.facts;
      const detail = typeof location === "string" ? t`${code(location)}` : (child.lines[0] ?? child.says);
      return [t`${SIGNS[child.outcome]} ${job}`, ...(child.outcome === "done" ? [] : [child.says]), detail];
    }),
  };
}

/** Unsuccessful jobs come first. */
function reportOf(
  all: readonly Frozen[],
  children: readonly Child[],
  { table, over }: { table: Table; over: (done: number, of: number) => Text },
): Report {
  const done = children.filter((child) => child.outcome === "done");
  const bad = children.filter((child) => child.outcome !== "done");
  const badIds = new Set(bad.map((child) => child.jobId));
  const wrong = all.flatMap((job, i) => (badIds.has(job.jobId) ? [table.rows[i] ?? []] : []));
  const right = all.flatMap((job, i) => (badIds.has(job.jobId) ? [] : [table.rows[i] ?? []]));
  const outcome = bad.length === 0 ? "done" : done.length === 0 ? "failed" : "partly";
  return {
    outcome,
    headline: over(done.length, all.length),
    lines:
      bad.length === 0
        ? []
        : [
            t`Not done: ${bad
              .slice(0, 20)
              .map((child) => shown(child.jobName))
              .join(", ")}.`,
          ],
    table: { head: [], rows: [...wrong, ...right] },
    facts: { done: done.length, of: all.length },
  };
}
