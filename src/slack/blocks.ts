import type {
  ActionsBlock,
  Button,
  ConfirmationDialog,
  ContextBlock,
  KnownBlock,
  MrkdwnElement,
  PlainTextElement,
  SectionBlock,
} from "@slack/types";
import type { ChartBlock } from "./chart.ts";
import { tame } from "./escape.ts";
import { limits, truncate } from "./limits.ts";

/** A block of a message. */
export type MessageBlock = KnownBlock | ChartBlock;

/** A message to post; screen readers and notifications use `text`. */
export interface Message {
  text: string;
  blocks: MessageBlock[];
  /** Where `blocks` has newer ones: the same in blocks that every Slack accepts. Made only when they are needed. */
  older?: () => MessageBlock[];
}

/** `verbatim`: Slack does not turn parts of the text into links, channels or mentions. */
const mrkdwnObject = (text: string): MrkdwnElement => ({
  type: "mrkdwn",
  text: text.trim() === "" ? "–" : text,
  verbatim: true,
});
const shownPlain = (text: string): string => {
  const tamed = tame(text);
  return tamed.trim() === "" ? "–" : tamed;
};
const plainObject = (text: string, most: number): PlainTextElement => ({
  type: "plain_text",
  text: truncate(shownPlain(text), most),
  emoji: false,
});

/** `text` is mrkdwn within limits.sectionText. */
export const section = (text: string): SectionBlock => ({ type: "section", text: mrkdwnObject(text) });
/** Small print; `text` is mrkdwn within limits.sectionText. */
export const context = (text: string): ContextBlock => ({
  type: "context",
  elements: [mrkdwnObject(text)],
});
export const divider = (): KnownBlock => ({ type: "divider" });

/** Whole lines in as few sections as possible: at most `most` blocks, then a line with the number of the others. */
export function sections(lines: readonly string[], most: number): SectionBlock[] {
  const out: string[] = [];
  for (const [i, line] of lines.entries()) {
    const last = out.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= limits.sectionText - 40)
      out[out.length - 1] = `${last}\n${line}`;
    else if (out.length < most) out.push(line);
    else {
      out[out.length - 1] = `${last ?? ""}\n… and ${lines.length - i} more`;
      break;
    }
  }
  return out.map(section);
}

export interface ButtonSpec {
  action: string;
  label: string;
  value: string;
  style?: "primary" | "danger" | undefined;
  accessibility?: string | undefined;
  confirm?: { title: string; text: string; yes: string; danger: boolean } | undefined;
}

export function button(spec: ButtonSpec): Button {
  return {
    type: "button",
    action_id: spec.action,
    text: plainObject(spec.label, limits.buttonText),
    value: spec.value,
    ...(spec.style === undefined ? {} : { style: spec.style }),
    ...(spec.accessibility === undefined
      ? {}
      : { accessibility_label: truncate(shownPlain(spec.accessibility), limits.accessibilityLabel) }),
    ...(spec.confirm === undefined ? {} : { confirm: confirm(spec.confirm) }),
  };
}

function confirm(c: NonNullable<ButtonSpec["confirm"]>): ConfirmationDialog {
  return {
    title: plainObject(c.title, limits.confirmTitle),
    text: plainObject(c.text, limits.confirmText),
    confirm: plainObject(c.yes, limits.confirmButton),
    deny: plainObject("Go back", limits.confirmButton),
    ...(c.danger ? { style: "danger" as const } : {}),
  };
}

/** Empty without buttons: Slack refuses an actions block without elements. */
export const actions = (buttons: readonly Button[]): ActionsBlock[] =>
  buttons.length === 0 ? [] : [{ type: "actions", elements: buttons.slice(0, limits.actionsElements) }];
