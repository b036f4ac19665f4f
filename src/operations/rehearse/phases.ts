import { given, type JobException, type JobState, type Sighting, stateOf } from "../../model/flink-jobs.ts";
import type { Observation, Phase, PhaseContext } from "../../model/operation.ts";
import type { Intent } from "../../model/intent.ts";
import { optional } from "../../model/optional.ts";
import { b, code, type Text, t } from "../../model/text.ts";
import { duration } from "../../model/units.ts";
import { isLost } from "../cancel/phase.ts";
import { usedBy } from "../facts/used-by.ts";
import { cause, grouped } from "../wording/exception.ts";
import { shown, stands } from "../wording/job.ts";
import { MOST_DISPOSALS, readDisposal } from "../phases/disposal.ts";
import { readTrigger, TRIGGER_DEADLINE_MS } from "../phases/savepoint-trigger.ts";
import { readStarted } from "../phases/start-outcome.ts";
import { notTold } from "../phases/start-report.ts";
import { STARTING_MS } from "../phases/steady.ts";
import { isOutOfTheWay, SILENCE_MS } from "../phases/unreachable.ts";
import { type RehearsalArgs, rehearsalIn, withTime } from "./plan.ts";
import { unsent, WHY_KEPT } from "./report.ts";
import { restoredBy } from "./restored.ts";
import {
  locatedIn,
  noSavepoint,
  type Rehearsed,
  savepointOf,
  startedOf,
  type Verdict,
  verdictOf,
  visitIn,
} from "./verdict.ts";

/** The phases of a rehearsal, in their order. The names are persisted. */
export type RehearsalPhase = "rehearsal-savepoint" | "rehearsal" | "rehearsal-cancel" | "rehearsal-dispose";
type Context = PhaseContext<RehearsalArgs>;

/** If the same failure is seen so often, waiting for health is useless. */
const MOST_FAILURES = 3;

/**
 * A savepoint of the job, a start of the new version from it next to the job, its end, and the end of the savepoint.
 * Nothing of it changes the job. `then`: how to go on once all of that is over.
 */
