import type { Json } from "../../model/json.ts";
import type { Refusal, Report } from "../../model/report.ts";
import type { Text } from "../../model/text.ts";
import type { CardRef } from "./conversation.ts";
import type { Actor, Place, RequestRecord } from "../record/record.ts";

/** What a person typed, by slash command or mention. */
export interface Said {
  text: string;
  actor: Actor;
  place: Place;
  /** Slack's id of this delivery (`trigger_id` or `event_id`); a redelivery has the same. */
  source: string;
  /** Null for mentions. */
  responseUrl: string | null;
  /**
   * When it was said, ms, by Slack's clock where Slack tells it, otherwise by ours. Never compared with Redis's
   * clock.
   */
  at: number;
}

/** A press of a button that starts another request. */
export interface Pressed extends Omit<Said, "text"> {
  operation: string;
  args: { readonly [key: string]: Json };
}

/** A press of Approve, Deny or Withdraw. */
export interface Click {
  requestId: string;
  kind: "approve" | "deny" | "withdraw";
  actor: Actor;
  /** The digest that the button carried: what the person saw. */
  digest: string;
  /** The message with the button, which becomes one of the request's cards. Null: the command was typed. */
  card: CardRef | null;
  /** Why it is denied. Without secrets, in one line. */
  reason?: string;
}

/**
 * The result of a click: it counted and the card shows it, or the person is told why not. `tell` is ephemeral; of a click
 * that counted it says what is still needed.
 */
export type Clicked = { is: "counted"; tell?: Text } | { is: "not counted"; tell: Text };

/** A field of the form in which an approver suggests other arguments. */
export interface SuggestionField {
  /** The argument's name. */
  key: string;
  /** As people type it: `parallelism`, `--format`. */
  label: string;
  hint: string;
  required: boolean;
  /** What may be chosen; empty: any text. */
  choices: readonly string[];
  /** As requested; "": not given. */
  value: string;
}

/** A filled form: by argument, "" where nothing was typed or chosen. */
export interface Suggested extends Pick<Click, "requestId" | "actor" | "digest"> {
  card: CardRef;
  values: { readonly [key: string]: string };
}

/** Suggestions of approvers. None of these throws. */
export interface Suggesting {
  /** Runs after the ack. What the form shows, or why this person's suggestion would not count. */
  open(
    pressed: Omit<Click, "kind" | "reason">,
  ): Promise<{ record: RequestRecord; fields: readonly SuggestionField[] } | { refuse: Text }>;
  /** Runs before the ack, within one round trip to Redis. What is wrong with a field; null: nothing. */
  problem(suggested: Suggested): Promise<{ field: string; words: string } | null>;
  /** Runs after the ack. */
  make(suggested: Suggested): Promise<Clicked>;
}

/** What a reviewer says of a use of break-glass. */
export interface Reviewed extends Pick<Click, "requestId" | "actor"> {
  card: CardRef;
  justified: boolean;
  /** Without secrets, in one line. */
  why: string;
}

/** Reviews of what was started with break-glass. None of these throws. */
export interface Reviewing {
  /** Runs after the ack. The request that the form is about, or why this person's review would not count. */
  open(pressed: Omit<Click, "kind" | "reason" | "digest">): Promise<RequestRecord | { refuse: Text }>;
  /** Runs after the ack. */
  make(reviewed: Reviewed): Promise<Clicked>;
}

/** A press or a form that this process does not act on, because it is not from a card of this deployment and version. */
export interface Foreign {
  actor: Actor;
  /** Null: a form, which may name any channel. */
  channel: string | null;
  kind: "button" | "form";
  rule: "other_deployment" | "other_version" | "other_form" | "unreadable";
}

export type Answer =
  /** Durably accepted; the card follows. `tell`: what the requester should know already, ephemeral. */
  | { is: "accepted"; requestId: string; tell?: Text }
  /** Nothing was accepted, for the given reason; ephemeral, sent in the ack. */
  | { is: "no"; what: Refusal }
  /** Answered from Redis: ack first, then send the answer, ephemeral. Null: it was already posted to the channel. */
  | { is: "later"; answer(): Promise<Report | Refusal | null> };

/**
 * The entry point for `slack/`. Before the ack it makes one or two Redis round trips and no call to Flink or Slack.
 * Never throws.
 */
export interface Inbox {
  say(said: Said): Promise<Answer>;
  press(pressed: Pressed): Promise<Answer>;
  /** Runs after the ack. */
  click(click: Click): Promise<Clicked>;
  /**
   * Runs after the ack. The request behind "Deny", whose reason is asked for next; or why this person's denial would
   * not count. Decides nothing: `click` judges the denial again.
   */
  denial(pressed: Omit<Click, "kind" | "reason">): Promise<RequestRecord | { refuse: Text }>;
  /** Writes it to the audit log, once per person, kind and rule. The answer to the person does not depend on it. */
  foreign(pressed: Foreign): Promise<void>;
  suggesting: Suggesting;
  reviewing: Reviewing;
  /** Runs after the ack. The record behind a "Details" button, or why this person cannot see it. */
  details(asked: {
    requestId: string;
    actor: Actor;
    place: Place;
  }): Promise<RequestRecord | { refuse: Text }>;
}
