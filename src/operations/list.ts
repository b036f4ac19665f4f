import { z } from "zod";
import { closest } from "../command/closest.ts";
import { isBatch, isTerminal, JOB_STATES, type JobState, type JobSummary } from "../model/flink-jobs.ts";
import { badness, Gathered, type Listed } from "./facts/gathered.ts";
import { batchProgress, shown } from "./wording/job.ts";
import { lockLine } from "./wording/lock.ts";
import { canBeTyped, shownApart } from "./wording/names.ts";
import { overWords } from "../model/application-cluster.ts";
import { resumeOffers, runningOf } from "../model/ended-job.ts";
import { isRehearsalName } from "../model/rehearsal.ts";
import { defineLocal, type LocalContext } from "../model/operation.ts";
import type { Offer, Refusal, Report } from "../model/report.ts";
import type { ClusterSnapshot, RestorableState } from "../model/knowledge.ts";
import { b, code, type Text, t } from "../model/text.ts";
import { ago, count, duration } from "../model/units.ts";

/** A Slack table holds 100 rows; the same table as message text holds far fewer. */
const MOST_ROWS = 40;
/** Buttons for jobs that need attention; more would hide the list. */
const MOST_OFFERED = 3;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The job cache reads each cluster at least every 15 s. If data is older than this, ms, the list stresses it. */
const STALE_MS = 45_000;

/** A cluster without its jobs, for the lines above the table. */
type Head = Omit<ClusterSnapshot, "jobs">;

interface ListArgs {
  cluster?: string | undefined;
  state?: JobState | undefined;
  all: boolean;
  page: number;
}

export const list = defineLocal({
  kind: "local",
  name: "list",
  summary: "List jobs; those that need attention come first",
  examples: ["list", "list --cluster prod", "list --state FAILED", "list --all"],
  args: z.strictObject({
    cluster: z.string().trim().min(1).max(100).optional().describe("only this cluster"),
    state: z.enum(JOB_STATES).optional().describe("only jobs in this state, like FAILED"),
    all: z
      .boolean()
      .default(false)
      .describe("also jobs that ended; without it only those of the last hour, and failures of the last day"),
    page: z.number().int().min(1).max(10_000).default(1).describe("which page, where they do not fit on one"),
  }),
  positionals: [],
  class: "view",
  find: (args) => ({ find: "cluster", cluster: args.cluster ?? null }),

  async answer(c) {
    const cluster = c.target.kind === "cluster" ? c.target.cluster : c.args.cluster;
    const gathered = new Gathered(c.args.page * MOST_ROWS);
    const wanted: Head[] = [];
    const names: string[] = [];
    let rehearsals = 0;
    for await (const one of c.jobCache.inTurn()) {
      names.push(one.cluster);
      if (cluster !== undefined && one.cluster !== cluster) continue;
      const { jobs: listed, ...head } = one;
      const beside = new Set(listed.filter((job) => isRehearsalName(job.name)));
      const jobs = c.args.all || beside.size === 0 ? listed : listed.filter((job) => !beside.has(job));
      for (const job of beside) rehearsals += isTerminal(job.state) ? 0 : 1;
      wanted.push(head);
      const later = successors(jobs);
      gathered.add(
        one,
        jobs.filter((job) => isWanted(job, { args: c.args, now: c.now, later })),
      );
    }
    if (cluster !== undefined && wanted.length === 0) return noCluster(cluster, names);
    const page = report(wanted, gathered, { args: c.args, now: c.now });
    const [resumes, locks] = await Promise.all([resumable(c, gathered.worst()), c.locks.all()]);
    const here = locks.filter((lock) => wanted.some((head) => head.cluster === lock.cluster));
    return {
      ...page,
      lines: [...here.map(lockLine), ...rehearsing(rehearsals, c.args), ...page.lines],
      offers: [...(page.offers ?? []), ...resumes],
    };
  },
});

