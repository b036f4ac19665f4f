import type { Offer } from "../../model/report.ts";
import { b, plain, type Text, t } from "../../model/text.ts";
import { duration, minutes } from "../../model/units.ts";
import type { CardRef, Copy, Lane } from "../ports/conversation.ts";
import { type Places, placesOf, POSTING_COPY_AGAIN } from "./copies.ts";
import { isOne, listed, membersOf, mentionOf, stillNeeded } from "../record/approval-words.ts";
import { type Approval, approversOf, type RequestRecord } from "../record/record.ts";
import type { Cards, Held } from "../record/store.ts";

/** One message of a request that Slack does not show yet. */
export type Piece = { lane: Lane } & (
  | { do: "card" }
  /** A copy of the card in the approvers' channel. */
  | { do: "copy"; copy: Copy }
  /** `origin`: of a copy, the card that it is a copy of. */
  | { do: "edit"; card: CardRef; origin?: CardRef }
  /**
   * A reply below the card, posted once per `what`. `once`: it is rather lost than posted twice, so it is recorded
   * before it is posted; other replies are recorded after that.
   */
  | {
      do: "reply";
      what: string;
      text: Text;
      mention: Mention;
      card: CardRef;
      once?: true;
      offers?: readonly Offer[];
    }
  /** The request ended before it had a card; the requester alone is told. */
  | { do: "tell" }
);
type Mention = { users: readonly string[]; groups: readonly string[] };

/** What is known of how Slack shows the request. */
export interface Shown {
  held: Held;
  cards: Cards;
  /** The request is a brake: neither it nor its cards wait behind other requests. */
  isBrake: boolean;
  /** The cluster's label, as on the card. */
  label: string;
  /** When the progress was last drawn on a card, ms by Redis's clock; null: unknown. */
  drawnAt: (card: CardRef) => number | null;
}

/** An operation shorter than this, ms, gets a card and one reply; only longer ones get milestone replies. */
const LONG_MS = 10_000;
/** Minimum time between two edits of progress per card, ms. */
const EDIT_EVERY_MS = 3000;
/**
 * Delay of the first edit after the start, ms: a shorter run needs one edit only, and a longer one must not keep
 * showing "Queued".
 */
const FIRST_EDIT_MS = 1000;
/** Said in the thread of a card that may have a twin. */
export const SECOND_CARD =
  "I was interrupted while posting this card. If there is another card of this request above, that one is no longer updated; this one is.";
/** The approvers are reminded when a third of the time for the approval is left, and an hour at most. */
const REMIND_SHARE = 1 / 3;
const REMIND_MOST_MS = 3_600_000;
/** Shorter times for the approval have no reminder, because the first mention is still new. */
const REMIND_WINDOW_MS = 120_000;
const NOBODY: Mention = { users: [], groups: [] };

/** Names of replies in the hash of a request's cards. The names are stored. */
export const POSTING = "posting";
export const POSTING_AGAIN = "posting again";
export const TOLD = "told";

/** Whether it is rather lost than posted twice. */
export const isOnce = (piece: Piece): piece is Extract<Piece, { do: "reply" }> =>
  piece.do === "reply" && piece.once === true;

/** The name under which a message is recorded as posted. */
export const whatOf = (piece: Piece): string => (piece.do === "reply" ? piece.what : piece.do);

/**
 * The name under which a process works on a message. An edit in another lane has another name, so the more urgent one
 * overtakes; the other one is dropped when its turn comes.
 */
export function nameOf(piece: Piece): string {
  if (piece.do === "reply") return piece.what;
  return piece.do === "edit" ? `edit ${piece.card.channel} ${piece.card.ts} ${piece.lane}` : piece.do;
}

/** Whether the progress of a running request is to be drawn now. */
export function isProgressDue(
  { record, now }: Pick<Held, "record" | "now">,
  drawnAt: number | null,
): boolean {
  if (record.state !== "running" || record.run === null) return true;
  return now >= (drawnAt === null ? record.run.startedAt + FIRST_EDIT_MS : drawnAt + EDIT_EVERY_MS);
}

/**
 * The messages that are missing in Slack. Pure: derived from the record and from what is recorded as shown, so any
 * process may compute it at any time.
 */
export function missing(shown: Shown): readonly Piece[] {
  const { held, cards } = shown;
  // A child request is a line on the card of the request that started it.
  if (held.record.parent !== null) return [];
  const places = placesOf(held.record, cards);
  if (places === null) return withoutCard(shown);
  return [...edits(shown, places), ...copies(shown, places), ...replies(shown, places)];
}

function withoutCard({ held: { record }, cards, isBrake }: Shown): readonly Piece[] {
  if (record.state === "closed") return [];
  if (record.state === "ended") return cards.said.has(TOLD) ? [] : [{ do: "tell", lane: "answer" }];
  const usual = record.state === "awaiting" ? "approval" : "answer";
  return [{ do: "card", lane: isBrake ? "brake" : usual }];
}

