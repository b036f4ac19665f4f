import type { KnownBlock } from "@slack/types";
import type { Offer } from "../model/report.ts";
import { code, t } from "../model/text.ts";
import { offerActionId, offerButtonValue } from "./action.ts";
import { actions, button, context } from "./blocks.ts";
import { mrkdwn } from "./text.ts";

/** What both cards and answers need to know of this installation. */
export interface Installation {
  /** Its id: buttons of another deployment are not acted on. */
  deployment: string;
  /** The slash command as installed, `/flink`. */
  command: string;
  /** The words to type for an offer whose button would be too big, without the slash command; null: there are none. */
  commandOf?: ((offer: Offer) => string | null) | undefined;
}

/** More would hide the words above them. */
const MOST = 10;

/** Offers as buttons; one that does not fit into a button says what to type instead. */
export function offerBlocks(offers: readonly Offer[], at: Installation): KnownBlock[] {
  const buttons = [];
  const lines: string[] = [];
  for (const [n, offer] of offers.slice(0, MOST).entries()) {
    const value = offerButtonValue(at.deployment, offer);
    if (value === null) lines.push(instead(offer, at));
    else
      buttons.push(
        button({
          action: offerActionId(n),
          label: offer.label,
          value,
          ...(offer.danger === true ? { style: "danger" as const } : {}),
        }),
      );
  }
  return [...actions(buttons), ...lines.slice(0, 3).map(context)];
}

function instead(offer: Offer, at: Installation): string {
  const typed = at.commandOf?.(offer) ?? null;
  const words =
    typed === null
      ? t`${offer.label}: too long for a button. See ${code(`${at.command} help ${offer.operation}`)}`
      : t`${offer.label}: type ${code(`${at.command} ${typed}`)}`;
  return mrkdwn(words, { most: 2900 });
}
