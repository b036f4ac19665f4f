import { isTerminal, type JobState } from "../flink/reads.ts";
import { named } from "./job-words.ts";
import type { Json, PhaseContext, Report } from "./operation.ts";
import { planned } from "./savepoint-plan.ts";
import { stateOrSilence } from "./silence.ts";
import { b, code, type Text, t } from "./text.ts";

/** How a stop ended, judged by the job itself and not by what Flink said of the savepoint. */
export type Stopped =
  | { is: "pending"; note: Text }
  /** No savepoint came of it. */
  | { is: "not stopped"; reason: string }
  /** `over`: the job is, and its savepoint is good. */
  | { is: "ended"; report: Report; location: string; over: boolean };

/** What Flink said of the savepoint: `location`, or `reason` and perhaps a `usable` path. */
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

/** Looks at the job once. Throws what FlinkReads throws, but an unreachable Flink ends what its savepoint has decided. */
export async function stoppedReport(c: PhaseContext<unknown>, result: Json): Promise<Stopped> {
  const said: Said = {
    location: textOf(result, "location"),
    reason: textOf(result, "reason") ?? "Flink gave no reason.",
    usable: textOf(result, "usable"),
  };
  const path = said.location ?? said.usable;
  if (path === null) return { is: "not stopped", reason: said.reason };
  const state = await stateOrSilence(c);
  if (said.location === null) return stoppedBadly(c, said.reason, path, state);
  return stoppedWell(c, said.location, state);
}

async function stoppedWell(
  c: PhaseContext<unknown>,
  location: string,
  state: JobState | null | "silence",
): Promise<Stopped> {
  if (state === "FINISHED") return ended("done", t`${named(c.target)} is stopped`, location, [], true);
  if (state === "silence" || state === null) {
    if (!c.late) return { is: "pending", note: "The savepoint is complete; waiting for the job's end" };
    const gone =
      state === null
        ? "Flink does not know the job any more."
        : "The JobManager does not answer any more, as when an application cluster goes with its job.";
    return ended("done", t`${named(c.target)} is stopped, and its cluster is gone`, location, [gone]);
  }
  if (isTerminal(state))
    return ended(
      "partly",
      t`${named(c.target)} ended as ${b(state)}, not as FINISHED`,
      location,
      ["The savepoint is complete and can be resumed from."],
      true,
    );
  const job = await c.flink.job(c.target.jobId);
  const anew = job !== null && job.startedAt !== planned(c.intent.facts).startTime;
  if (!c.late && !anew)
    return { is: "pending", note: t`The savepoint is complete; the job is still ${state}` };
  return ended(
    "partly",
    t`${named(c.target)} is still ${b(state)}, though its savepoint is complete`,
    location,
    [
      anew
        ? "Flink started the job anew after the savepoint: it goes on."
        : "It should have ended at once; look at it in Flink.",
    ],
  );
}

/** The savepoint was complete when a task failed; since Flink 1.16 the job then ends as FAILED. */
function stoppedBadly(
  c: PhaseContext<unknown>,
  reason: string,
  usable: string,
  state: JobState | null | "silence",
): Stopped {
  const over = state === "FAILED" || state === "FINISHED" || state === "CANCELED";
  if (!over && !c.late)
    return { is: "pending", note: "The job failed while it stopped; waiting for its end" };
  const words = state === null || state === "silence" ? "cannot be seen any more" : t`is ${b(state)}`;
  return ended(
    "partly",
    t`${named(c.target)} failed while it stopped; its savepoint is usable`,
    usable,
    [
      t`The job ${words}.`,
      "The savepoint is consistent. Side effects of the last moments may not be committed; resuming from it commits them.",
      reason,
    ],
    over,
  );
}

const ended = (
  outcome: Report["outcome"],
  headline: Text,
  location: string,
  lines: readonly Text[],
  over = false,
): Stopped => ({
  is: "ended",
  location,
  over,
  report: { outcome, headline, lines: [t`Savepoint: ${code(location)}`, ...lines], facts: { location } },
});
