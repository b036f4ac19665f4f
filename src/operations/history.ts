import { z } from "zod";
import type { PastRequest } from "../model/knowledge.ts";
import { defineLocal } from "../model/operation.ts";
import { code, type Text, t } from "../model/text.ts";
import { count } from "../model/units.ts";
import { periodMs } from "./wording/arguments.ts";
import { shown } from "./wording/job.ts";

const MOST = 20;

/** Tells past requests from the audit log, which also keeps those whose records have expired. */
export const history = defineLocal({
  kind: "local",
  name: "history",
  summary: "List who changed what, who approved it and how it ended, from the audit log",
  examples: ["history", "history orders", "history @ana --since 30d"],
  args: z.strictObject({
    about: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .optional()
      .describe("only this job (name, id or cluster/job), cluster or person (@name)"),
    since: z
      .string()
      .trim()
      .regex(/^[1-9]\d{0,2}[hd]$/u, "--since is a number of hours or days, like 12h or 7d.")
      .default("7d")
      .meta({ description: "how far back: hours or days, like 12h or 30d", value: "time" }),
  }),
  positionals: ["about"],
  class: "view",
  find: () => ({ find: "none" }),

  async answer(c) {
    const { about = null, since } = c.args;
    const from = c.now - (periodMs(since) ?? 0);
    const { requests, isAll, isWhole } = await c.history.past({ about, since: from, most: MOST });
    const altered: readonly Text[] = isWhole
      ? []
      : [
          t`⚠️ The audit log in Redis is not as flinkops wrote it; earlier requests are left out. Administrators: ${code("flinkops audit verify")} says where.`,
        ];
    const of = about === null ? "" : t` of ${shown(about)}`;
    if (requests.length === 0)
      return { outcome: "done", headline: t`No requests${of} in the last ${period(since)}`, lines: altered };
    return {
      outcome: "done",
      headline: t`${count(requests.length, "request")}${of} in the last ${period(since)}`,
      lines: [
        ...altered,
        ...(isAll || !isWhole
          ? []
          : [t`Only the newest; narrow with a job, cluster or person, or ${code("--since")}.`]),
      ],
      table: { head: ["When", "What", "By", "Approved by", "Outcome"], rows: requests.map(row) },
    };
  },
});

/** `7d` as "7 days". */
const period = (since: string): string =>
  count(Number(since.slice(0, -1)), since.endsWith("h") ? "hour" : "day");

const row = (r: PastRequest): readonly Text[] => [
  t`${{ at: r.at }}`,
  t`${r.link === null ? shown(r.headline) : { link: r.link, label: shown(r.headline) }} on ${shown(r.cluster)}`,
  t`${{ person: r.requester }}`,
  approvals(r),
  r.outcome,
];

function approvals({ approvedBy, breakGlass }: PastRequest): Text {
  if (breakGlass === null)
    return approvedBy.length === 0
      ? "–"
      : approvedBy.flatMap((user, i) => (i === 0 ? [{ person: user }] : [", ", { person: user }]));
  const { reviewed } = breakGlass;
  if (reviewed === null) return "🚨 break-glass, not reviewed";
  return t`🚨 break-glass, reviewed by ${{ person: reviewed.by }}: ${reviewed.justified ? "justified" : "not justified"}`;
}
