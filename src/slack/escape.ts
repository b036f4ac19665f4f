import { redact } from "../platform/redact.ts";

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * Characters that turn the reading direction round, and control characters: with them a job name could show another
 * job's name. Zero-width ones too, but for the joiners that emoji and some scripts are written with.
 */
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;
const BREAKS = /[\t\n\v\f\r\u2028\u2029]+/gu;
const LONE_SURROGATE = /\p{Cs}/gu;

/** No text within a message of Slack's is longer; what is cut here would be cut later anyway. */
const LONGEST = 6_000;

/** Cut between words: half a secret does not look like one. */
const start = (text: string): string =>
  text.length <= LONGEST ? text : text.slice(0, Math.max(LONGEST / 2, text.lastIndexOf(" ", LONGEST)));

/** Foreign text in one line, with no secret and nothing in it that shows as something else. */
export const tame = (text: string): string =>
  redact(start(text)).replace(BREAKS, " ").replace(INVISIBLE, "\ufffd").replace(LONE_SURROGATE, "\ufffd");

/**
 * The characters that mrkdwn would obey, replaced by look-alikes: mrkdwn has no escape for them.
 * An underscore inside a word means nothing to Slack and stays, so that names can be copied.
 * https://docs.slack.dev/messaging/formatting-message-text
 */
export const unformat = (text: string): string =>
  text
    .replace(/\*/gu, "∗")
    .replace(/~/gu, "∼")
    .replace(/`/gu, "ˋ")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "ˍ")
    .replace(/:(?=[a-z0-9_+-]+:)/giu, "꞉")
    .replace(/^(\s*)>/u, "$1›");

/** Inside a code span only the backtick means something. */
export const unquote = (text: string): string => text.replace(/`/gu, "ˋ");

/**
 * Escapes `& < >` and stops before the result is longer than `most` UTF-16 units, with an ellipsis in its place.
 * Done together, so that neither the limit nor an entity breaks.
 * https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export function escapeWithin(text: string, most: number): { text: string; cut: boolean } {
  let out = "";
  let safe = "";
  for (const character of text) {
    const escaped = ENTITIES[character] ?? character;
    if (out.length + escaped.length > most) return { text: most < 1 ? "" : `${safe}…`, cut: true };
    out += escaped;
    if (out.length < most) safe = out;
  }
  return { text: out, cut: false };
}
