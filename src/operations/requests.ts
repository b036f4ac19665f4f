import { z } from "zod";
import { StoredDataInvalid } from "../model/errors.ts";
import { jobName } from "./wording/arguments.ts";
import { frozenJobs, leftOutJobs } from "./facts/intent-facts.ts";
import { shown } from "./wording/job.ts";
import { defineLocal } from "../model/operation.ts";
import type { Offer, Report } from "../model/report.ts";
import type { RequestSummary, RequestTerms } from "../model/knowledge.ts";
import { b, code, type Text, t } from "../model/text.ts";
import { count } from "../model/units.ts";

const MOST = 20;
/** Jobs per answer. With the longest names, this many fill a message. */
const PAGE = 100;

export const requests = defineLocal({
  kind: "local",
  name: "requests",
  summary: "List requests with their state and thread; with an id, all details of one",
  examples: [
    "requests",
    "requests --mine --open",
    "requests --job orders",
    "requests --unreviewed",
    "requests r3f9c12a",
  ],
  args: z
    .strictObject({
      request: z
        .string()
        .trim()
        .min(6)
        .max(100)
        .optional()
        .describe("only this one, with all of its jobs: its id, as its card shows it"),
      mine: z.boolean().default(false).describe("only my requests"),
      job: jobName.optional().describe("only this job, by name or id"),
      open: z.boolean().default(false).describe("only unfinished requests"),
      unreviewed: z.boolean().default(false).describe("only uses of break-glass that nobody has reviewed"),
      page: z.number().int().min(1).max(1_000).optional().describe(`of its jobs, ${PAGE} at a time`),
    })
    .superRefine((a, ctx) => {
      const others = a.mine || a.open || a.unreviewed || a.job !== undefined;
      if (a.request !== undefined && others)
        ctx.addIssue({ code: "custom", message: "With a request's id, leave out the other arguments." });
      if (a.request === undefined && a.page !== undefined)
        ctx.addIssue({ code: "custom", message: "--page needs a request's id." });
    }),
  positionals: ["request"],
  class: "view",
  find: (a) => (a.request === undefined ? { find: "none" } : { find: "request", request: a.request }),

  async answer(c) {
    if (c.args.request !== undefined) {
      const one = c.target.kind === "request" ? await c.requests.one(c.target.requestId) : null;
      if (one === null) return { refuse: t`There is no request ${code(shown(c.args.request))}.` };
      try {
        return terms(one, c.args.request, c.args.page ?? 1);
      } catch (error) {
        if (!(error instanceof StoredDataInvalid)) throw error;
        return {
          refuse: t`The list of request ${ref(one)} cannot be read: another version of flinkops wrote it.`,
          instead: ["Do not approve it: deny it, and send it again."],
        };
      }
    }
    const found = await c.requests.recent({
      ...(c.args.mine ? { actor: c.actor } : {}),
      ...(c.args.job === undefined ? {} : { job: c.args.job }),
      ...(c.args.open ? { open: true } : {}),
      ...(c.args.unreviewed ? { unreviewed: true } : {}),
      most: MOST,
    });
    if (found.length === 0) {
      const headline = c.args.unreviewed ? "Nothing waits for a review" : "No such requests";
      return { outcome: "done", headline, lines: [] };
    }
    return {
      outcome: "done",
      headline: count(found.length, "request"),
      lines:
        found.length < MOST
          ? []
          : [t`The newest ${MOST}; narrow with ${code("--job")}, ${code("--mine")} or ${code("--open")}.`],
      table: { head: ["Request", "What", "By", "Asked", "State"], rows: found.map(row) },
    };
  },
});

const row = (r: RequestSummary): readonly Text[] => [
  ref(r),
  t`${r.headline}${r.cluster === null ? "" : t` on ${shown(r.cluster)}`}`,
  t`${{ person: r.actor }}`,
  t`${{ at: r.askedAt }}`,
  r.state,
];

const ref = (r: RequestSummary): Text =>
  r.link === null ? t`${code(r.id.slice(0, 8))}` : t`${{ link: r.link, label: r.id.slice(0, 8) }}`;

/**
 * All jobs of the request and all that were left out, as they were when the request was made. This is what is
 * approved.
 */
function terms(r: RequestTerms, request: string, page: number): Report {
  const { losses, warnings, details, facts } = r.intent;
  const isMany = "jobs" in facts;
  const rows: readonly (readonly Text[])[] = isMany
    ? [
        ...frozenJobs(facts).map(({ jobId, name }) => [shown(name), t`${code(jobId.slice(0, 8))}`]),
        ...leftOutJobs(facts).map((one) => [t`Left out: ${shown(one)}`]),
      ]
    : [];
  const pages = Math.max(1, Math.ceil(rows.length / PAGE));
  const here = Math.min(page, pages);
  const turn = (to: number): Offer => ({
    label: to > here ? "Next jobs" : "Previous jobs",
    operation: "requests",
    args: { request, page: to },
  });
  return {
    outcome: "done",
    headline: t`${r.headline}${r.cluster === null ? "" : t` on ${b(shown(r.cluster))}`}`,
    lines: [
      t`Request ${ref(r)} of ${{ person: r.actor }}, asked ${{ at: r.askedAt }}: ${r.state}.`,
      ...losses,
      // for many jobs, the table shows the full list, so the card's shortened list and its left-out line are omitted
      ...(isMany ? [] : [...warnings, ...details]),
      ...(pages === 1 ? [] : [t`Part ${here} of ${pages} of the list.`]),
    ],
    table: { head: [], rows: rows.slice((here - 1) * PAGE, here * PAGE) },
    offers: [...(here > 1 ? [turn(here - 1)] : []), ...(here < pages ? [turn(here + 1)] : [])],
  };
}