/** Rehearsals are no jobs of their own: the requests that started them end them. */
const rehearsing = (rehearsals: number, { all }: ListArgs): readonly Text[] =>
  rehearsals === 0 || all
    ? []
    : [
        t`${rehearsals === 1 ? "1 rehearsal runs" : `${rehearsals} rehearsals run`} too; ${code("list --all")} shows ${rehearsals === 1 ? "it" : "them"}.`,
      ];

function noCluster(cluster: string, names: readonly string[]): Refusal {
  const near = closest(cluster, names);
  return {
    refuse: t`There is no cluster ${code(shown(cluster))}.`,
    instead: [`Clusters: ${(near.length > 0 ? near : names).join(", ")}.`],
  };
}

const isLater = (a: JobSummary, z: JobSummary): boolean =>
  isTerminal(a.state) === isTerminal(z.state) ? a.startedAt > z.startedAt : isTerminal(z.state);

/** Of each name the job that is alive, or else the one that was started last. */
function successors(jobs: readonly JobSummary[]): ReadonlyMap<string, JobSummary> {
  const newest = new Map<string, JobSummary>();
  for (const job of jobs) {
    const before = newest.get(job.name);
    if (before === undefined || isLater(job, before)) newest.set(job.name, job);
  }
  return newest;
}

function isWanted(
  job: JobSummary,
  { args, now, later }: { args: ListArgs; now: number; later: ReadonlyMap<string, JobSummary> },
): boolean {
  if (args.state !== undefined) return job.state === args.state;
  if (args.all || !isTerminal(job.state)) return true;
  const age = now - (job.endedAt ?? job.lastModifiedAt);
  return job.state === "FAILED" ? age < DAY_MS : age < HOUR_MS && later.get(job.name) === job;
}

/** Resume for the jobs that ended last, where none of their name runs and there is state that continues their work. */
async function resumable(c: LocalContext<ListArgs>, some: readonly Listed[]): Promise<readonly Offer[]> {
  const ended = some
    .filter(({ job, cluster }) => isTerminal(job.state) && runningOf(cluster.jobs, job.name) === undefined)
    .filter(({ cluster }) => cluster.facts?.application !== true)
    .toSorted((a, z) => (z.job.endedAt ?? 0) - (a.job.endedAt ?? 0));
  const candidates = ended.flatMap(({ job, cluster: { cluster } }) =>
    resumeOffers({ cluster, name: job.name }, c).map((offer) => ({ job, cluster, offer })),
  );
  const found = await Promise.all(
    candidates.slice(0, MOST_OFFERED).map(async ({ job, cluster, offer }) => {
      const states = await c.restorable.of(`${cluster}/${job.name}`);
      return continues(job, states) ? [{ ...offer, label: `Resume ${shown(job.name, 40)}` }] : [];
    }),
  );
  return found.flat();
}

/** A job that is FINISHED may have done its work: then only a savepoint that we stopped it with continues it. */
const continues = ({ jobId, state }: JobSummary, states: readonly RestorableState[]): boolean =>
  states.some(
    (s) =>
      s.drained !== true && (state !== "FINISHED" || (s.jobId === jobId && s.isSavepoint && s.by !== null)),
  );

function report(
  clusters: readonly Head[],
  listed: Gathered,
  { args, now }: { args: ListArgs; now: number },
): Report {
  const several = clusters.length > 1;
  const pages = Math.max(1, Math.ceil(listed.count / MOST_ROWS));
  const page = Math.min(args.page, pages);
  const some = listed.worst().slice((page - 1) * MOST_ROWS, page * MOST_ROWS);
  const { trouble } = listed;
  const lines: Text[] = clusters.flatMap((s) => freshness(s, now));
  if (pages > 1)
    lines.push(
      t`Page ${page} of ${pages}; ${code("--state")} and ${code("--cluster")} make the list shorter.`,
    );
  const name = nameCell(listed, some);
  return {
    outcome: "done",
    headline: t`${count(listed.count, "job")}${trouble === 0 ? "" : ` · ${trouble === 1 ? "1 needs" : `${trouble} need`} attention`}`,
    lines,
    offers: [
      ...troubled(some),
      ...(page > 1 ? [pageOffer("Previous page", args, page - 1)] : []),
      ...(page < pages ? [pageOffer("Next page", args, page + 1)] : []),
      pageOffer("Refresh", args, page),
    ],
    ...(some.length === 0
      ? {}
      : {
          table: {
            head: ["Job", "Id", ...(several ? ["Cluster"] : []), "State", "Age", "Tasks"],
            rows: some
              .map((l) => [
                name(l),
                code(l.job.jobId.slice(0, 8)),
                ...(several ? [l.cluster.label] : []),
                state(l.job),
                age(l, now),
                tasks(l.job),
              ])
              .map((row) => row.map((cell) => t`${cell}`)),
          },
        }),
  };
}

