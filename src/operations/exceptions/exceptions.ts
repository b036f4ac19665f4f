import { z } from "zod";
import { given, type JobException } from "../../model/flink-jobs.ts";
import { jobArgument } from "../wording/arguments.ts";
import { cause, type ExceptionGroup, grouped, where } from "../wording/exception.ts";
import { jobRef, named, shown, statusOffer, whereToLook } from "../wording/job.ts";
import { type Context, defineRead } from "../../model/operation.ts";
import type { Offer } from "../../model/report.ts";
import { optional } from "../../model/optional.ts";
import { stackFile } from "./stack-file.ts";
import { code, type Text, t } from "../../model/text.ts";
import { count, when } from "../../model/units.ts";

/** Flink keeps `web.exception-history-size`, 16 unless configured. */
const MOST = 16;
const LONGEST_WHY = 300;
/** The newest jobs of this name that flinkops has started. */
const MOST_ATTEMPTS = 5;

export const exceptions = defineRead({
  kind: "read",
  name: "exceptions",
  summary: "Show a job's last exceptions: root cause, task, host, time and count; stack traces as a file",
  examples: ["exceptions orders", "exceptions orders --stack"],
  args: z.strictObject({
    job: jobArgument,
    stack: z
      .boolean()
      .default(false)
      .describe("with the full stack traces as a file, visible to everyone here"),
  }),
  positionals: ["job"],
  class: "view",
  find: (args) => ({ find: "job", job: args.job }),

  async read(c) {
    const [found, detail] = await Promise.all([
      c.flink.exceptions(c.target.jobId, MOST),
      // for Flink's clock
      optional(c.flink.job(c.target.jobId)),
    ]);
    const now = detail === null ? null : (given(detail)?.now ?? null);
    const job = jobRef(c.target);
    const refresh: Offer = { label: "Refresh", operation: "exceptions", args: { job } };
    const status = statusOffer(c.target);
    const [newest] = found;
    if (newest === undefined) {
      // a job that failed before it had tasks has no exception history, only this; if it cannot be read, the answer
      // is still correct
      const why = await optional(c.flink.failure(c.target.jobId));
      const attempts = why === null ? await failedAttempts(c) : [];
      return {
        outcome: "done",
        headline: t`${named(c.target)} has no exceptions`,
        lines: [
          ...(why === null
            ? []
            : [t`It FAILED nevertheless: ${code(shown(why, LONGEST_WHY))}`, whereToLook(c)]),
          ...attempts.map((a) => attemptLine(a, now)),
        ],
        offers: [...attempts.map((a) => attemptOffer(c, a)), refresh, status],
      };
    }
    const groups = grouped(found);
    const least = found.length === MOST ? "at least " : "";
    const stack: Offer = {
      label: "Stack traces as a file",
      operation: "exceptions",
      // a file is visible to everyone, so the button posts the answer as "Post to channel" does
      args: { job, stack: true, post: true },
    };
    return {
      outcome: "done",
      headline: t`${named(c.target)}: ${least}${count(found.length, "failure")}, the last ${when(newest.at, now)}`,
      lines: [
        ...groups.map((g) => line(g, now)),
        whereToLook(c),
        ...(c.args.stack ? ["The stack traces are in the thread, as a file."] : []),
      ],
      offers: [refresh, ...(c.args.stack ? [] : [stack]), status],
      ...(c.args.stack ? { file: stackFile(c.target, groups, now ?? c.now) } : {}),
    };
  },
});

function line({ last, times, firstAt }: ExceptionGroup, now: number | null): Text {
  const often = times === 1 ? "" : t`, ${times} times since ${when(firstAt, now)}`;
  return t`• ${cause(last)}${where(last)}, ${when(last.at, now)}${often}`;
}

interface Attempt {
  jobId: string;
  last: JobException | null;
  why: string | null;
}

/**
 * Other jobs of this name that flinkops started and that failed. After a roll-back, the name belongs to another job
 * id.
 */
async function failedAttempts(c: Context<unknown>): Promise<readonly Attempt[]> {
  const { cluster, name, jobId: own } = c.target;
  const requests = await c.known.requestsOn(cluster, name);
  const ids = requests.flatMap((r) =>
    r.launched.flatMap((l) => (l.fate === "never" || l.isRehearsal === true ? [] : [l.jobId])).toReversed(),
  );
  const others = [...new Set(ids)].filter((id) => id !== own).slice(0, MOST_ATTEMPTS);
  const looked = await Promise.all(
    others.map(async (jobId): Promise<Attempt> => {
      const [some, why] = await Promise.all([
        optional(c.flink.exceptions(jobId, 1)),
        optional(c.flink.failure(jobId)),
      ]);
      return { jobId, last: some?.[0] ?? null, why };
    }),
  );
  return looked.filter((a) => a.last !== null || a.why !== null);
}

function attemptLine({ jobId, last, why }: Attempt, now: number | null): Text {
  const reason =
    last === null ? t`${code(shown(why ?? "", LONGEST_WHY))}` : t`${cause(last)}, ${when(last.at, now)}`;
  return t`flinkops also started job ${code(jobId.slice(0, 8))} of this name, which failed: ${reason}`;
}

const attemptOffer = (c: Context<unknown>, { jobId }: Attempt): Offer => ({
  label: `Exceptions of ${jobId.slice(0, 8)}`,
  operation: "exceptions",
  args: { job: `${c.target.cluster}/${jobId}` },
});
