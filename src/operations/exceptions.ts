import { z } from "zod";
import { jobArgument } from "./argument-schemas.ts";
import { cause, type ExceptionGroup, grouped, where } from "./exception-words.ts";
import { jobRef, named, shown, statusOffer, whereToLook } from "./job-words.ts";
import { defineRead, type Offer } from "./operation.ts";
import { stackFile } from "./stack-file.ts";
import { code, type Text, t } from "./text.ts";
import { ago, count } from "./units.ts";

/** Flink keeps `web.exception-history-size`, 16 unless configured. */
const MOST = 16;
const LONGEST_WHY = 300;

export const exceptions = defineRead({
  kind: "read",
  name: "exceptions",
  summary: "Show a job's last exceptions: root cause, task, host, when, how often; their stacks as a file",
  examples: ["exceptions orders", "exceptions orders --stack"],
  args: z.strictObject({
    job: jobArgument,
    stack: z.boolean().default(false).describe("with the whole stacks as a file, which everybody here sees"),
  }),
  positionals: ["job"],
  class: "view",
  find: (args) => ({ find: "job", job: args.job }),

  async read(c) {
    const found = await c.flink.exceptions(c.target.jobId, MOST);
    const job = jobRef(c.target);
    const refresh: Offer = { label: "Refresh", operation: "exceptions", args: { job } };
    const status = statusOffer(c.target);
    const [newest] = found;
    if (newest === undefined) {
      // a job that failed before it had tasks has no history, only this; without it the answer is true all the same
      const why = await c.flink.failure(c.target.jobId).catch(() => null);
      return {
        outcome: "done",
        headline: t`${named(c.target)} has no exceptions`,
        lines:
          why === null ? [] : [t`It FAILED all the same: ${code(shown(why, LONGEST_WHY))}`, whereToLook(c)],
        offers: [refresh, status],
      };
    }
    const groups = grouped(found);
    const least = found.length === MOST ? "at least " : "";
    const stack: Offer = {
      label: "Stack as a file",
      operation: "exceptions",
      // a file is for all, so the button asks for that as "Post to channel" does
      args: { job, stack: true, post: true },
    };
    return {
      outcome: "done",
      headline: t`${named(c.target)}: ${least}${count(found.length, "failure")}, the last ${ago(newest.at, c.now)}`,
      lines: [
        ...groups.map((g) => line(g, c.now)),
        whereToLook(c),
        ...(c.args.stack ? ["The stacks are in the thread, as a file."] : []),
      ],
      offers: [refresh, ...(c.args.stack ? [] : [stack]), status],
      ...(c.args.stack ? { file: stackFile(c.target, groups, c.now) } : {}),
    };
  },
});

function line({ last, times, firstAt }: ExceptionGroup, now: number): Text {
  const often = times === 1 ? "" : `, ${times} times since ${ago(firstAt, now)}`;
  return t`• ${cause(last)}${where(last)}, ${ago(last.at, now)}${often}`;
}
