import type { Offer, Refusal, Report } from "../../model/report.ts";
import type { Text } from "../../model/text.ts";
import type { Actor, Place, RequestRecord } from "../record/record.ts";

/** A person, and where an answer for them alone is shown. */
export interface Recipient {
  actor: Actor;
  place: Place;
  /** Slack's `response_url` for this person, while it is known. */
  responseUrl: string | null;
}

/** Where a copy of a card goes, and the card that it is a copy of. */
export interface Copy {
  channel: string;
  origin: CardRef;
}

/** A posted card: its channel and Slack's `ts`. */
export interface CardRef {
  channel: string;
  ts: string;
}

/**
 * The lanes of Slack messages, most urgent first. Slack accepts about one post per second and channel, so their order
 * matters.
 * What a lane reserves for more urgent ones is in slack/rate-limits.ts.
 */
export const lanes = [
  /** Cards of brakes, which do not wait behind other requests. */
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

/** A message whose content is determined when its turn comes. */
export interface Outgoing<T> {
  lane: Lane;
  /**
   * The current content. Null: the message is no longer wanted, and no turn is used. Called again each time the
   * message has to wait.
   */
  newest(): Promise<T | null>;
  /** Called last, right before the message is sent. False: another process sends it. */
  mine(): Promise<boolean>;
}

/** A reply in a card's thread. `mention` holds Slack user ids and user group ids; `offers` are its buttons. */
export interface Reply {
  record: RequestRecord;
  text: Text;
  offers?: readonly Offer[];
  mention: { users: readonly string[]; groups: readonly string[] };
}

/**
 * What the worker needs from Slack. Every method is one Slack call within our rate limit.
 * All throw SlackUnavailable (wait `retryAfterMs`, then call again) or SlackRefused (final); `channel` throws only
 * the first.
 */
export interface Conversation {
  /**
   * Posts the first card: a top-level message, or a reply where the request came from a thread. A copy is a top-level
   * message with a link to it. Null: it was not posted.
   */
  postCard(outgoing: Outgoing<RequestRecord>, copy?: Copy): Promise<CardRef | null>;
  /**
   * Idempotent. A deleted card is not an error. False: the card was not edited. `origin`: of a copy, the card that it is a
   * copy of.
   */
  editCard(card: CardRef, outgoing: Outgoing<RequestRecord>, origin?: CardRef): Promise<boolean>;
  /** False: the reply was not posted. */
  reply(card: CardRef, outgoing: Outgoing<Reply>): Promise<boolean>;
  /**
   * Answers one person, ephemerally. In the thread of a mention a report is posted for everybody; with `post` it is
   * posted wherever it was asked, with the requester's name.
   */
  answer(to: Recipient, what: Report | Refusal, how?: { post: boolean }): Promise<void>;
  /** Posts to a whole channel, independently of any request. */
  notice(channel: string, what: Refusal): Promise<void>;
  /** The link to a card; null: unknown. Cheap, and never throws. */
  link(card: CardRef): Promise<string | null>;
  /**
   * What is known of a channel. That the bot is a member is cached for 30 s; that it is not a member is never cached.
   */
  channel(channel: string): Promise<ChannelFacts>;
}

export interface ChannelFacts {
  /** Whether the bot is a member. */
  member: boolean;
  externallyShared: boolean;
  /** What people can do where the bot is not a member, in words. */
  join: Text;
  /** Why Slack does not return this channel, in words; null: it is readable. */
  unreadable: string | null;
}
