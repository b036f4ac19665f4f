import { redact } from "../platform/redact.ts";

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * Control characters, and characters that reverse the reading direction: with them a job's name could look like another
 * one. Also zero-width characters, except the joiners that emoji and some scripts need.
 */
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;
const BREAKS = /[\t\n\v\f\r\u2028\u2029]+/gu;
const LONE_SURROGATE = /\p{Cs}/gu;

/** No text in a Slack message is longer, so this cuts only what would be cut later. */
const LONGEST = 6_000;

/** Cuts between words, because half a secret is not recognized as one. */
const start = (text: string): string =>
  text.length <= LONGEST ? text : text.slice(0, Math.max(LONGEST / 2, text.lastIndexOf(" ", LONGEST)));

/** Outside text in one line, without secrets and without characters that disguise text. */
export const tame = (text: string): string =>
  redact(start(text)).replace(BREAKS, " ").replace(INVISIBLE, "\ufffd").replace(LONE_SURROGATE, "\ufffd");

/**
 * Replaces characters that mrkdwn would interpret with look-alikes, because mrkdwn has no escape for them.
 * An underscore inside a word has no meaning in Slack and stays, so that names can be copied.
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

/** Inside a code span only the backtick has a meaning. */
export const unquote = (text: string): string => text.replace(/`/gu, "ˋ");

/**
 * Escapes `& < >` and cuts the result at `most` UTF-16 units, with an ellipsis at the cut.
 * Both in one pass, so that the limit holds and no entity is cut.
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
