import type { Json } from "../../model/json.ts";
import type { Refusal, Report } from "../../model/report.ts";
import type { Text } from "../../model/text.ts";
import type { CardRef } from "./conversation.ts";
import type { Actor, Place } from "../record/record.ts";

/** What a person typed, by slash command or mention. */
export interface Said {
  text: string;
  actor: Actor;
  place: Place;
  /** Slack's own name of this delivery (`trigger_id`, `event_id`): a redelivery has the same. */
  source: string;
  /** Null for mentions. */
  responseUrl: string | null;
  /** When it was said, ms, by Slack's clock where Slack tells, else ours. Not comparable with Redis's, so nothing is. */
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
  /** The digest that rode in the button: what the clicker saw. */
  digest: string;
  /** The message the button was on; it becomes one of the request's cards. Null: it was typed. */
  card: CardRef | null;
}

export type Answer =
  /** Durably accepted; the card follows. `tell`: what its requester should know already, ephemeral. */
  | { is: "accepted"; requestId: string; tell?: Text }
  /** Nothing was accepted, for that reason; ephemeral, in the ack itself. */
  | { is: "no"; what: Refusal }
  /** Answered from Redis: ack now, then tell this, ephemeral. Null: everybody was shown it already. */
  | { is: "later"; answer(): Promise<Report | Refusal | null> };

/** The way in, for `slack/`. Within the ack: one or two Redis round trips, never Flink, never Slack. Never throws. */
export interface Door {
  say(said: Said): Promise<Answer>;
  press(pressed: Pressed): Promise<Answer>;
  /** Runs after the ack. What to tell the clicker, ephemeral; null: the click counted, the card shows it. */
  click(click: Click): Promise<{ tell: Text } | null>;
}
