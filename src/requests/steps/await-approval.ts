import { again, type Engine, type Next } from "../ports/engine.ts";
import { end, says } from "../record/transitions.ts";
import type { Held } from "../record/store.ts";

/**
 * Awaiting approval: its card and the one mention of the approvers are shown beside, and it is ended when nobody came.
 * Votes move it, from the bot.
 */
export async function wait(engine: Engine, held: Held): Promise<Next> {
  const { record, now } = held;
  if (record.approval === null) throw new TypeError("awaiting without an approval");
  const { expiresAt } = record.approval;
  if (now >= expiresAt) {
    const report = says(
      "failed",
      "Nobody approved it in time",
      "Nothing was changed. Ask again if it is still wanted.",
    );
    await end(engine.store, held, "expired", report);
    return again(0);
  }
  engine.present(held);
  return again(Math.min(engine.timings.parkSlice, expiresAt - now));
}
