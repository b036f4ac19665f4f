import { SlackRefused, SlackUnavailable } from "../errors.ts";
import { plain, type Text, t } from "../operations/text.ts";
import { again, done, type Engine, type Next } from "./engine.ts";
import { moveOne, says, end } from "./move.ts";
import type { RequestRecord } from "./record.ts";
import { lookAgain } from "./second-look.ts";
import type { Held } from "./store.ts";

/** An operation shorter than this is one card and one reply; only longer ones get milestones of their own. */
const LONG_MS = 10_000;
const SECOND_CARD =
  "I was interrupted while posting this card. If another card of this request stands above, it is not kept up to date; this one is.";
/** Progress is drawn at most this often per card. */
const EDIT_EVERY_MS = 3000;
/** What is over before that needs no second edit; what is not should not go on saying "Queued". */
const FIRST_EDIT_MS = 1000;

/**
 * The gate: nothing runs unseen. Posts the first card where there is none. A second first card, after a crash between
 * posting and saving, is harmless: it is the same request. Null: there is a card now.
 */
export async function gate(engine: Engine, held: Held): Promise<Next | null> {
  const { record } = held;
  // its line stands on the card of the request that started it
  if (record.parent !== null) return null;
  const cards = await engine.store.cardsToPost(record.id);
  if (cards.messages.length > 0) return null;
  try {
    const card = await engine.conversation.postCard(record);
    await engine.store.drawn(record.id, card, held.rev);
    // whoever tried before may have posted and died before saving where: that card stays as it is
    if (cards.tried) await replyOnce(engine, record, "second card", SECOND_CARD, { users: [], groups: [] });
    return null;
  } catch (error) {
    if (!(error instanceof SlackRefused)) throw error;
    const report = says(
      "failed",
      "Nothing was changed: the card could not be posted here",
      `Slack says ${error.reason}.`,
    );
    await end(engine.store, held, "refused", report);
    return again(0);
  }
}

/** Redraws every card of the request that is older than `since`, by default its newest rev. Throws SlackUnavailable. */
export async function draw(engine: Engine, held: Held, since = held.rev): Promise<void> {
  const { messages } = await engine.store.cards(held.record.id);
  for (const { card, drawn } of messages) {
    if (drawn >= since) continue;
    try {
      await engine.conversation.editCard(card, held.record);
    } catch (error) {
      if (!(error instanceof SlackRefused)) throw error;
      engine.log.warn({ requestId: held.record.id, reason: error.reason }, "card cannot be edited");
    }
    await engine.store.drawn(held.record.id, card, held.rev);
  }
}

const lastProgressDrawn = new Map<string, number>();

/** Progress may be dropped, an outcome never: Slack's pace is kept by leaving steps of it out. */
export async function drawProgress(engine: Engine, held: Held): Promise<void> {
  const { record, now } = held;
  const last = lastProgressDrawn.get(record.id);
  const due = last === undefined ? (record.run?.startedAt ?? now) + FIRST_EDIT_MS : last + EDIT_EVERY_MS;
  if (now < due) return;
  lastProgressDrawn.set(record.id, now);
  try {
    await draw(engine, held);
    await tellMilestones(engine, record, now);
  } catch (error) {
    if (!(error instanceof SlackUnavailable)) throw error;
  }
}

async function tellMilestones(engine: Engine, record: RequestRecord, now: number): Promise<void> {
  if (record.run === null || now - record.run.startedAt < LONG_MS) return;
  for (const [i, milestone] of record.milestones.entries()) {
    await replyOnce(engine, record, `milestone ${i}`, milestone.text, { users: [], groups: [] });
  }
}

/** Replies once per `what`; it may be repeated only if the process dies in the very moment of posting. */
export async function replyOnce(
  engine: Engine,
  record: RequestRecord,
  what: string,
  text: Text,
  mention: { users: readonly string[]; groups: readonly string[] },
): Promise<void> {
  const { messages, said } = await engine.store.cards(record.id);
  const first = messages[0];
  if (first === undefined || said.has(what)) return;
  try {
    await engine.conversation.reply(first.card, record, text, mention);
  } catch (error) {
    if (!(error instanceof SlackRefused)) throw error;
    engine.log.warn({ requestId: record.id, reason: error.reason }, "reply cannot be posted");
  }
  await engine.store.said(record.id, what);
}

/** After the end: the last edit, the one mention, then closed. A refusal without a card is told to the person alone. */
export async function close(engine: Engine, held: Held): Promise<Next> {
  const { record } = held;
  if (record.end === null) throw new TypeError("an ended record without an end");
  const { ending, report } = record.end;
  const { messages } = await engine.store.cards(record.id);
  if (messages.length === 0 && record.parent === null) await tellRefusal(engine, record);
  if (messages.length > 0) {
    await draw(engine, held);
    const isWithdrawn = ending === "withdrawn";
    if (!isWithdrawn) {
      const users = [record.actor.user];
      await replyOnce(engine, record, "end", outcomeLine(record), { users, groups: [] });
      if (record.second?.worse === true && record.second.line !== null)
        await replyOnce(engine, record, "second look", t`Worse since: ${record.second.line}`, {
          users,
          groups: [],
        });
    }
  }
  const later = await lookAgain(engine, held);
  if (later !== null) return later;
  const committed = await moveOne(engine.store, held, { ...record, state: "closed" });
  if (committed.is === "fenced") return again(0);
  // closed reads like ended: only a card that a click brought meanwhile is still to be drawn
  await draw(engine, held);
  lastProgressDrawn.delete(record.id);
  engine.log.info({ requestId: record.id, ending, outcome: report.outcome }, "request closed");
  return done;
}

/** The outcome in one reply: its headline, and what a person needs to act on without opening the card. */
function outcomeLine(record: RequestRecord): Text {
  const report = record.end?.report;
  if (report === undefined) return "";
  const first = report.lines[0];
  return first === undefined ? report.headline : t`${report.headline}. ${first}`;
}

async function tellRefusal(engine: Engine, record: RequestRecord): Promise<void> {
  if (record.end === null) return;
  const { headline, lines, offers } = record.end.report;
  const url = await engine.responseUrl(record.id);
  try {
    await engine.conversation.answer(record.actor, record.place, url, {
      refuse: headline,
      instead: lines,
      ...(offers === undefined ? {} : { offers }),
    });
  } catch (error) {
    if (!(error instanceof SlackRefused)) throw error;
    engine.log.warn(
      { requestId: record.id, reason: error.reason, said: plain(headline) },
      "refusal cannot be told",
    );
  }
}
