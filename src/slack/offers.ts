import type { Button, KnownBlock } from "@slack/types";
import type { Offer } from "../model/report.ts";
import { code, t } from "../model/text.ts";
import { offerActionId, offerButtonValue } from "./action.ts";
import { actions, button, context } from "./blocks.ts";
import { mrkdwn } from "./text.ts";

/** The facts of this installation that cards and answers need. */
export interface Installation {
  /** The deployment's id: buttons of another deployment are not acted on. */
  deployment: string;
  /** The name of the slash command in Slack, `/flink`. */
  command: string;
  /** The command for an offer that is too big for a button, without the slash command; null: there is none. */
  commandOf?: ((offer: Offer) => string | null) | undefined;
}

/** More buttons would hide the text above them. */
const MOST = 10;

/** Offers as buttons, followed by `more`; for an offer that is too big for a button, the command to type. */
export function offerBlocks(
  offers: readonly Offer[],
  at: Installation,
  more: readonly Button[] = [],
): KnownBlock[] {
  const buttons: Button[] = [];
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
  return [...actions([...buttons, ...more]), ...lines.slice(0, 3).map(context)];
}

function instead(offer: Offer, at: Installation): string {
  const typed = at.commandOf?.(offer) ?? null;
  const words =
    typed === null
      ? t`${offer.label}: too long for a button. See ${code(`${at.command} help ${offer.operation}`)}`
      : t`${offer.label}: type ${code(`${at.command} ${typed}`)}`;
  return mrkdwn(words, { most: 2900 });
}
