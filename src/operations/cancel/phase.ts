import type { JobState, Sighting } from "../../model/flink-jobs.ts";
import { named, stands, statusOffer } from "../wording/job.ts";
import { sawItComing, wayBack } from "../facts/application.ts";
import type { Observation, PhaseContext } from "../../model/operation.ts";
import type { Report } from "../../model/report.ts";
import { SILENCE_MS } from "../phases/unreachable.ts";
import { b, code, type Text, t } from "../../model/text.ts";

/**
 * Flink confirms a cancel once the job is CANCELLING. A job that is alive after this time lost its cancel in a
 * fail-over.
 */
export const LOST_AFTER_MS = 30_000;
/** The same if it is not known whether the cancel arrived. A second cancel does no harm. */
export const PERHAPS_LOST_AFTER_MS = 5_000;
/** If a task needs longer than this to stop, the card says so. */
export const USUAL_MS = 60_000;

/**
 * Observes until the job has ended, after its savepoint at `location`. A cancel that Flink lost is sent once more, in
 * a new visit of the phase. Throws what FlinkReads throws.
 */
export async function observeCancel(
  c: PhaseContext<unknown>,
  location: string,
  turn: "first" | "again",
): Promise<Observation<"cancel">> {
  const seen = await c.flink.sighting(c.target.jobId);
  if (sawItComing(c, seen)) return end(c, location, { outcome: "done", words: "is cancelled", lines: [] });
  if (seen.is === "unanswered") return silent(c, location, seen.forMs);
  if (seen.is === "ended") return ended(c, seen.state, location);
  if (seen.is === "absent") {
    if (seen.forMs < c.known.settings.absentFor)
      return { kind: "pending", note: "Flink does not list the job at the moment" };
    return end(c, location, {
      outcome: "unknown",
      words: "is gone",
      lines: ["Flink no longer lists the job; it is unknown how it ended."],
    });
  }
  if (c.sent.is === "refused")
    return end(c, location, {
      outcome: "failed",
      words: "was not cancelled",
      lines: [c.sent.reason, stands(seen)],
    });
  const waited = c.now - c.enteredAt;
  const { state } = seen;
  if (state === "CANCELLING" || state === "FAILING") {
    const long = waited > USUAL_MS ? ", longer than usual: a task has not stopped yet" : "";
    return { kind: "pending", note: `Flink is stopping the tasks (${state})${long}` };
  }
  const lostAfter = c.sent.is === "unknown" ? PERHAPS_LOST_AFTER_MS : LOST_AFTER_MS;
  if (waited < lostAfter) return { kind: "pending", note: t`The job is still ${state}` };
  if (turn === "first")
    return {
      kind: "next",
      phase: "cancel",
      // The `begin` result holds the location of the savepoint, which this phase still needs; this result does not
      // replace it.
      result: { sentAgain: true },
      milestone: t`The job is ${b(state)} again: Flink lost the cancel, so it is sent again.`,
    };
  return end(c, location, {
    outcome: "failed",
    words: "is still not cancelled",
    lines: ["The cancel was sent twice.", stands(seen), "Check it in Flink, or try again."],
  });
}

/**
 * Whether Flink lost our cancel: the job is alive and not ending, for longer than a cancel takes. After a fail-over
 * the cancel must be sent again, or the job never ends.
 */
export function isLost(c: PhaseContext<unknown>, seen: Sighting): boolean {
  if (seen.is !== "alive" || seen.state === "CANCELLING" || seen.state === "FAILING") return false;
  const lostAfter = c.sent.is === "accepted" ? LOST_AFTER_MS : PERHAPS_LOST_AFTER_MS;
  return c.effect?.do === "cancel" && c.now - c.enteredAt > lostAfter;
}

/** A fail-over looks the same as an end, and the job may come back from it. */
function silent(c: PhaseContext<unknown>, location: string, silentMs: number): Observation<"cancel"> {
  if (silentMs < SILENCE_MS)
    return { kind: "pending", note: "The cancel was sent; Flink has not answered since" };
  return end(c, location, {
    outcome: "unknown",
    words: "can no longer be seen",
    lines: [
      c.sent.is === "accepted"
        ? "Flink accepted the cancel and has not answered since."
        : "Flink does not answer and did not confirm the cancel.",
      "If it answers again, check the job's status.",
    ],
  });
}

function ended(c: PhaseContext<unknown>, state: JobState, location: string): Observation<never> {
  if (state === "CANCELED") return end(c, location, { outcome: "done", words: "is cancelled", lines: [] });
  const before =
    c.sent.is === "refused" ? "It had ended before the cancel arrived." : "It ended by itself meanwhile.";
  return end(c, location, { outcome: "done", words: t`is no longer running: ${b(state)}`, lines: [before] });
}

function end(
  c: PhaseContext<unknown>,
  location: string,
  { outcome, words, lines }: { outcome: Report["outcome"]; words: Text; lines: readonly Text[] },
): Observation<never> {
  const back = outcome === "done" ? wayBack(c, location) : { lines: [], offers: [] };
  const saved: readonly Text[] = [
    t`Savepoint: ${code(location)}`,
    "Records between the savepoint and the cancel are processed again when the job is resumed.",
  ];
  return {
    kind: "end",
    report: {
      outcome,
      headline: t`${named(c.target)} ${words}`,
      lines: [...lines, ...saved, ...back.lines],
      facts: { location },
      offers: [...back.offers, statusOffer(c.target)],
    },
  };
}
