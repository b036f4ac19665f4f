import { b, plain, type Text, t } from "../../model/text.ts";
import { anyOf, membersOf, withoutWhat } from "../record/approval-words.ts";
import type { BreakGlass, RequestRecord } from "../record/record.ts";
import { isUnreviewed } from "../record/claims.ts";
import type { Said, Shown } from "./pieces.ts";

/** Names of notes in the hash of a request's cards. The names are stored. */
export const ANNOUNCED = "break-glass";
const REFUSED = "break-glass refused ";
const DAY_MS = 86_400_000;

/** The name under which it is recorded that Slack refuses the announcement. */
export const announcementRefused = (why: string): string => `${REFUSED}${why}`;

/** Why there can be no announcement; null: there can be one. */
export function announcementRefusal(said: ReadonlySet<string>): string | null {
  const refused = [...said].find((what) => what.startsWith(REFUSED));
  return refused === undefined ? null : `Slack says ${refused.slice(REFUSED.length)}`;
}

/** The announcement before the start; after the end a reminder of the review, at once and then once a day. */
export function announcements({ held, cards, label }: Shown): readonly Said[] {
  const { record, now } = held;
  const { breakGlass, end } = record;
  if (breakGlass === undefined) return [];
  if (record.state === "ready")
    return announcementRefusal(cards.said) === null ? [announcement(record, breakGlass, label)] : [];
  if (end === null || record.state === "closed") return [];
  if (breakGlass.reviewed !== null) return [reviewedWords(record, breakGlass.reviewed)];
  if (!isUnreviewed(record)) return [];
  const days = Math.floor((now - end.at) / DAY_MS);
  const late: Text = days === 0 ? "" : t` It ended ${days === 1 ? "a day" : `${days} days`} ago.`;
  return [
    {
      what: days === 0 ? "review wanted" : `review reminder ${days}`,
      text: t`Review needed from ${anyOf(breakGlass.review.by)}: ${b(plain(record.intent.headline))} on ${label}, which ${{ person: record.actor.user }} started with break-glass, ${withoutWhat(record)}.${late} Press Review on the card.`,
      mention: membersOf([breakGlass.review]),
      lane: "mention",
      once: true,
    },
  ];
}

/** When the next reminder is due, ms by Redis's clock. */
export const nextReviewReminder = (endedAt: number, now: number): number =>
  endedAt + (Math.floor((now - endedAt) / DAY_MS) + 1) * DAY_MS;

function announcement(record: RequestRecord, { review }: BreakGlass, label: string): Said {
  const { actor, intent, reason } = record;
  return {
    what: ANNOUNCED,
    text: t`🚨 ${b("Break-glass")} by ${{ person: actor.user }}, ${withoutWhat(record)}: ${b(plain(intent.headline))} on ${label}, reason: ${reason ?? ""}. Starting now; review needed afterwards from ${anyOf(review.by)}.`,
    mention: membersOf([review]),
    lane: "brake",
  };
}

function reviewedWords(
  { actor }: RequestRecord,
  { actor: by, justified, why }: NonNullable<BreakGlass["reviewed"]>,
): Said {
  return {
    what: "reviewed",
    text: t`Reviewed by ${{ person: by.user }} as ${justified ? "justified" : b("not justified")}: ${why}`,
    mention: { users: [actor.user], groups: [] },
    lane: "outcome",
  };
}
