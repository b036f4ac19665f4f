import { closest } from "../command/closest.ts";
import { isTerminal, type JobSummary } from "../model/flink-jobs.ts";
import type { Refusal } from "../model/report.ts";
import { difference, skeleton } from "../model/confusable-names.ts";
import { code, shown, type Text, t } from "../model/text.ts";

/** What was typed, and what the directory took it for at that moment. */
export interface Meant {
  cluster: string;
  job: string;
  bound: { jobId: string; name: string } | null;
}

const ID_PREFIX = /^[0-9a-f]{6,32}$/u;

/** Whether these words may be the beginning of a job id: six characters or more. */
export const isIdPrefix = (typed: string): boolean => ID_PREFIX.test(typed.toLowerCase());

/** Whether a job is meant by these words: its name, or the beginning of its id. */
export const isCalled =
  (typed: string) =>
  (job: { jobId: string; name: string }): boolean =>
    job.name === typed || (isIdPrefix(typed) && job.jobId.startsWith(typed.toLowerCase()));

/** The one job that is meant, or a refusal that names the candidates. Names match exactly; nothing is guessed. */
export function findJob(meant: Meant, jobs: readonly JobSummary[]): JobSummary | Refusal {
  const typed = meant.job.trim();
  if (typed === "") return { refuse: t`Which job on ${code(meant.cluster)}? None is named.` };
  const matches = jobs.filter(isCalled(typed));
  const live = matches.filter((j) => !isTerminal(j.state));
  if (meant.bound !== null) return boundTo(meant, meant.bound, jobs);
  if (live.length === 1 && live[0] !== undefined) return live[0];
  if (live.length > 1) return ambiguous(typed, live);
  const ended = matches.toSorted((x, y) => y.startedAt - x.startedAt)[0];
  return ended ?? unknown(typed, meant.cluster, jobs);
}

/** What was bound is found by its id only: whatever carries its name now is another job. */
function boundTo(
  meant: Meant,
  bound: { jobId: string; name: string },
  jobs: readonly JobSummary[],
): JobSummary | Refusal {
  const typed = meant.job.trim();
  const namesakes = jobs.filter((j) => !isTerminal(j.state) && isCalled(typed)(j));
  // a twin that the job cache had not seen yet when a name was typed: even then nothing is guessed
  if (namesakes.length > 1) return ambiguous(typed, namesakes);
  const found = jobs.find((j) => j.jobId === bound.jobId);
  if (found !== undefined) return found;
  return {
    refuse: t`Job ${code(bound.jobId.slice(0, 8))} ${bound.name} is not on ${code(meant.cluster)} any more.`,
    instead: jobs
      .filter((j) => !isTerminal(j.state) && j.name === bound.name)
      .map((j) => t`Another job of that name runs there: ${line(j)}`),
  };
}

function ambiguous(typed: string, jobs: readonly JobSummary[]): Refusal {
  return {
    refuse: t`${code(typed)} is not one job but ${jobs.length}. Say which by its id:`,
    instead: jobs.slice(0, 10).map(line),
  };
}

function unknown(typed: string, cluster: string, jobs: readonly JobSummary[]): Refusal {
  const live = jobs.filter((j) => !isTerminal(j.state));
  const names = closest(skeleton(typed), [...new Set(live.map((j) => skeleton(j.name)))]);
  const near = names.flatMap((name) => live.filter((j) => skeleton(j.name) === name)).slice(0, 3);
  const refuse = t`There is no job ${code(typed)} on ${code(cluster)}.`;
  // what stands before a slash and is a cluster was taken for one before
  const slash = typed.indexOf("/");
  const where = [
    ...(slash > 0 ? [t`${code(typed.slice(0, slash))} is not a cluster that is known here.`] : []),
    ...(/^(?=.*\d)[0-9a-f]{2,5}$/iu.test(typed)
      ? ["The beginning of an id counts from 6 characters on."]
      : []),
  ];
  if (live.length === 0) return { refuse, instead: [...where, "No job runs there."] };
  if (near.length === 0)
    return { refuse, instead: [...where, "Among the jobs there:", ...live.slice(0, 3).map(line)] };
  return { refuse, instead: [...where, "The closest:", ...near.map((j) => alike(typed, j))] };
}

const line = (j: JobSummary): Text =>
  t`• ${code(j.jobId.slice(0, 8))} ${shown(j.name)} (${j.state}, started ${{ at: j.startedAt }})`;

/** Says so where two names look alike and are not the same. */
function alike(typed: string, job: JobSummary): Text {
  const how = difference(typed, job.name);
  return how === null ? line(job) : t`${line(job)} - looks alike, but ${how}; use the id`;
}