const SIGNS = ["🔴", "🔴", "🟡", "🔴", "🟢", "⚪"];

/** Bold where the job needs attention; the sign repeats it for those who see colours. */
function state(job: JobSummary): Text {
  const bad = badness(job);
  return t`${SIGNS[bad] ?? ""} ${bad < 4 ? b(job.state) : job.state}`;
}

/** The worst jobs, to be diagnosed with one press. */
const troubled = (some: readonly Listed[]): readonly Offer[] =>
  some
    .filter(({ job }) => badness(job) < 4)
    .slice(0, MOST_OFFERED)
    .map(({ job, cluster }) => ({
      label: `Diagnose ${shown(job.name, 40)}`,
      operation: "diagnose",
      args: { job: `${cluster.cluster}/${job.jobId}` },
    }));

/** Flink's own age at the time of the read, plus the time since then, because Flink's clock may differ from ours. */
function age({ job, cluster }: Listed, now: number): Text {
  if (job.endedAt !== null) return t`ended ${{ at: job.endedAt }}`;
  return job.ageMs === undefined || cluster.readAt === null
    ? t`since ${{ at: job.startedAt }}`
    : duration(job.ageMs + Math.max(0, now - cluster.readAt));
}

function tasks(job: JobSummary): string {
  const { running, finished, total } = job.tasks;
  if (isBatch(job)) return batchProgress(job.tasks, job.pendingOperators ?? 0);
  return `${running} of ${total}${finished === 0 ? "" : `, ${finished} finished`}`;
}

function pageOffer(label: string, args: ListArgs, page: number): Offer {
  const { cluster, state, all } = args;
  const only = { ...(cluster === undefined ? {} : { cluster }), ...(state === undefined ? {} : { state }) };
  return { label, operation: "list", args: { ...only, all, page } };
}

/** Jobs are addressed by their exact name, so names that are easily mistaken are marked. */
function nameCell(listed: Gathered, page: readonly Listed[]): (l: Listed) => Text {
  const names = shownApart(page.map((l) => l.job.name));
  return ({ job }) => {
    const name = names.get(job.name) ?? shown(job.name);
    if (isTerminal(job.state)) return name;
    const twins = listed.alive(job.name);
    if (twins > 1) return `${name} (${twins} of this name: use the id)`;
    if (listed.isAlike(job.name)) return `${name} (looks like another name: use the id)`;
    return canBeTyped(job.name) ? name : `${name} (cannot be typed: use the id)`;
  };
}

function freshness(s: Head, now: number): readonly Text[] {
  const asOf: Text = s.readAt === null ? "not read yet" : t`what is shown was read ${ago(s.readAt, now)}`;
  if (s.unreachableSince !== null) {
    if (s.isOver) return [overWords(t`${b(s.label)}`, s.unreachableSince)];
    const why = s.problem === null ? "" : `: ${shown(s.problem)}`;
    return [t`${b(s.label)} has not answered since ${{ at: s.unreachableSince }}${why}; ${asOf}.`];
  }
  if (s.readAt === null) return [t`${b(s.label)}: ${asOf}.`];
  return now - s.readAt > STALE_MS
    ? [t`${b(s.label)}: ${asOf}.`]
    : [t`${s.label}: read ${ago(s.readAt, now)}.`];
}
