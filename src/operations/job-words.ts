import type { JobDetail, Sighting } from "../flink/reads.ts";
import { entryOf } from "./catalogue.ts";
import type { Context, JobTarget, Json, Offer, Refusal } from "./operation.ts";
import type { Knowledge } from "./views.ts";
import { b, code, type Span, type Text, t } from "./text.ts";

const LONGEST_NAME = 80;

/** A job's or vertex's name, or Flink's words, for display: what has no width or turns the reading direction becomes visible. */
export function shown(name: string, most: number = LONGEST_NAME): string {
  const plain = name.replace(
    /[\p{Cc}\p{Cs}\p{Cf}\u2028\u2029]/gu,
    (c) => `<U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`,
  );
  const points = Array.from(plain);
  return points.length > most ? `${points.slice(0, most - 1).join("")}…` : plain;
}

/** The job's name as people are shown it. */
export const named = (target: JobTarget): Span => b(shown(target.name));

/** How a button names the job: never by name, which may move to another job. */
export const jobRef = (target: JobTarget): string => `${target.cluster}/${target.jobId}`;

/** The job's cluster and id, the Flink UI, then the dashboards of the configuration. */
export function whereToLook(c: Context<unknown>): Text {
  const { cluster, jobId } = c.target;
  const url = c.flink.uiUrl(jobId);
  const all = [...(url === null ? [] : [{ label: "Flink", url }]), ...c.flink.links(c.target)];
  const links = all.flatMap(({ label, url: link }): Span[] => [", ", { link, label }]);
  return t`${cluster}, id ${code(jobId)}${links}`;
}

/** What is bound: after a fail-over or a restart from outside the start time is another one. */
export const aliveBinds = (job: JobDetail): { readonly [key: string]: Json } => ({
  jobId: job.jobId,
  startTime: job.startedAt,
  alive: true,
});

/** It was there when it was asked for. */
export const gone = (target: JobTarget): Refusal => ({
  refuse: t`${named(target)} is no longer known to ${target.cluster}.`,
  instead: ["Look at the list of jobs: one that was started again has another id."],
});

/** For the end of a report: the job as it was seen just now. */
export function stands(seen: Sighting): Text {
  switch (seen.is) {
    case "alive":
    case "ended":
      return t`The job is ${b(seen.state)}.`;
    case "absent":
      return "Flink does not list the job just now.";
    case "unanswered":
      return "The state of the job is not known: Flink does not answer.";
  }
}

/** From its newest state; nothing where the catalogue does not have the job. */
export const resumeOffers = ({ cluster, name }: JobTarget, { catalogue }: Knowledge): readonly Offer[] =>
  entryOf(catalogue, cluster, name) === null
    ? []
    : [{ label: "Resume", operation: "resume", args: { job: `${cluster}/${name}` } }];

export const statusOffer = (target: JobTarget): Offer => ({
  label: "Status",
  operation: "status",
  args: { job: jobRef(target) },
});
