import type { Refusal, Report } from "../../model/report.ts";
import type { Text } from "../../model/text.ts";
import type { Actor, Place, RequestRecord } from "../record/record.ts";

/** A posted card: the channel and Slack's `ts`. */
export interface CardRef {
  channel: string;
  ts: string;
}

/**
 * Slack takes about one post a second in a channel, so order is everything. The most urgent first: what a lane holds back
 * for those above it is in slack/pace.ts.
 */
export const lanes = [
  /** Cards of what does not wait behind other requests. */
  "brake",
  /** Cards that need approval. */
  "approval",
  /** Other first cards, and answers to people. */
  "answer",
  "outcome",
  /** Mentions of approvers. */
  "mention",
  /** Milestones and progress. */
  "milestone",
  "followUp",
] as const;
export type Lane = (typeof lanes)[number];

/** Something to be shown, as it is when its turn comes. */
export interface Saying<T> {
  lane: Lane;
  /** Null: it is not wanted any more, and no turn is used up. Asked again each time that it has to wait. */
  newest(): Promise<T | null>;
  /** Asked last, right before it is sent. False: somebody else is saying it. */
  mine(): Promise<boolean>;
}

/** A reply in a card's thread, with whom it mentions: Slack user ids and user group ids. */
export interface Reply {
  record: RequestRecord;
  text: Text;
  mention: { users: readonly string[]; groups: readonly string[] };
}

/**
 * What the worker needs from Slack. Every method is one Slack call, kept within Slack's pace.
 * All throw SlackUnavailable (wait `retryAfterMs`, then call again) or SlackRefused (final); `channel` only the first.
 */
export interface Conversation {
  /** The first card: a root message, or a reply where the request came from a thread. Null: it was not said. */
  postCard(saying: Saying<RequestRecord>): Promise<CardRef | null>;
  /** Idempotent. A card that somebody deleted is not an error. False: it was not said. */
  editCard(card: CardRef, saying: Saying<RequestRecord>): Promise<boolean>;
  /** False: it was not said. */
  reply(card: CardRef, saying: Saying<Reply>): Promise<boolean>;
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
  /** To everybody in a channel, beside any request. */
  notice(channel: string, what: Refusal): Promise<void>;
  /** Where a card can be opened; null: not known. Cheap, and never throws. */
  link(card: CardRef): Promise<string | null>;
  /** What we know of the channel. That the bot is in it is remembered for 30 s, that it is not never. */
  channel(channel: string): Promise<ChannelFacts>;
}

export interface ChannelFacts {
  /** Whether the bot is in it. */
  member: boolean;
  externallyShared: boolean;
  /** What people here can do where the bot is not in it, in words. */
  join: Text;
  /** Why Slack does not tell about this channel, in words; null: it does. */
  unreadable: string | null;
}
