import { plain } from "../../src/model/text.ts";
import { missing } from "../../src/requests/card/missing.ts";
import { digestOf } from "../../src/requests/record/binding.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { card } from "../../src/slack/card.ts";
import { denyModal } from "../../src/slack/deny.ts";
import { detailsModal } from "../../src/slack/details.ts";
import { answer, words } from "../../src/slack/answer-message.ts";
import { reviewModal } from "../../src/slack/review.ts";
import { AT, view } from "../slack/a-record.ts";
import { must } from "./subject.ts";
import { taken, takenModal } from "./words.ts";

const CARD = { channel: "C1", ts: "1.0" };

/** Everything that is made of a record that was read: cards, modals, replies, its digest. Returns its state. */
export function shownRecord(record: RequestRecord): string {
  taken(card(record, view));
  takenModal(detailsModal(record, view));
  const from = { requestId: "r1", digest: "d", card: CARD, thread: null };
  takenModal(denyModal(record, from, view));
  if (record.breakGlass !== undefined) takenModal(reviewModal(record, from, view));
  if (record.end !== null) taken(answer(record.end.report, view));
  must(/^[0-9a-f]{32}$/u.test(digestOf(record)), () => "a record without a digest");
  const held = { record, rev: 3, now: AT + 60_000, readAtMonotonicMs: 0 };
  for (const messages of [[], [{ card: CARD, drawn: 1 }]])
    for (const piece of missing({
      held,
      cards: { messages, said: new Set<string>() },
      isBrake: false,
      label: "PROD",
      drawnAt: () => null,
    }))
      if (piece.do === "reply" && plain(piece.text).trim() !== "") taken(words(piece.text));
  return record.state;
}
