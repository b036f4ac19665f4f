import { given, type Sighting } from "../../model/flink-jobs.ts";
import { named, stands } from "../wording/job.ts";
import type { Json } from "../../model/json.ts";
import type { PhaseContext } from "../../model/operation.ts";
import type { Report } from "../../model/report.ts";
import { planned } from "../plans/savepoint.ts";
import { endsWithJob } from "../facts/application.ts";
import { b, code, type Text, t } from "../../model/text.ts";
import { ownSavepoint } from "./savepoint-trigger.ts";

/** The result of a stop, judged by the job itself and not by Flink's answer about the savepoint. */
export type Stopped =
  | { is: "pending"; note: Text }
  /** There is no savepoint. */
  | { is: "not stopped"; reason: string }
  /** `over`: the job has ended, and its savepoint is good. */
  | { is: "ended"; report: Report; location: string; over: boolean };

/** Flink's answer about the savepoint: `location`, or `reason` and perhaps a `usable` path. */
interface Said {
  location: string | null;
  reason: string;
  usable: string | null;
}

const textOf = (json: Json, key: string): string | null => {
  const value = json !== null && typeof json === "object" && !Array.isArray(json) ? Object.entries(json) : [];
  const found = value.find(([k]) => k === key)?.[1];
  return typeof found === "string" ? found : null;
};

/** Reads the job once. Throws what FlinkReads throws. */
export async function stoppedReport(c: PhaseContext<unknown>, result: Json): Promise<Stopped> {
  const said: Said = {
    location: textOf(result, "location"),
    reason: textOf(result, "reason") ?? "Flink gave no reason.",
    usable: textOf(result, "usable"),
  };
  // a complete savepoint of this request counts first, whatever went wrong afterwards
  const path = said.location ?? said.usable ?? (await ownSavepoint(c));
  if (path === null) return { is: "not stopped", reason: said.reason };
  const seen = await c.flink.sighting(c.target.jobId);
  if (said.location === null) return stoppedBadly(c, { reason: said.reason, usable: path }, seen);
  return await stoppedWell(c, said.location, seen);
}

async function stoppedWell(c: PhaseContext<unknown>, location: string, seen: Sighting): Promise<Stopped> {
  if (seen.is === "unanswered" || seen.is === "absent") {
    // Flink has answered for the whole stop: its savepoint is complete only once the job has finished
    if (seen.is === "unanswered" && seen.refused && endsWithJob(c.intent))
      return ended(location, {
        outcome: "done",
        headline: t`${named(c.target)} is stopped, and its application cluster has ended`,
        lines: [],
        over: true,
      });
    if (!c.late) return { is: "pending", note: "The savepoint is complete; waiting for the job to end" };
    return seen.is === "unanswered"
      ? ended(location, {
          outcome: "done",
          headline: t`${named(c.target)} is stopped, and its cluster is gone`,
          lines: ["The JobManager has not answered since."],
        })
      : ended(location, {
          outcome: "unknown",
          headline: t`It is unknown whether ${named(c.target)} is stopped`,
          lines: [
            "Its savepoint is complete, and Flink no longer lists the job. Check that it does not come back before you start it again.",
          ],
        });
  }
  if (seen.is === "ended")
    return seen.state === "FINISHED"
      ? ended(location, {
          outcome: "done",
          headline: t`${named(c.target)} is stopped`,
          lines: [],
          over: true,
        })
      : ended(location, {
          outcome: "partly",
          headline: t`${named(c.target)} ended as ${b(seen.state)}, not as FINISHED`,
          lines: ["The savepoint is complete; the job can be resumed from it."],
          over: true,
        });
  const { state } = seen;
  const job = given(await c.flink.job(c.target.jobId));
  const anew = job !== null && job.startedAt !== planned(c.intent.facts).startTime;
  if (!c.late && !anew)
    return { is: "pending", note: t`The savepoint is complete; the job is still ${state}` };
  return ended(location, {
    outcome: "partly",
    headline: t`${named(c.target)} is still ${b(state)}, although its savepoint is complete`,
    lines: [
      anew
        ? "Flink restarted the job after the savepoint: it continues."
        : "It should have ended at once; check it in Flink.",
    ],
  });
}

/** Flink's message if it gives no cause: the path again, and advice that the report gives in its own words. */
const REPEATS_PATH = /^A savepoint has been created at: /u;

/** The savepoint was complete when a task failed. Since Flink 1.16 the job then ends as FAILED. */
function stoppedBadly(
  c: PhaseContext<unknown>,
  { reason, usable }: { reason: string; usable: string },
  seen: Sighting,
): Stopped {
  const over = seen.is === "ended";
  if (!over && !c.late)
    return { is: "pending", note: "The job failed while it stopped; waiting for it to end" };
  return ended(usable, {
    outcome: "partly",
    headline: t`${named(c.target)} failed while it stopped; its savepoint is usable`,
    lines: [
      stands(seen),
      "The savepoint is consistent. Side effects of the last moments may not be committed; resuming from it commits them.",
      ...(REPEATS_PATH.test(reason) ? [] : [reason]),
    ],
    over,
  });
}

const ended = (
  location: string,
  {
    outcome,
    headline,
    lines,
    over = false,
  }: { outcome: Report["outcome"]; headline: Text; lines: readonly Text[]; over?: boolean },
): Stopped => ({
  is: "ended",
  location,
  over,
  report: { outcome, headline, lines: [t`Savepoint: ${code(location)}`, ...lines], facts: { location } },
});
