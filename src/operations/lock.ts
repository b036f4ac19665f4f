import { z } from "zod";
import { closest } from "../command/closest.ts";
import { type LockScope, scopeName } from "../model/lock.ts";
import { defineLocal, type LocalContext } from "../model/operation.ts";
import type { Refusal } from "../model/report.ts";
import { code, t } from "../model/text.ts";
import { lockScope, periodMs, scopeArgument } from "./wording/arguments.ts";
import { shown } from "./wording/job.ts";

const MOST_MS = 7 * 86_400_000;
const LONGEST = 300;

/** Keeps everybody else's changes away from a job or a cluster for a while. */
export const lock = defineLocal({
  kind: "local",
  name: "lock",
  summary: "Keep everybody else's changes away from a job or a cluster for a while",
  examples: ['lock prod/orders "looking for the leak"', 'lock prod "network maintenance" --for 2h'],
  args: z.strictObject({
    where: scopeArgument,
    why: z
      .array(z.string().trim().min(1).max(LONGEST))
      .min(1)
      .max(60)
      .describe("the reason, for all who meet the lock"),
    for: z
      .string()
      .trim()
      .refine((text) => {
        const ms = periodMs(text);
        return ms !== null && ms <= MOST_MS;
      }, "--for is a number of minutes, hours or days, at most 7d, like 30m, 2h or 1d.")
      .default("8h")
      .meta({ description: "for how long: minutes, hours or days, like 30m or 2h", value: "time" }),
  }),
  positionals: ["where", "why"],
  class: "lock",
  find: (args) => ({ find: "name", name: args.where }),

  async answer(c) {
    const reason = c.args.why.join(" ");
    if (reason.length > LONGEST)
      return { refuse: `The reason has at most ${LONGEST} characters, this one has ${reason.length}.` };
    const scope = await known(c, lockScope(c.target));
    if ("refuse" in scope) return scope;
    const offers = [{ label: "Unlock", operation: "unlock", args: { where: scopeName(scope) } }];
    return { move: "place", scope, reason, forMs: periodMs(c.args.for) ?? 0, offers };
  },
});

/** The job by its name, because a lock outlives its id. Refused where there is no such job, running or in the catalog. */
async function known(c: LocalContext<unknown>, scope: LockScope): Promise<LockScope | Refusal> {
  const { cluster, job } = scope;
  if (job === null) return scope;
  const jobs = (await c.jobCache.clusters()).find((one) => one.cluster === cluster)?.jobs ?? [];
  const names = [
    ...jobs.map(({ name }) => name),
    ...c.catalogue.entries.flatMap((entry) => (entry.cluster === cluster ? [entry.name] : [])),
  ];
  if (names.includes(job)) return scope;
  const byId = job.length >= 6 ? jobs.filter(({ jobId }) => jobId.startsWith(job)) : [];
  const [one] = byId;
  if (one !== undefined && byId.every(({ name }) => name === one.name)) return { cluster, job: one.name };
  const near = closest(job, [...new Set(names)]);
  return {
    refuse: t`There is no job ${code(shown(job))} on ${cluster}, running or in the catalog.`,
    instead: near.map((name) => t`Did you mean ${code(shown(scopeName({ cluster, job: name })))}?`),
  };
}
