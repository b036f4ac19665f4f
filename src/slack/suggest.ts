import type { InputBlock, PlainTextElement } from "@slack/types";
import { t } from "../model/text.ts";
import type { Recipient } from "../requests/ports/conversation.ts";
import type { Suggested, Suggesting, SuggestionField } from "../requests/ports/inbox.ts";
import type { RequestRecord } from "../requests/record/record.ts";
import { actionIds } from "./action.ts";
import { words } from "./answer-message.ts";
import { context, section } from "./blocks.ts";
import { type CardView, LINE } from "./card.ts";
import { carried, type Denial } from "./deny.ts";
import type { Modal } from "./details.ts";
import type { SendEphemeral } from "./ephemeral.ts";
import { tame } from "./escape.ts";
import { truncate } from "./limits.ts";
import type { Submission } from "./payload.ts";
import { bold, mrkdwn } from "./text.ts";

/** Slack's limits of a field, and ours for what is typed: no argument is longer. Characters. */
const LABEL = 100;
const HINT = 150;
const TYPED = 500;

/** The form in which an approver suggests other arguments, filled with those of the request. */
export function suggestModal(
  { record, fields }: { record: RequestRecord; fields: readonly SuggestionField[] },
  from: Denial,
  view: Pick<CardView, "deployment" | "labelOf">,
): Modal {
  const what = t`${bold(record.intent.headline)} · ${{ b: view.labelOf(record.target.cluster) }}`;
  const by = t`${{ person: record.actor.user }} is told, with a button that requests it. This request stays as it is.`;
  return {
    type: "modal",
    callback_id: actionIds.suggest,
    private_metadata: carried(from, view.deployment),
    title: text("Suggest a change"),
    submit: text("Suggest"),
    close: text("Go back"),
    blocks: [
      section(mrkdwn(what, { most: LINE })),
      context(mrkdwn(by, { most: LINE })),
      ...fields.map(inputOf),
    ],
  };
}

const text = (plain: string, most = LABEL): PlainTextElement => ({
  type: "plain_text",
  text: truncate(tame(plain), most),
});

function inputOf({ key, label, hint, required, choices, value }: SuggestionField): InputBlock {
  const options = choices.map((choice) => ({ text: text(choice), value: choice }));
  const initial = options.find((option) => option.value === value);
  return {
    type: "input",
    block_id: key,
    optional: !required,
    label: text(label),
    ...(hint === "" ? {} : { hint: text(hint, HINT) }),
    element:
      options.length > 0
        ? {
            type: "static_select",
            action_id: key,
            options,
            ...(initial === undefined ? {} : { initial_option: initial }),
          }
        : {
            type: "plain_text_input",
            action_id: key,
            max_length: TYPED,
            ...(value === "" ? {} : { initial_value: tame(value).slice(0, TYPED) }),
          },
  };
}

/** A suggestion that was submitted, and where its person is answered. */
export function readSuggestion(
  { actor, values }: Pick<Submission, "actor" | "values">,
  { requestId, digest, card, thread }: Denial,
): { suggested: Suggested; to: Recipient } {
  const place = { channel: card.channel, thread, door: "button" } as const;
  return {
    suggested: { requestId, digest, card, actor, values },
    to: { actor, place, responseUrl: null },
  };
}

/** Makes a submitted suggestion, and tells its person what came of it. */
export async function makeSuggestion(
  { suggesting, tell }: { suggesting: Suggesting; tell: SendEphemeral },
  { suggested, to }: { suggested: Suggested; to: Recipient },
): Promise<void> {
  const made = await suggesting.make(suggested);
  if (made.tell !== undefined) await tell(to, words(made.tell));
}
