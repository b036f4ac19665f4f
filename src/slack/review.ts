import type { InputBlock, PlainTextElement } from "@slack/types";
import { type Text, t } from "../model/text.ts";
import type { Recipient } from "../requests/ports/conversation.ts";
import type { Reviewed } from "../requests/ports/inbox.ts";
import type { RequestRecord } from "../requests/record/record.ts";
import { actionIds } from "./action.ts";
import { context, section } from "./blocks.ts";
import { type CardView, LINE } from "./card.ts";
import { carried, type Denial, readReason, REASON } from "./deny.ts";
import type { Modal } from "./details.ts";
import type { Submission } from "./payload.ts";
import { bold, mrkdwn } from "./text.ts";

/** Block and action id of the choice. */
export const JUSTIFIED = "justified";
const [YES, NO] = ["yes", "no"];
/** As long as a reason for a denial. Characters. */
const LONGEST = 200;

const line = (text: Text): string => mrkdwn(text, { most: LINE });
const plain = (text: string): PlainTextElement => ({ type: "plain_text", text });

/** The form in which someone else says whether a use of break-glass was justified. */
export function reviewModal(
  record: RequestRecord,
  from: Denial,
  view: Pick<CardView, "deployment" | "labelOf">,
): Modal {
  const { actor, askedAt, reason, end } = record;
  const what = t`${bold(record.intent.headline)} · ${{ b: view.labelOf(record.target.cluster) }}`;
  const by = t`${{ person: actor.user }} started it ${{ at: askedAt }} without approval. Reason: ${reason ?? ""}`;
  const choice: InputBlock = {
    type: "input",
    block_id: JUSTIFIED,
    label: plain("Was it justified?"),
    element: {
      type: "static_select",
      action_id: JUSTIFIED,
      options: [
        { text: plain("Yes, justified"), value: YES },
        { text: plain("No, not justified"), value: NO },
      ],
    },
  };
  const why: InputBlock = {
    type: "input",
    block_id: REASON,
    label: plain("Why"),
    hint: plain("It is shown on the card and kept in the audit log."),
    element: { type: "plain_text_input", action_id: REASON, multiline: true, max_length: LONGEST },
  };
  return {
    type: "modal",
    callback_id: actionIds.review,
    private_metadata: carried(from, view.deployment),
    title: plain("Review break-glass"),
    submit: plain("Submit review"),
    close: plain("Go back"),
    blocks: [
      section(line(what)),
      context(line(by)),
      ...(end === null ? [] : [context(line(end.report.headline))]),
      choice,
      why,
    ],
  };
}

/** A review that was submitted, and where its person is answered; or what is wrong with which field. */
export function readReview(
  { actor, values, typed }: Pick<Submission, "actor" | "values" | "typed">,
  { requestId, card, thread }: Denial,
): { reviewed: Reviewed; to: Recipient } | { problem: string; field: string } {
  const choice = values[JUSTIFIED];
  if (choice !== YES && choice !== NO) return { problem: "Choose one.", field: JUSTIFIED };
  const why = readReason(typed(REASON));
  if ("problem" in why) return { problem: why.problem, field: REASON };
  if (why.text === null) return { problem: "Say why, for whoever reads the audit log.", field: REASON };
  return {
    reviewed: { requestId, actor, card, justified: choice === YES, why: why.text },
    to: { actor, place: { channel: card.channel, thread, door: "button" }, responseUrl: null },
  };
}
