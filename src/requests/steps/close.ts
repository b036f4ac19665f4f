import type { Text } from "../../model/text.ts";
import { isAnnounced } from "./break-glass.ts";
import { again, done, type Engine, type Next } from "../ports/engine.ts";
import { missing } from "../card/missing.ts";
import { transition } from "../record/transitions.ts";
import { followUp } from "./follow-up.ts";
import { nextReviewReminder } from "../card/announcing.ts";
import { isUnreviewed } from "../record/claims.ts";
import { measureEnd } from "../record/measured.ts";
import type { Held } from "../record/store.ts";

/**
 * Whether people can see the request: its card, and the announcement of break-glass. No change runs before that. `not yet`:
 * they are on their way, and posting them wakes the request.
 */
export async function isShown(
  engine: Engine,
  held: Held,
): Promise<{ is: "yes" | "not yet" } | { is: "never"; why: Text }> {
  const { record } = held;
  // A child request is a line on the card of the request that started it.
  if (record.parent !== null) return { is: "yes" };
  const cards = await engine.store.cards(record.id);
  const shown = cards.messages.length === 0 ? { is: "not yet" as const } : isAnnounced(record, cards);
  if (shown.is === "not yet") engine.present(held);
  return shown;
}

/**
 * Closes an ended request once the last edit, the one mention or the refusal are known to be in Slack. Until then the
 * request is parked; the process that shows them wakes it.
 */
export async function close(engine: Engine, held: Held): Promise<Next> {
  const { record } = held;
  if (record.end === null) throw new TypeError("an ended record without an end");
  const isShowing = await isMissingSomething(engine, held);
  if (isShowing) engine.present(held);
  const later = await followUp(engine, held);
  const parked = again(engine.timings.parkSlice);
  if (later !== null) return isShowing ? sooner(later, parked) : later;
  if (isShowing) return parked;
  if (isUnreviewed(record)) {
    // the reminders are posted by steps, so they outlive every process
    const next = nextReviewReminder(record.end.at, held.now) - held.now;
    return again(Math.min(engine.timings.parkSlice, next));
  }
  const next = { ...record, state: "closed" as const };
  const committed = await transition(engine.store, held, { next });
  if (committed.is === "fenced") return again(0);
  // Closing changes no text on the card. Only a card that a click added meanwhile is still to be drawn.
  engine.present({ ...held, record: next, rev: held.rev + 1 });
  const { ending, report } = record.end;
  measureEnd(engine.measures, record);
  engine.log.info({ requestId: record.id, ending, outcome: report.outcome }, "request closed");
  return done;
}

async function isMissingSomething(engine: Engine, held: Held): Promise<boolean> {
  if (held.record.parent !== null) return false;
  const cards = await engine.store.cards(held.record.id);
  return missing({ held, cards, isBrake: false, label: "", drawnAt: () => null }).length > 0;
}

const sooner = (a: Next, b: Next): Next => (a.is === "again" && b.is === "again" && b.inMs < a.inMs ? b : a);