export function rehearsalPhases<A extends RehearsalArgs, P extends string>(
  format: (args: A) => "CANONICAL" | "NATIVE",
  then: (c: PhaseContext<A>, seen: Rehearsed) => Promise<Observation<P>>,
): { readonly [K in RehearsalPhase]: Phase<A, P | RehearsalPhase> } {
  type Seen = Promise<Observation<P | RehearsalPhase>>;
  const over = async (c: PhaseContext<A>, more: Pick<Rehearsed, "left" | "savepoint">): Seen =>
    await then(c, { ...verdictOf(c), ...more });
  return {
    "rehearsal-savepoint": {
      deadlineMs: TRIGGER_DEADLINE_MS,
      effect: async (c) => ({
        do: "savepoint",
        jobId: c.target.jobId,
        directory: rehearsalIn(c.intent).directory,
        format: format(c.args),
      }),
      observe: async (c): Seen => {
        const seen = await readTrigger(forSavepoint(c));
        switch (seen.is) {
          case "pending":
            return { kind: "pending", ...seen };
          case "saved":
            return {
              kind: "next",
              phase: "rehearsal",
              result: { location: seen.location, savedAt: c.now },
              unsent: unsent(c, { path: seen.location, at: c.now }, `It is kept, ${WHY_KEPT}.`),
              milestone: t`The savepoint for the rehearsal is complete: ${code(seen.location)}`,
            };
          case "unknown":
            return await then(
              c,
              noSavepoint(
                "unknown",
                t`The savepoint for it: ${seen.why}. If there is one, it is in ${code(rehearsalIn(c.intent).directory)}.`,
              ),
            );
          case "refused":
          case "failed":
            return await then(c, noSavepoint("failed", t`There is no savepoint for it: ${seen.reason}`));
        }
      },
    },
    rehearsal: {
      deadlineMs: STARTING_MS,
      limit: {
        ms: (c) => Math.max(STARTING_MS, rehearsalIn(c.intent).longestStart),
        decide: (c) => toCancel(c, { is: "unknown", lines: [t`${notTold(c)}.`], restored: null }),
      },
      finishes: () => false,
      effect: async (c) => ({
        do: "run",
        jobId: c.effectId,
        from: savepointOf(c),
        ...rehearsalIn(c.intent).launch,
      }),
      observe: observeRehearsal,
    },
    "rehearsal-cancel": {
      deadlineMs: 2 * SILENCE_MS,
      effect: async (c) => ({ do: "cancel", jobId: startedOf(c) }),
      finishes: () => true,
      observe: async (c): Seen => {
        const seen = await c.flink.sighting(startedOf(c));
        const { absentFor } = c.known.settings;
        if (isOutOfTheWay(seen, { accepted: c.processes, absentFor })) return toDispose(c, null);
        if (isLost(c, seen) && !("rehearsal-cancel" in c.results))
          return {
            kind: "next",
            phase: "rehearsal-cancel",
            result: { sentAgain: true },
            milestone: LOST,
            unsent: unsent(c),
          };
        if (!c.late) return { kind: "pending", note: ending(seen) };
        return await over(c, { left: leftOver(c, seen), savepoint: kept(c, "is kept for it") });
      },
    },
    "rehearsal-dispose": {
      deadlineMs: 120_000,
      effect: async (c) => ((await keeps(c)) === null ? { do: "dispose", path: savepointOf(c) } : null),
      finishes: () => true,
      observe: async (c): Seen => {
        const why = c.effect === null ? await keeps(c) : null;
        if (why !== null) return await over(c, { left: null, savepoint: kept(c, why) });
        const seen = await readDisposal(c);
        if (seen.is === "pending")
          return {
            kind: "pending",
            note: "Flink is deleting the rehearsal's savepoint",
            until: seen.until,
          };
        const { visit } = visitIn(c.results["rehearsal-dispose"]);
        if (seen.is === "lost" && visit < MOST_DISPOSALS)
          return {
            kind: "next",
            phase: "rehearsal-dispose",
            result: { visit: visit + 1 },
            unsent: unsent(c, locatedIn(c), kept(c, "may not be deleted").words),
          };
        const savepoint =
          seen.is === "gone"
            ? { ...locatedIn(c), isDeleted: true, words: "Its savepoint is deleted." }
            : kept(c, seen.is === "failed" ? t`was not deleted: ${seen.reason}` : "may not be deleted");
        return await over(c, { left: null, savepoint });
      },
    },
  };
}

/** The savepoint of the rehearsal is looked for in its own directory: a restart writes another one. */
function forSavepoint(c: Context): Context {
  const { directory } = rehearsalIn(c.intent);
  const intent: Intent = { ...c.intent, facts: { ...c.intent.facts, directory } };
  return { ...c, intent };
}

async function observeRehearsal(c: Context): Promise<Observation<RehearsalPhase>> {
  const jobId = c.effectId;
  if (c.sent.is === "refused")
    return toDispose(c, {
      is: "failed",
      lines: [t`Flink did not start it: ${c.sent.reason}`],
      restored: null,
      tookMs: 0,
    });
  const { healthyWithin, launch } = rehearsalIn(c.intent);
  const read = await readStarted(withTime(c, healthyWithin), jobId, {
    wants: "checkpoint",
    failures: MOST_FAILURES,
  });
  const { started: seen } = read;
  // of a job that has finished nothing else was read
  const isRead = read.job !== null || seen.is !== "healthy";
  const job = isRead ? read.job : given((await optional(c.flink.job(jobId))) ?? "absent");
  if (job !== null && job.name !== launch.as)
    return toCancel(c, {
      is: "failed",
      lines: [t`It called itself ${b(shown(job.name))}, which another job may be called.`],
      restored: null,
    });
  switch (seen.is) {
    case "pending": {
      const often = failsAgain(read.failures);
      return often === null
        ? { kind: "pending", ...seen, note: t`The rehearsal: ${seen.note}` }
        : toCancel(c, { is: "failed", lines: [often], restored: null });
    }
    case "unknown":
      return toCancel(c, { is: "unknown", lines: [t`${seen.why}.`], restored: null });
    case "healthy": {
      const restored = await restoredBy(c, { jobId, path: savepointOf(c) });
      const verdict = { is: "healthy" as const, lines: seen.lines, restored };
      return seen.state === "FINISHED"
        ? toDispose(c, { ...verdict, jobId, tookMs: c.now - c.enteredAt })
        : toCancel(c, verdict);
    }
    case "unhealthy": {
      const isCut = await isCancelledByOthers(c, jobId, seen.ended);
      const verdict = isCut
        ? { is: "unknown" as const, lines: [CUT], restored: null }
        : { is: "failed" as const, lines: seen.why, restored: null };
      return seen.ended === null
        ? toCancel(c, verdict)
        : toDispose(c, { ...verdict, jobId, tookMs: c.now - c.enteredAt });
    }
  }
}

