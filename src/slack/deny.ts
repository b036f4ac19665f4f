import type { InputBlock } from "@slack/types";
import { z } from "zod";
import { secretIn } from "../platform/redact.ts";
import { t } from "../model/text.ts";
import type { CardRef } from "../requests/ports/conversation.ts";
import type { RequestRecord } from "../requests/record/record.ts";
import { actionIds, parseJson } from "./action.ts";
import { context, section } from "./blocks.ts";
import { type CardView, LINE } from "./card.ts";
import type { Modal } from "./details.ts";
import { tame } from "./escape.ts";
import { bold, mrkdwn } from "./text.ts";

/** Block and action id of the field. */
export const REASON = "reason";
/** A reason is read in the ping, on a phone. Characters. */
const LONGEST_REASON = 200;

/** What a denial or a suggestion needs that is not typed: it travels with the form, through Slack. */
export interface Denial {
  requestId: string;
  /** The digest of what the person saw on the card. */
  digest: string;
  card: CardRef;
  /** The thread that the card is in; null: none. */
  thread: string | null;
}

const metadata = z.object({
  v: z.literal(1),
  d: z.string(),
  r: z.string().min(1),
  g: z.string(),
  c: z.string(),
  t: z.string(),
  h: z.string().nullable(),
});

/** The same as text, for a form to carry. */
export function carried({ requestId, digest, card, thread }: Denial, deployment: string): string {
  const values: z.infer<typeof metadata> = {
    v: 1,
    d: deployment,
    r: requestId,
    g: digest,
    c: card.channel,
    t: card.ts,
    h: thread,
  };
  return JSON.stringify(values);
}

/** The form that asks why a request is denied. */
export function denyModal(
  record: RequestRecord,
  denial: Denial,
  view: Pick<CardView, "deployment" | "labelOf">,
): Modal {
  const what = t`${bold(record.intent.headline)} · ${{ b: view.labelOf(record.target.cluster) }}`;
  const field: InputBlock = {
    type: "input",
    block_id: REASON,
    optional: true,
    label: { type: "plain_text", text: "Reason" },
    hint: { type: "plain_text", text: "It is shown on the card and sent to the requester." },
    element: { type: "plain_text_input", action_id: REASON, multiline: true, max_length: LONGEST_REASON },
  };
  return {
    type: "modal",
    callback_id: actionIds.deny,
    private_metadata: carried(denial, view.deployment),
    title: { type: "plain_text", text: "Deny this request?" },
    submit: { type: "plain_text", text: "Deny" },
    close: { type: "plain_text", text: "Go back" },
    blocks: [
      section(mrkdwn(what, { most: LINE })),
      context(
        mrkdwn(
          t`Requested by ${{ person: record.actor.user }} ${{ at: record.askedAt }}. It will not be started.`,
          { most: LINE },
        ),
      ),
      field,
    ],
  };
}

/** Parses what a form carried; null if it is of another version or deployment. */
export function readDenial(text: string, deployment: string): Denial | null {
  const parsed = metadata.safeParse(parseJson(text));
  if (!parsed.success || parsed.data.d !== deployment) return null;
  const { r: requestId, g: digest, c: channel, t: ts, h: thread } = parsed.data;
  return { requestId, digest, card: { channel, ts }, thread };
}

/** The typed reason in one line (null: none was typed), or what is wrong with it, for the field. */
export function readReason(typed: string | null): { text: string | null } | { problem: string } {
  const line = (typed ?? "").replace(/\s+/gu, " ").trim();
  if (line.length > LONGEST_REASON)
    return { problem: `A reason has at most ${LONGEST_REASON} characters, this one has ${line.length}.` };
  if (secretIn([typed ?? "", line]) !== null)
    return {
      problem:
        "This looks like a secret, which must not be typed in Slack. Nothing was sent. Write the reason without it.",
    };
  return { text: line === "" ? null : tame(line) };
}
