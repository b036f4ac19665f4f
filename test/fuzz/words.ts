import { checkContent, checkModal } from "../../playground/slack/validate/message.ts";
import { isRefusal, type Refusal, type Report } from "../../src/model/report.ts";
import { plain, type Text } from "../../src/model/text.ts";
import { answer } from "../../src/slack/answer-message.ts";
import type { Message } from "../../src/slack/blocks.ts";
import { view } from "../slack/a-record.ts";
import { CANARY } from "./nasty.ts";
import { Broken, must } from "./subject.ts";

/** What JavaScript, zod and V8 say, and no person should read. */
const RAW =
  /expected \w+, received \w+|^Invalid (?:input|option|string|discriminator)|Unrecognized key|Cannot (?:read|set|convert) |is not a function|is not iterable|call stack|Unexpected (?:token|end of JSON)|is not valid JSON|Invalid time value|\[object \w+\]|\bundefined\b|\b(?:NaN|Infinity) ?(?:ms|s|min|h|d|B|[kMGT]B|%)(?!\w)|\bInvalid Date\b/u;
/** Frames of their own lines: one place in a line is a fact. */
const STACK = /(?:^|\n)\s*at [\w$.]+\([\w$]+\.java:\d+\)|(?:^|\n)Caused by: /u;

export interface Fit {
  /** The longest, UTF-16 units. */
  most: number;
  /** It repeats what somebody typed, so what looks like a machine's words may be theirs. */
  echo?: true;
}

/** Words for a person: there are some, not too many, in no machine's language. */
export function fit(words: string, { most, echo }: Fit): void {
  must(words.trim() !== "", () => "there are no words");
  must(words.length <= most, () => `${words.length} characters, more than ${most}: ${words.slice(0, 200)}`);
  if (echo === true) return;
  const raw = RAW.exec(words)?.[0] ?? STACK.exec(words)?.[0];
  must(raw === undefined, () => `a machine's words (${raw}): ${words.slice(0, 400)}`);
}

/** The same, for words that are logged and stored as they are: there is no secret in them. */
export function clean(words: string, how: Fit): void {
  fit(words, how);
  noSecret(words);
}

/** The secret that the cases contain is not in it. Names are cleaned when they are shown, reasons when they arrive. */
export const noSecret = (shown: string): void =>
  must(!shown.includes(CANARY), () => {
    const at = shown.indexOf(CANARY);
    return `a secret is shown: ${shown.slice(Math.max(0, at - 60), at + 30)}`;
  });

/** Slack takes the message, also without its newer blocks, and is made to do nothing by what is in it. */
export function taken({ text, blocks, older }: Message, { echo }: Pick<Fit, "echo"> = {}): void {
  for (const some of older === undefined ? [blocks] : [blocks, older()]) {
    passes(() => checkContent({ text, blocks: some }, 4000));
    obeysNothing([text, some]);
    // a part of what somebody typed is told to them alone
    if (echo !== true) noSecret(JSON.stringify([text, some]));
  }
}

/** The same of a modal. */
export function takenModal(modal: { blocks: readonly unknown[] }): void {
  passes(() => checkModal(modal));
  obeysNothing(modal.blocks);
  noSecret(JSON.stringify(modal.blocks));
}

function passes(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw new Broken(`Slack would refuse it: ${String(error)} ${JSON.stringify(error)}`);
  }
}

const obeysNothing = (shown: unknown): void => {
  const found = /<!(?:channel|here|everyone)|<@U0EVE/u.exec(JSON.stringify(mrkdwnIn(shown)))?.[0];
  must(found === undefined, () => `foreign text is obeyed: ${found}`);
};

function mrkdwnIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(mrkdwnIn);
  if (typeof value !== "object" || value === null) return [];
  return "type" in value && value.type === "mrkdwn" ? [value] : Object.values(value).flatMap(mrkdwnIn);
}

/** An answer in words that fit, which Slack takes. */
export function answered(what: Report | Refusal, how: Partial<Fit> = {}): void {
  const texts = isRefusal(what)
    ? [what.refuse, ...(what.instead ?? [])]
    : [what.headline, ...what.lines, ...(what.table?.rows.flat() ?? [])];
  const [first, ...others] = texts;
  // what is longer is cut when it is shown
  const long = { most: Number.MAX_SAFE_INTEGER, ...how };
  fit(plain(first ?? ""), long);
  for (const text of others) fitOrEmpty(text, long);
  taken(answer(what, view), how);
}

/** A line or a cell may be empty. */
function fitOrEmpty(text: Text, how: Fit): void {
  const words = plain(text);
  if (words.trim() !== "") fit(words, how);
}
