import { z } from "zod";
import { jobName } from "./argument-schemas.ts";
import { shown } from "./job-words.ts";
import { defineLocal } from "./operation.ts";
import type { RequestSummary } from "./views.ts";
import { code, type Text, t } from "./text.ts";
import { count } from "./units.ts";

const MOST = 20;

export const requests = defineLocal({
  kind: "local",
  name: "requests",
  summary: "What was asked, where it stands, and where its thread is",
  examples: ["requests", "requests --mine --open", "requests --job orders"],
  args: z.strictObject({
    mine: z.boolean().default(false).describe("only what I asked"),
    job: jobName.optional().describe("only this job, by name or id"),
    open: z.boolean().default(false).describe("only what has not ended"),
  }),
  positionals: [],
  class: "view",
  find: () => ({ find: "none" }),

  async answer(c) {
    const found = await c.requests.recent({
      ...(c.args.mine ? { actor: c.actor } : {}),
      ...(c.args.job === undefined ? {} : { job: c.args.job }),
      ...(c.args.open ? { open: true } : {}),
      most: MOST,
    });
    if (found.length === 0) return { outcome: "done", headline: "No such requests", lines: [] };
    return {
      outcome: "done",
      headline: count(found.length, "request"),
      lines:
        found.length < MOST
          ? []
          : [t`The newest ${MOST}; narrow with ${code("--job")}, ${code("--mine")} or ${code("--open")}.`],
      table: { head: ["Request", "What", "By", "Asked", "Where it stands"], rows: found.map(row) },
    };
  },
});

const row = (r: RequestSummary): readonly Text[] => [
  r.link === null ? t`${code(r.id.slice(0, 8))}` : t`${{ link: r.link, label: r.id.slice(0, 8) }}`,
  t`${r.headline}${r.cluster === null ? "" : t` on ${shown(r.cluster)}`}`,
  t`${{ person: r.actor }}`,
  t`${{ at: r.askedAt }}`,
  r.state,
];
