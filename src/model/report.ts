import type { Json } from "./json.ts";
import type { Picture } from "./picture.ts";
import type { Text } from "./text.ts";

/** A button that starts another request; whoever presses it is its requester. */
export interface Offer {
  label: string;
  operation: string;
  args: { readonly [key: string]: Json };
  danger?: boolean;
}

export interface Table {
  head: readonly string[];
  rows: readonly (readonly Text[])[];
}

/** A text that is too long for a message. Slack shows no file to one person, so what holds one is for all. */
export interface TextFile {
  /** "stacks.txt": nothing foreign in it. */
  name: string;
  title: string;
  text: string;
}

/** An outcome in words and facts. */
export interface Report {
  outcome: "done" | "partly" | "failed" | "unknown";
  headline: Text;
  lines: readonly Text[];
  table?: Table;
  facts?: { readonly [key: string]: Json };
  offers?: readonly Offer[];
  /** Shown below the words where the answer is for all; says nothing that they do not say. */
  picture?: Picture;
  /** Shown below the words; where that cannot be, words say why. */
  file?: TextFile;
}

/** A no before anything changed, with what to do instead. */
export interface Refusal {
  refuse: Text;
  instead?: readonly Text[];
  offers?: readonly Offer[];
}

export const isRefusal = (x: object): x is Refusal => "refuse" in x;

/** What a person asked the engine to do with another request. */
export interface Move {
  move: "withdraw";
  requestId: string;
}

/** A row and its arguments, as data. */
export type Meaning = { operation: string; args: { readonly [key: string]: Json } };
