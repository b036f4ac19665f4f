import type { Json } from "./json.ts";
import type { LockScope } from "./lock.ts";
import type { Picture } from "./picture.ts";
import type { Text } from "./text.ts";

/** A button that starts another request. The person who presses it is the requester. */
export interface Offer {
  label: string;
  operation: string;
  args: { readonly [key: string]: Json };
  danger?: boolean;
}

export interface Table {
  /** The names of the columns; empty: the cells say what they are. */
  head: readonly string[];
  rows: readonly (readonly Text[])[];
  /** The rows in words, for where no columns can be shown. Without it they are the cells of each row. */
  lines?: readonly Text[];
}

/** Bars of one quantity, for where Slack draws charts. It adds nothing that the words do not say. */
export interface Chart {
  /** With the unit: "Duration, s". */
  title: string;
  /** The quantity: "Duration". */
  quantity: string;
  /** What the bars stand for: "Checkpoint". */
  of: string;
  /** In the order in which they are shown; each label once. */
  bars: readonly { label: string; value: number }[];
}

/**
 * A text that is too long for a message. Slack cannot show a file to one person only, so a report with a file is for
 * everyone.
 */
export interface TextFile {
  /** A file name like "stacks.txt"; it contains no text from outside. */
  name: string;
  title: string;
  text: string;
}

/** The result in words and facts. */
export interface Report {
  outcome: "done" | "partly" | "failed" | "unknown";
  headline: Text;
  lines: readonly Text[];
  table?: Table;
  facts?: { readonly [key: string]: Json };
  offers?: readonly Offer[];
  /** Shown with the words where Slack draws charts; then `picture` is left out. */
  charts?: readonly Chart[];
  /** Shown below the words if the answer is for everyone. It adds nothing that the words do not say. */
  picture?: Picture;
  /** Shown below the words; if it cannot be shown, words say why. */
  file?: TextFile;
}

/** A refusal before anything has changed, with alternatives. */
export interface Refusal {
  refuse: Text;
  instead?: readonly Text[];
  offers?: readonly Offer[];
}

export const isRefusal = (x: object): x is Refusal => "refuse" in x;

/** The withdrawal of another request, which a person asked the engine for. */
export interface Withdrawal {
  move: "withdraw";
  requestId: string;
}

/** A lock, or its end, that a person asked the engine for. `offers`: the buttons of the message about it. */
export type LockMove =
  | { move: "place"; scope: LockScope; reason: string; forMs: number; offers: readonly Offer[] }
  | { move: "lift"; scope: LockScope };

/** A command whose rights are asked for: who may use it here, and who must approve it. A worker answers. */
export interface RightsQuestion {
  may: string;
}

/** An operation and its arguments, as data. */
export type Meaning = { operation: string; args: { readonly [key: string]: Json } };
