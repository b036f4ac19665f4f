import { again, type Engine, type Next } from "../ports/engine.ts";
import { nextMentionAt } from "../card/asking.ts";
import { askAgain } from "../record/ask-again.ts";
import type { Report } from "../../model/report.ts";
import { duration, minutes } from "../../model/units.ts";
import { end, says } from "../record/transitions.ts";
import type { Held } from "../record/store.ts";

/**
 * Parks a request that awaits approval, has its card and each mention of the approvers shown when it is due, and ends it
 * when the approval expires.
 * The bot commits the votes.
 */
export async function awaitApproval(engine: Engine, held: Held): Promise<Next> {
  const { record, now } = held;
  if (record.approval === null) throw new TypeError("awaiting without an approval");
  const { expiresAt } = record.approval;
  if (now >= expiresAt) {
    const window = expiresAt - record.askedAt;
    const waited = window < 60_000 ? duration(window) : minutes(window);
    const report: Report = {
      ...says(
        "failed",
        `It was not approved within ${waited}`,
        "Nothing was changed. Ask again if it is still needed.",
      ),
      offers: [askAgain(record)],
    };
    await end(engine.store, held, { ending: "expired", report });
    return again(0);
  }
  engine.present(held);
  const next = Math.min(nextMentionAt(held) ?? expiresAt, expiresAt);
  return again(Math.min(engine.timings.parkSlice, next - now));
}
