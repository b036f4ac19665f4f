import { entryOf } from "./catalog.ts";
import { isTerminal, type JobSummary } from "./flink-jobs.ts";
import type { Knowledge, RequestOnName } from "./knowledge.ts";
import type { Offer, Refusal } from "./report.ts";
import { b, code, shown, type Text, t } from "./text.ts";

/** How a job ended, and whether its newest state continues its work. */
export interface HowEnded {
  /** To follow the job's name: "was stopped 18:19 by Ben", "has been FINISHED since 18:19". */
  words: Text;
  /** A request of ours ended it. */
  isOurs: boolean;
  /** False: it was drained, or its work may be done, so a person has to choose the state. */
  resumes: boolean;
}

type EndedJob = Pick<JobSummary, "jobId" | "state" | "endedAt">;

/** From our own requests where one of them ended the job; otherwise as Flink lists it. */
export function howEnded(job: EndedJob, requests: readonly RequestOnName[]): HowEnded {
  for (const { ended, actor } of requests) {
    if (ended === null || ended.jobId !== job.jobId || job.state !== ENDS_AS[ended.by]) continue;
    const did = ended.drained ? "drained" : ended.by === "stop" ? "stopped" : "cancelled";
    const words = t`was ${did} ${{ at: ended.at }} by ${{ person: actor }}`;
    return { words, isOurs: true, resumes: !ended.drained };
  }
  const words: Text =
    job.endedAt === null ? t`is ${b(job.state)}` : t`has been ${b(job.state)} since ${{ at: job.endedAt }}`;
  return { words, isOurs: false, resumes: job.state !== "FINISHED" };
}

/** What a stop and a cancel make of a job. */
const ENDS_AS = { stop: "FINISHED", cancel: "CANCELED" } as const;

interface Namesake {
  cluster: string;
  name: string;
}

/** Offers to resume from the newest state; nothing if the catalog does not have the job. */
export const resumeOffers = (
  { cluster, name }: Namesake,
  { catalogue }: Pick<Knowledge, "catalogue">,
): readonly Offer[] =>
  entryOf(catalogue, cluster, name) === null
    ? []
    : [{ label: "Resume", operation: "resume", args: { job: `${cluster}/${name}` } }];

/** The job of this name that runs; undefined: none does. */
export const runningOf = <J extends Pick<JobSummary, "name" | "state">>(
  jobs: readonly J[],
  name: string,
): J | undefined => jobs.find((j) => j.name === name && !isTerminal(j.state));

/** Refuses a change of a job that has ended: how it ended, and how to start it again. `jobs`: all of its cluster. */
export function endedRefusal(
  job: EndedJob & { name: string; cluster: string },
  jobs: readonly JobSummary[],
  {
    needs,
    requests,
    known,
  }: { needs: Text; requests: readonly RequestOnName[]; known: Pick<Knowledge, "catalogue"> },
): Refusal {
  const { words, resumes } = howEnded(job, requests);
  const refuse = t`${b(shown(job.name))} ${words}: ${needs}`;
  const other = runningOf(jobs, job.name);
  if (other !== undefined)
    return {
      refuse,
      instead: [
        t`Another job of that name is ${b(other.state)}: ${code(other.jobId.slice(0, 8))}, started ${{ at: other.startedAt }}.`,
      ],
    };
  return { refuse, offers: [...(resumes ? resumeOffers(job, known) : []), statesOffer(job)] };
}

/** The states that a job of this name can be started from. */
export const statesOffer = ({ cluster, name }: Namesake): Offer => ({
  label: "Savepoints",
  operation: "savepoints",
  args: { job: `${cluster}/${name}` },
});
