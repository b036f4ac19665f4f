import { code, plain, t } from "../../model/text.ts";
import type { CardRef, Lane } from "../ports/conversation.ts";
import { approvalWanted, escalations, reminder } from "./asking.ts";
import { type Places, placesOf, POSTING_COPY_AGAIN } from "./copies.ts";
import { NOBODY, type Piece, POSTING_AGAIN, type Said, type Shown, TOLD } from "./pieces.ts";
import { announcements } from "./announcing.ts";
import { approversOf, copyInOf, type RequestRecord, type Suggestion } from "../record/record.ts";
import type { Held } from "../record/store.ts";

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
  const { state, approval, breakGlass } = record;
  const channel = copyInOf(record);
  const isWanted = state === "awaiting" || (state === "ready" && breakGlass !== undefined);
  if (asked !== null || !isWanted || channel === undefined) return [];
  if (approval !== null && now >= approval.expiresAt) return [];
  const copy = { channel, origin };
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

function replies(shown: Shown, { origin, asked, problem, isCopy }: Places): readonly Piece[] {
  const { held, cards, isBrake } = shown;
  const { record, now } = held;
  const all: (Said | null)[] = [
    // A process that tried before may have posted a card and died before saving its `ts`; that card is not updated.
    cards.said.has(POSTING_AGAIN)
      ? { what: "second card", text: SECOND_CARD, mention: NOBODY, lane: "milestone" }
      : null,
    ...milestones(record, now),
    ...suggestions(record),
    outcome(record, { isBrake }),
    followUp(record),
  ];
  const toApprovers: (Said | null)[] = [
    cards.said.has(POSTING_COPY_AGAIN) && asked !== null && isCopy(asked)
      ? { what: "second copy", text: SECOND_CARD, mention: NOBODY, lane: "milestone" }
      : null,
    approvalWanted(shown, problem) ?? reminder(shown, problem),
    ...escalations(shown),
    // break-glass is announced in its own channel, or it does not start
    ...(problem === "" ? announcements(shown) : []),
  ];
  const under = (card: CardRef | null, list: readonly (Said | null)[]): readonly Piece[] =>
    list.flatMap((one) =>
      card === null || one === null || cards.said.has(one.what) ? [] : [{ do: "reply", card, ...one }],
    );
  return [...under(origin, all), ...under(asked, toApprovers)];
}

/** Also after the decision: who denies a request may have suggested another one before. */
function suggestions({
  state,
  actor,
  target,
  reason,
  suggestions: all = [],
  ...of
}: RequestRecord): readonly Said[] {
  if (state === "closed") return [];
  return all.map(({ actor: by, command, operation = of.operation, args }: Suggestion, i) => ({
    what: `suggestion ${i}`,
    text: t`${{ person: by.user }} suggests ${code(command)}. The request itself stays as it is.`,
    mention: { users: [actor.user], groups: [] },
    lane: "outcome",
    offers: [
      {
        label: "Request this instead",
        operation,
        args: { ...args, cluster: target.cluster, ...(reason !== null && { reason }) },
      },
    ],
  }));
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