/** The approvers are asked on a copy, so it is as urgent as the card. */
function copies({ held: { record, now }, isBrake }: Shown, { origin, asked }: Places): readonly Piece[] {
  const { state, approval } = record;
  if (asked !== null || state !== "awaiting" || approval?.copyIn === undefined) return [];
  if (now >= approval.expiresAt) return [];
  const copy = { channel: approval.copyIn, origin };
  return [{ do: "copy", copy, lane: isBrake ? "brake" : "approval" }];
}

function edits({ held, cards, isBrake, drawnAt }: Shown, { origin, isCopy }: Places): readonly Piece[] {
  const { record, rev } = held;
  // Closing changes no text on the card. "About to start" is skipped as well: a request that starts at once is drawn
  // as running.
  const wanted = record.state === "closed" ? rev - 1 : rev;
  const isOver = record.end !== null;
  // Before the request runs, an edit answers someone who asked or pressed a button.
  const progress: Lane = record.state === "running" ? "milestone" : "answer";
  const usual: Lane = isOver ? "outcome" : progress;
  const lane = isBrake ? (isOver ? "approval" : "outcome") : usual;
  const isQuiet = (card: CardRef): boolean => {
    if (record.state === "ready" && record.waiting === null) return true;
    // Slack allows few edits: a copy shows that the request runs, and not how far it is
    if (record.state === "running" && isCopy(card) && drawnAt(card) !== null) return true;
    return !isProgressDue(held, drawnAt(card));
  };
  return cards.messages
    .filter(({ card, drawn }) => drawn < wanted && (drawn === 0 || !isQuiet(card)))
    .map(({ card }) => ({ do: "edit", card, lane, ...(isCopy(card) && { origin }) }));
}

/** A reply without its card. */
type Said = Omit<Extract<Piece, { do: "reply" }>, "do" | "card">;

function replies(shown: Shown, { origin, asked, problem, isCopy }: Places): readonly Piece[] {
  const { held, cards, isBrake } = shown;
  const { record, now } = held;
  const all: (Said | null)[] = [
    // A process that tried before may have posted a card and died before saving its `ts`; that card is not updated.
    cards.said.has(POSTING_AGAIN)
      ? { what: "second card", text: SECOND_CARD, mention: NOBODY, lane: "milestone" }
      : null,
    ...milestones(record, now),
    outcome(record, { isBrake }),
    followUp(record),
  ];
  const toApprovers: (Said | null)[] = [
    cards.said.has(POSTING_COPY_AGAIN) && asked !== null && isCopy(asked)
      ? { what: "second copy", text: SECOND_CARD, mention: NOBODY, lane: "milestone" }
      : null,
    approvalWanted(shown, problem) ?? reminder(shown, problem),
    ...escalations(shown),
  ];
  const under = (card: CardRef | null, list: readonly (Said | null)[]): readonly Piece[] =>
    list.flatMap((one) =>
      card === null || one === null || cards.said.has(one.what) ? [] : [{ do: "reply", card, ...one }],
    );
  return [...under(origin, all), ...under(asked, toApprovers)];
}

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
function approvalWanted({ held: { record, now }, isBrake, label }: Shown, problem: Text): Said | null {
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

function reminder({ held: { record, now }, label }: Shown, problem: Text): Said | null {
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

/** Others who are mentioned where nobody has decided. They need not be approvers, so they are told who is. */
function escalations({ held: { record, now }, label }: Shown): readonly Said[] {
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

/** Only while the request runs: afterwards the card lists all milestones, and the outcome says the rest. */
function milestones(record: RequestRecord, now: number): readonly Said[] {
  if (record.state !== "running" || record.run === null || now - record.run.startedAt < LONG_MS) return [];
  return record.milestones.map((m, i) => ({
    what: `milestone ${i}`,
    text: m.text,
    mention: NOBODY,
    lane: "milestone",
  }));
}

function outcome(
  { state, end, actor, approval }: RequestRecord,
  { isBrake }: { isBrake: boolean },
): Said | null {
  if (state !== "ended" || end === null || end.ending === "withdrawn") return null;
  const { headline, lines, offers } = end.report;
  const approvers = approval === null ? [] : approversOf(approval);
  // The headline, and the first line of the report, so that the reader can act without opening the card.
  const stop = /[.!?…]$/u.test(plain(headline)) ? "" : ".";
  const text = lines[0] === undefined ? headline : t`${headline}${stop} ${lines[0]}`;
  return {
    what: "end",
    text,
    mention: { users: [...new Set([actor.user, ...approvers])], groups: [] },
    lane: isBrake ? "approval" : "outcome",
    // whoever is told on a phone that time is up need not look for the card
    ...(end.ending === "expired" && offers !== undefined ? { offers } : {}),
  };
}

function followUp({ state, end, second, actor }: RequestRecord): Said | null {
  if (state !== "ended" || end?.ending === "withdrawn" || second?.worse !== true || second.line === null)
    return null;
  return {
    what: "second look",
    text: t`Worse since: ${second.line}`,
    mention: { users: [actor.user], groups: [] },
    lane: "followUp",
  };
}
