import type { JobDetail, Sighting, Vertex } from "../../model/flink-jobs.ts";
import type { Context } from "../../model/operation.ts";
import type { JobTarget } from "../../model/target.ts";
import type { Json } from "../../model/json.ts";
import type { Offer, Refusal } from "../../model/report.ts";
import { b, code, shown, type Span, type Text, t } from "../../model/text.ts";
import { count, duration } from "../../model/units.ts";

export { shown };

/** The job's name for display. */
export const named = (target: JobTarget): Span => b(shown(target.name));

/** How a button refers to the job: by id, because a name may move to another job. */
export const jobRef = (target: JobTarget): string => `${target.cluster}/${target.jobId}`;

/** The job's cluster and id, with links to the Flink UI and to the dashboards from the configuration. */
export function whereToLook(c: Context<unknown>): Text {
  const { cluster, jobId } = c.target;
  const url = c.flink.uiUrl(jobId);
  const all = [...(url === null ? [] : [{ label: "Flink", url }]), ...c.flink.links(c.target)];
  const links = all.flatMap(({ label, url: link }): Span[] => [", ", { link, label }]);
  return t`${cluster}, id ${code(jobId)}${links}`;
}

/** The facts that an approval is bound to. A fail-over or a restart from outside changes the start time. */
export const aliveBinds = (job: JobDetail): { readonly [key: string]: Json } => ({
  jobId: job.jobId,
  startTime: job.startedAt,
  alive: true,
});

/** "has been RUNNING for 1 h", to follow the job's name. By Flink's clock, if Flink says since when. */
export const hasBeen = ({ state, stateSince, now }: Pick<JobDetail, "state" | "stateSince" | "now">): Text =>
  stateSince === null
    ? t`is ${b(state)} (Flink does not say since when)`
    : t`has been ${b(state)} for ${duration(now - stateSince)}`;

/** The same for a card, which shows the later state at its end: "had been RUNNING for 1 h when this was asked". */
export const hadBeen = ({ state, stateSince, now }: Pick<JobDetail, "state" | "stateSince" | "now">): Text =>
  stateSince === null
    ? t`was ${b(state)} when this was asked`
    : t`had been ${b(state)} for ${duration(now - stateSince)} when this was asked`;

/** Task counts of one vertex or of several. */
export type Tasks = { running: number; finished: number; total: number };

export const tasksOf = (vertices: readonly Vertex[]): Tasks => ({
  running: vertices.reduce((n, v) => n + v.tasksRunning, 0),
  finished: vertices.reduce((n, v) => n + v.tasksFinished, 0),
  total: vertices.reduce((n, v) => n + v.parallelism, 0),
});

/** How far a batch job is: "2 of 4 tasks finished, 1 operator still to come". */
export const batchProgress = (
  { finished, total }: Omit<Tasks, "running">,
  pendingOperators: number,
): string =>
  `${finished} of ${count(total, "task")} finished${pendingOperators === 0 ? "" : `, ${count(pendingOperators, "operator")} still to come`}`;

/** "3 of 4 running, 1 finished". */
export const tasksUp = ({ running, finished, total }: Tasks): string =>
  `${running} of ${total} running${finished === 0 ? "" : `, ${finished} finished`}`;

/**
 * How many slots a job needs: for each slot sharing group, as many as its widest vertex. By default all vertices are
 * in one group; the same is assumed if Flink does not name the group. flink-runtime, SlotSharingSlotAllocator
 */
export function slotsNeeded(vertices: readonly Vertex[]): number {
  const widest = new Map<string | null, number>();
  for (const v of vertices) widest.set(v.slotGroup, Math.max(widest.get(v.slotGroup) ?? 0, v.parallelism));
  return [...widest.values()].reduce((sum, n) => sum + n, 0);
}

/** The refusal if the job existed when the request was made but is no longer known. */
export const gone = (target: JobTarget): Refusal => ({
  refuse: t`${named(target)} is no longer known to ${target.cluster}.`,
  instead: ["Run list: a job that was started again has another id."],
});

/** For the end of a report: the job's state as just sighted. */
export function stands(seen: Sighting): Text {
  switch (seen.is) {
    case "alive":
    case "ended":
      return t`The job is ${b(seen.state)}.`;
    case "absent":
      return "Flink does not list the job at the moment.";
    case "unanswered":
      return "The state of the job is unknown: Flink does not answer.";
  }
}

export const statusOffer = (target: JobTarget): Offer => ({
  label: "Status",
  operation: "status",
  args: { job: jobRef(target) },
});
