import type { Refusal, Report } from "../operations/operation.ts";
import type { Text } from "../operations/text.ts";
import type { Actor, Place, RequestRecord } from "./record.ts";

/** A posted card: the channel and Slack's `ts`. */
export interface CardRef {
  channel: string;
  ts: string;
}

/**
 * What the worker needs from Slack. Every method is one Slack call, kept within Slack's pace.
 * All throw SlackUnavailable (wait `retryAfterMs`, then call again) or SlackRefused (final).
 */
export interface Conversation {
  /** The first card: a root message, or a reply where the request came from a thread. */
  postCard(record: RequestRecord): Promise<CardRef>;
  /** Idempotent. A card that somebody deleted is not an error. */
  editCard(card: CardRef, record: RequestRecord): Promise<void>;
  /** A reply in the card's thread. `mention` is a Slack user id; `groups` are user group ids, mentioned as well. */
  reply(
    card: CardRef,
    record: RequestRecord,
    text: Text,
    mention: { users: readonly string[]; groups: readonly string[] },
  ): Promise<void>;
  /**
   * An answer to one person, ephemeral; in a mention's thread a report is posted for all, and with `post` wherever it was
   * asked, with the name of who did.
   */
  answer(
    to: Actor,
    place: Place,
    responseUrl: string | null,
    what: Report | Refusal,
    post?: boolean,
  ): Promise<void>;
  /** Where a card can be opened; null: not known. Cheap, and never throws. */
  link(card: CardRef): Promise<string | null>;
  /** What we know of the channel: whether the bot is in it, and whether another organisation is. Cached for 30 s. */
  channel(channel: string): Promise<ChannelFacts>;
}

export interface ChannelFacts {
  member: boolean;
  externallyShared: boolean;
}
