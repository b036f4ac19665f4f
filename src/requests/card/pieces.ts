import type { Offer } from "../../model/report.ts";
import type { Text } from "../../model/text.ts";
import type { CardRef, Copy, Lane } from "../ports/conversation.ts";
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
/** Slack user ids and user group ids. */
export type Mention = { users: readonly string[]; groups: readonly string[] };

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

/** A reply without its card. */
export type Said = Omit<Extract<Piece, { do: "reply" }>, "do" | "card">;

/** For replies that mention nobody. */
export const NOBODY: Mention = { users: [], groups: [] };

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
