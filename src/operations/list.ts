import { z } from "zod";
import { closest } from "../command/closest.ts";
import { isTerminal, JOB_STATES, type JobState, type JobSummary } from "../flink/reads.ts";
import { shown } from "./job-words.ts";
import { lookAlikes } from "./look-alikes.ts";
import { canBeTyped, shownApart } from "./names.ts";
import { defineLocal, type Offer, type Refusal, type Report } from "./operation.ts";
import type { ClusterSnapshot } from "./views.ts";
import { b, code, type Text, t } from "./text.ts";
import { ago, count, duration } from "./units.ts";

/** A Slack table holds 100 rows, a message much less than that in text. */
const MOST_ROWS = 40;
const DAY_MS = 24 * 3_600_000;
/** The directory reads every 15 s at the least; older than this somebody should know. */
const STALE_MS = 45_000;

interface Listed {
  cluster: ClusterSnapshot;
  job: JobSummary;
}

interface ListArgs {
  cluster?: string | undefined;
  state?: JobState | undefined;
  all: boolean;
  page: number;
}

export const list = defineLocal({
  kind: "local",
  name: "list",
  summary: "List jobs, those that need a look first",
  examples: ["list", "list --cluster prod", "list --state FAILED", "list --all"],
  args: z.strictObject({
    cluster: z.string().trim().min(1).max(100).optional().describe("only this cluster"),
    state: z.enum(JOB_STATES).optional().describe("only jobs in this state, like FAILED"),
    all: z
      .boolean()
      .default(false)
      .describe("also jobs that ended; without it only failures of the last day"),
    page: z.number().int().min(1).max(10_000).default(1).describe("which page, where they do not fit on one"),
  }),
  positionals: [],
  class: "view",
  find: (args) => ({ find: "cluster", cluster: args.cluster ?? null }),

  async answer(c) {
    const clusters = await c.directory.clusters();
    const cluster = c.target.kind === "cluster" ? c.target.cluster : c.args.cluster;
    const wanted = clusters.filter((s) => cluster === undefined || s.cluster === cluster);
    if (cluster !== undefined && wanted.length === 0) return noCluster(cluster, clusters);
    const all = wanted.flatMap((s) => s.jobs.map((job): Listed => ({ cluster: s, job })));
    const listed = all.filter((l) => isWanted(l, c.args, c.now)).sort(worstFirst);
    return report(wanted, listed, c.args, c.now);
  },
});

function noCluster(cluster: string, clusters: readonly ClusterSnapshot[]): Refusal {
  const names = clusters.map((s) => s.cluster);
  const near = closest(cluster, names);
  return {
    refuse: t`There is no cluster ${code(shown(cluster))}.`,
    instead: [`Clusters: ${(near.length > 0 ? near : names).join(", ")}.`],
  };
}

function isWanted({ job }: Listed, args: ListArgs, now: number): boolean {
  if (args.state !== undefined) return job.state === args.state;
  if (args.all || !isTerminal(job.state)) return true;
  return job.state === "FAILED" && (job.endedAt ?? job.lastModifiedAt) > now - DAY_MS;
}

const tasksMissing = (job: JobSummary): boolean =>
  job.tasks.running + job.tasks.finished < job.tasks.total || job.tasks.total === 0;

function badness(job: JobSummary): number {
  if (job.state === "FAILED") return 0;
  if (job.state === "RESTARTING" || job.state === "FAILING") return 1;
  if (isTerminal(job.state)) return 5;
  if (job.state !== "RUNNING") return 2;
  return tasksMissing(job) ? 3 : 4;
}

const worstFirst = (a: Listed, z: Listed): number =>
  badness(a.job) - badness(z.job) ||
  (badness(a.job) === 4
    ? a.job.name.localeCompare(z.job.name)
    : z.job.lastModifiedAt - a.job.lastModifiedAt) ||
  (a.job.jobId < z.job.jobId ? -1 : 1);

function report(
  clusters: readonly ClusterSnapshot[],
  listed: readonly Listed[],
  args: ListArgs,
  now: number,
): Report {
  const several = clusters.length > 1;
  const pages = Math.max(1, Math.ceil(listed.length / MOST_ROWS));
  const page = Math.min(args.page, pages);
  const some = listed.slice((page - 1) * MOST_ROWS, page * MOST_ROWS);
  const trouble = listed.filter((l) => badness(l.job) < 4).length;
  const lines: Text[] = clusters.flatMap((s) => freshness(s, now));
  if (pages > 1)
    lines.push(
      t`Page ${page} of ${pages}; ${code("--state")} and ${code("--cluster")} make the list shorter.`,
    );
  const name = nameCell(listed, some);
  return {
    outcome: "done",
    headline: t`${count(listed.length, "job")}${trouble > 0 ? `, ${trouble} worth a look` : ""}`,
    lines,
    offers: [
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
                badness(l.job) < 4 ? b(l.job.state) : l.job.state,
                age(l, now),
                tasks(l.job),
              ])
              .map((row) => row.map((cell) => t`${cell}`)),
          },
        }),
  };
}

/** As old as Flink said when it was read, and older by what has passed since: its clock is not ours. */
function age({ job, cluster }: Listed, now: number): Text {
  if (job.endedAt !== null) return t`ended ${{ at: job.endedAt }}`;
  return job.ageMs === undefined || cluster.readAt === null
    ? t`since ${{ at: job.startedAt }}`
    : duration(job.ageMs + Math.max(0, now - cluster.readAt));
}

const tasks = ({ tasks: { running, finished, total } }: JobSummary): string =>
  `${running} of ${total}${finished === 0 ? "" : `, ${finished} finished`}`;

function pageOffer(label: string, args: ListArgs, page: number): Offer {
  const { cluster, state, all } = args;
  const only = { ...(cluster === undefined ? {} : { cluster }), ...(state === undefined ? {} : { state }) };
  return { label, operation: "list", args: { ...only, all, page } };
}

/** Names are addressed exactly, so what invites a mistake is marked. */
function nameCell(listed: readonly Listed[], page: readonly Listed[]): (l: Listed) => Text {
  const live = listed.filter((l) => !isTerminal(l.job.state));
  const alike = lookAlikes(live.map((l) => l.job.name));
  const names = shownApart(page.map((l) => l.job.name));
  return ({ job }) => {
    const name = names.get(job.name) ?? shown(job.name);
    if (isTerminal(job.state)) return name;
    const twins = live.filter((l) => l.job.name === job.name).length;
    if (twins > 1) return `${name} (${twins} of this name: use the id)`;
    if (alike.has(job.name)) return `${name} (looks like another name: use the id)`;
    return canBeTyped(job.name) ? name : `${name} (cannot be typed: use the id)`;
  };
}

function freshness(s: ClusterSnapshot, now: number): readonly Text[] {
  const asOf: Text =
    s.readAt === null ? "it was never read yet" : t`what is shown was read ${ago(s.readAt, now)}`;
  if (s.unreachableSince !== null) {
    const why = s.problem === null ? "" : `: ${shown(s.problem)}`;
    return [t`${b(s.label)} has not answered since ${{ at: s.unreachableSince }}${why}; ${asOf}.`];
  }
  if (s.readAt === null) return [t`${b(s.label)}: ${asOf}.`];
  return now - s.readAt > STALE_MS
    ? [t`${b(s.label)}: ${asOf}.`]
    : [t`${s.label}: read ${ago(s.readAt, now)}.`];
}
