import { closest } from "../command/closest.ts";
import { isTerminal, type JobSummary } from "../model/flink-jobs.ts";
import type { Refusal } from "../model/report.ts";
import { difference, skeleton } from "../model/confusable-names.ts";
import { code, shown, type Text, t } from "../model/text.ts";

/** The job that the person typed, and the job that the job cache resolved it to at that moment (`bound`). */
export interface Meant {
  cluster: string;
  job: string;
  bound: { jobId: string; name: string } | null;
  /** A view may find a job by its name in letters of another case; a change may not. */
  letters?: "any case";
}

const ID_PREFIX = /^[0-9a-f]{6,32}$/u;

/** The refusal of a name or an id that several jobs have. */
export interface Ambiguous extends Refusal {
  /** The jobs that it lists. */
  among: readonly JobSummary[];
}

export const isAmbiguous = (found: JobSummary | Refusal): found is Ambiguous => "among" in found;

/** Whether the text can be a prefix of a job id: 6 to 32 hex digits. */
export const isIdPrefix = (typed: string): boolean => ID_PREFIX.test(typed.toLowerCase());

/** Whether the text is a job's name or a prefix of its id. */
export const isCalled =
  (typed: string) =>
  (job: { jobId: string; name: string }): boolean =>
    job.name === typed || (isIdPrefix(typed) && job.jobId.startsWith(typed.toLowerCase()));

/**
 * Returns the one job that matches, or a refusal that lists the candidates. Names must match exactly; nothing is
 * guessed.
 */
export function findJob(meant: Meant, jobs: readonly JobSummary[]): JobSummary | Refusal {
  const typed = meant.job.trim();
  if (typed === "") return { refuse: t`Which job on ${code(meant.cluster)}? The name is missing.` };
  const matches = jobs.filter(isCalled(typed));
  const live = matches.filter((j) => !isTerminal(j.state));
  if (meant.bound !== null) return boundTo(meant, meant.bound, jobs);
  if (live.length === 1 && live[0] !== undefined) return live[0];
  if (live.length > 1) return ambiguous(typed, live);
  const ended = matches.toSorted((x, y) => y.startedAt - x.startedAt)[0];
  return ended ?? inOtherLetters(meant, jobs) ?? unknown(typed, meant.cluster, jobs);
}

/** The one live job whose name differs from the typed one only in case. */
function inOtherLetters({ job, letters }: Meant, jobs: readonly JobSummary[]): JobSummary | undefined {
  const typed = job.trim().toLowerCase();
  const found = jobs.filter((j) => !isTerminal(j.state) && j.name.toLowerCase() === typed);
  return letters === undefined || found.length > 1 ? undefined : found[0];
}

/** A bound job is found by its id only, because a job that has its name now may be a different job. */
function boundTo(
  meant: Meant,
  bound: { jobId: string; name: string },
  jobs: readonly JobSummary[],
): JobSummary | Refusal {
  const typed = meant.job.trim();
  const namesakes = jobs.filter((j) => !isTerminal(j.state) && isCalled(typed)(j));
  // The job cache may have missed a second job of this name when the name was typed. An ambiguous name is refused
  // even then.
  if (namesakes.length > 1) return ambiguous(typed, namesakes);
  const found = jobs.find((j) => j.jobId === bound.jobId);
  if (found !== undefined) return found;
  return {
    refuse: t`Job ${code(bound.jobId.slice(0, 8))} ${bound.name} is no longer on ${code(meant.cluster)}.`,
    instead: jobs
      .filter((j) => !isTerminal(j.state) && j.name === bound.name)
      .map((j) => t`Another job of that name is running there: ${candidateLine(j)}`),
  };
}

/** How many candidates are listed. */
const MOST = 10;

function ambiguous(typed: string, jobs: readonly JobSummary[]): Ambiguous {
  const among = jobs.slice(0, MOST);
  return {
    refuse: t`${code(typed)} matches ${jobs.length} jobs. Use the id:`,
    instead: among.map(candidateLine),
    among,
  };
}

function unknown(typed: string, cluster: string, jobs: readonly JobSummary[]): Refusal {
  const live = jobs.filter((j) => !isTerminal(j.state));
  const names = closest(skeleton(typed), [...new Set(live.map((j) => skeleton(j.name)))]);
  const near = names.flatMap((name) => live.filter((j) => skeleton(j.name) === name)).slice(0, 3);
  const refuse = t`There is no job ${code(typed)} on ${code(cluster)}.`;
  // The text before a slash would have been read as the cluster if it were a known one.
  const slash = typed.indexOf("/");
  const where = [
    ...(slash > 0 ? [t`There is no cluster ${code(typed.slice(0, slash))}.`] : []),
    ...(/^(?=.*\d)[0-9a-f]{2,5}$/iu.test(typed) ? ["An id prefix needs at least 6 characters."] : []),
  ];
  if (live.length === 0) return { refuse, instead: [...where, "No job is running there."] };
  if (near.length === 0)
    return { refuse, instead: [...where, "Jobs there:", ...live.slice(0, 3).map(candidateLine)] };
  return { refuse, instead: [...where, "Did you mean:", ...near.map((j) => alike(typed, j))] };
}

/** A job as one of several that may be meant. */
export const candidateLine = (j: JobSummary): Text =>
  t`• ${code(j.jobId.slice(0, 8))} ${shown(j.name)} (${j.state}, started ${{ at: j.startedAt }})`;

/** Points out a candidate whose name looks like the typed one but differs in characters. */
function alike(typed: string, job: JobSummary): Text {
  const how = difference(typed, job.name);
  return how === null ? candidateLine(job) : t`${candidateLine(job)} - looks alike, but ${how}; use the id`;
}
