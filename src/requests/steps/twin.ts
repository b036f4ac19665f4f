import type { Refusal } from "../../model/report.ts";
import { t } from "../../model/text.ts";
import { MAY, mayNot, type Verdict } from "../../model/verdict.ts";
import { canonical } from "../../platform/canonical.ts";
import type { Engine } from "../ports/engine.ts";
import { isLive, requestRef, type RequestRecord } from "../record/record.ts";

/** How many of the newest requests about the target are read; open ones are among them. */
const MOST = 20;

/**
 * Whether a request may be opened: not where the same one is already open, because a second card would only divide the
 * approvers. Takes one or two round trips.
 */
export async function twinRefusal(engine: Engine, record: RequestRecord): Promise<Verdict<Refusal>> {
  if (record.parent !== null) return MAY;
  const ids = await engine.store.about(record.target, MOST);
  const others = ids.filter((id) => id !== record.id);
  const held = others.length === 0 ? [] : await engine.store.loadMany(others);
  const twin = held.map((h) => h.record).find((r) => isLive(r) && isSame(r, record));
  if (twin === undefined) return MAY;
  const ref = requestRef(twin.id, await engine.link(twin.id));
  return mayNot({
    refuse: t`The same request already exists: ${ref}, by ${{ person: twin.actor.user }} ${{ at: twin.askedAt }}.`,
    instead: ["Nothing was added. Its requester can withdraw it."],
  });
}

const isSame = (a: RequestRecord, z: RequestRecord): boolean =>
  a.parent === null &&
  a.operation === z.operation &&
  canonical([a.target, a.args]) === canonical([z.target, z.args]);
