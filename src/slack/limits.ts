/**
 * Slack's limits, in characters unless noted. Measured here in UTF-16 units, which are never fewer than Slack counts.
 * https://docs.slack.dev/reference/block-kit/blocks, https://docs.slack.dev/reference/methods/chat.update
 */
export const limits = {
  /** Blocks in one message. */
  blocks: 50,
  sectionText: 3000,
  /** Elements, not characters. */
  contextElements: 10,
  /** Elements, not characters. */
  actionsElements: 25,
  buttonText: 75,
  buttonValue: 2000,
  accessibilityLabel: 75,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  /** chat.update answers msg_too_long above it. */
  messageText: 4000,
} as const;

const ELLIPSIS = "…";

/** At most `most` UTF-16 units, never inside a code point; a cut ends in an ellipsis. For plain text only. */
export function truncate(text: string, most: number): string {
  if (text.length <= most) return text;
  let out = "";
  for (const character of text) {
    if (out.length + character.length > most - ELLIPSIS.length) break;
    out += character;
  }
  return `${out}${ELLIPSIS}`;
}
