import { b, plain, type Text, t } from "../../model/text.ts";
import { duration, minutes } from "../../model/units.ts";
import { isOne, listed, membersOf, mentionOf, stillNeeded } from "../record/approval-words.ts";
import type { Approval, RequestRecord } from "../record/record.ts";
import type { Held } from "../record/store.ts";
import type { Mention, Said, Shown } from "./pieces.ts";

/** The approvers are reminded when a third of the time for the approval is left, and an hour at most. */
const REMIND_SHARE = 1 / 3;
const REMIND_MOST_MS = 3_600_000;
/** Shorter times for the approval have no reminder, because the first mention is still new. */
const REMIND_WINDOW_MS = 120_000;

/** When the approvers are reminded, ms by Redis's clock; null where the request awaits no approval. */
function reminderAt({ state, approval, askedAt }: RequestRecord): number | null {
  if (state !== "awaiting" || approval === null) return null;
  if (approval.remindAt !== undefined) return approval.remindAt;
  const window = approval.expiresAt - askedAt;
  if (window < REMIND_WINDOW_MS) return approval.expiresAt;
  return approval.expiresAt - Math.min(window * REMIND_SHARE, REMIND_MOST_MS);
}

/** Those who are still needed, and where it takes more than one approval, how many of each. */
const asked = (approval: Approval): { mention: Mention; needs: Text } => {
  const needed = stillNeeded(approval);
  return { mention: membersOf(needed), needs: isOne(approval) ? "" : t` Still needed: ${listed(needed)}.` };
};

/** The first mention. A late one is left out: the reminder takes its place. */
export function approvalWanted({ held: { record, now }, isBrake, label }: Shown, problem: Text): Said | null {
  const until = reminderAt(record);
  if (until === null || record.approval === null || now >= until) return null;
  const why: Text = record.reason === null ? "" : t`, reason: ${record.reason}`;
  const { mention, needs } = asked(record.approval);
  return {
    what: "approval wanted",
    text: t`${{ person: record.actor.user }} asks for approval: ${b(plain(record.intent.headline))} on ${label}${why}. Approve by ${{ at: record.approval.expiresAt }}.${needs}${problem}`,
    mention,
    lane: isBrake ? "approval" : "mention",
  };
}

/** The mention of those who are still needed, once, towards the end. */
export function reminder({ held: { record, now }, label }: Shown, problem: Text): Said | null {
  const from = reminderAt(record);
  if (from === null || record.approval === null) return null;
  const { expiresAt } = record.approval;
  if (now < from || now >= expiresAt) return null;
  const { mention, needs } = asked(record.approval);
  return {
    what: "approval reminder",
    text: t`${waitingFor(record, { now, label })} It expires ${{ at: expiresAt }}.${needs}${problem}`,
    mention,
    lane: "mention",
    once: true,
  };
}

function waitingFor(record: RequestRecord, { now, label }: { now: number; label: string }): Text {
  const waited = now - record.askedAt;
  const long = waited < 60_000 ? duration(waited) : minutes(waited);
  return t`${b(plain(record.intent.headline))} on ${label}, requested by ${{ person: record.actor.user }}, has been waiting for approval for ${long}.`;
}

/** The mentions of others where nobody has decided. They need not be approvers, so each says who is still needed. */
export function escalations({ held: { record, now }, label }: Shown): readonly Said[] {
  const { state, approval } = record;
  if (state !== "awaiting" || approval === null || now >= approval.expiresAt) return [];
  return (approval.escalations ?? []).flatMap(({ at, by }, i): Said[] => {
    if (now < at) return [];
    return [
      {
        what: `approval escalation ${i}`,
        text: t`${waitingFor(record, { now, label })} Escalated to you; still needed: ${listed(stillNeeded(approval))}. It expires ${{ at: approval.expiresAt }}.`,
        mention: mentionOf(by),
        lane: "mention",
        once: true,
      },
    ];
  });
}

/** When the approvers or others are mentioned next, ms by Redis's clock; null: not again. */
export function nextMentionAt({ record, now }: Pick<Held, "record" | "now">): number | null {
  const { escalations: escalated = [], expiresAt = 0 } = record.approval ?? {};
  const all = [reminderAt(record), ...escalated.map(({ at }) => at)];
  const later = all.filter((at) => at !== null && at > now && at < expiresAt).map(Number);
  return later.length === 0 ? null : Math.min(...later);
}