const CUT: Text = "Someone else cancelled it before it was healthy.";

/** Before the verdict only others cancel it, such as the request that took over. That proves nothing about the version. */
async function isCancelledByOthers(c: Context, jobId: string, ended: JobState | null): Promise<boolean> {
  const state = ended ?? stateOf(await c.flink.sighting(jobId));
  return state === "CANCELLING" || state === "CANCELED";
}

/** The cause of a job that fails and is restarted again and again; null: it does not, or not yet. */
function failsAgain(failures: readonly JobException[]): Text | null {
  const [most] = grouped(failures);
  return most === undefined || most.times < MOST_FAILURES
    ? null
    : t`${cause(most.last)} (${most.times} times)`;
}

function toCancel(c: Context, verdict: Verdict): Extract<Observation<RehearsalPhase>, { kind: "next" }> {
  const tookMs = c.now - c.enteredAt;
  const result = { ...verdict, tookMs, jobId: c.effectId };
  return {
    kind: "next",
    phase: "rehearsal-cancel",
    result,
    unsent: unsent(c),
    milestone:
      verdict.is === "healthy"
        ? `The rehearsal was healthy after ${duration(tookMs)}.`
        : t`The rehearsal ${verdict.is === "failed" ? "is not healthy" : "showed nothing"}: ${verdict.lines[0] ?? "no reason is known"}`,
  };
}

/** `verdict` null: it was given before. */
const toDispose = (
  c: Context,
  verdict: (Verdict & { tookMs: number; jobId?: string }) | null,
): Extract<Observation<RehearsalPhase>, { kind: "next" }> => ({
  kind: "next",
  phase: "rehearsal-dispose",
  result: verdict,
  unsent: unsent(c),
});

const LOST: Text = "The rehearsal is still alive: the cancel was lost and is sent again.";

const ending = (seen: Sighting): Text =>
  seen.is === "alive"
    ? t`The rehearsal is being cancelled (${seen.state})`
    : "Flink does not say whether the rehearsal has ended";

function leftOver(c: Context, seen: Sighting): NonNullable<Rehearsed["left"]> {
  const { as = "" } = rehearsalIn(c.intent).launch;
  const which = t`The rehearsal ${b(shown(as))} is job ${code(startedOf(c))}.`;
  return { alive: seen.is === "alive", words: [which, stands(seen)] };
}

/** Why the savepoint stays, in words that follow "Its savepoint"; null: it is deleted. Throws what FlinkReads throws. */
async function keeps(c: Context): Promise<string | null> {
  if (c.args.keep === true) return "is kept";
  const user = await usedBy(c, await c.flink.overview(), savepointOf(c));
  return user === null ? null : "is kept: a job was started from it";
}

const kept = (c: Context, why: Text): NonNullable<Rehearsed["savepoint"]> => ({
  ...locatedIn(c),
  isDeleted: false,
  words: t`Its savepoint ${why}: ${code(savepointOf(c))}`,
});
