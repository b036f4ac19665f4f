import { b, plain, t } from "../operations/text.ts";
import { again, type Engine, type Next } from "./engine.ts";
import { end, says } from "./move.ts";
import { draw, gate, replyOnce } from "./show.ts";
import type { Held } from "./store.ts";

/** Awaiting approval: shown, its approvers mentioned once, and ended when nobody came. Votes move it, from the bot. */
export async function wait(engine: Engine, held: Held): Promise<Next> {
  const { record, now } = held;
  if (record.approval === null) throw new TypeError("awaiting without an approval");
  const { expiresAt, by } = record.approval;
  if (now >= expiresAt) {
    const report = says(
      "failed",
      "Nobody approved it in time",
      "Nothing was changed. Ask again if it is still wanted.",
    );
    await end(engine.store, held, "expired", report);
    return again(0);
  }
  const shown = await gate(engine, held);
  if (shown !== null) return shown;
  await draw(engine, held);
  const { headline } = record.intent;
  await replyOnce(
    engine,
    record,
    "approval wanted",
    t`Approval wanted, from somebody other than the requester: ${b(plain(headline))}`,
    { users: by.groups.length === 0 ? by.users.slice(0, 5) : [], groups: by.groups },
  );
  return again(Math.min(engine.timings.parkSlice, expiresAt - now));
}
