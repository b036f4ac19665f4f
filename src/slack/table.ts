import type { RichTextBlock, RichTextElement, TableBlock } from "@slack/types";
import type { Table } from "../model/report.ts";
import type { Span, Text } from "../model/text.ts";
import { tame } from "./escape.ts";
import { dateOf, hrefOf, isChannel, isGroup, isUser, spansOf } from "./text.ts";
import { truncate } from "./limits.ts";

/**
 * Slack's limits, below 10,000 characters in a message's table.
 * https://docs.slack.dev/reference/block-kit/blocks/table-block/
 */
const ROWS = 100;
const COLUMNS = 20;
const CHARACTERS = 9_500;
const CELL = 300;

/** The table as Slack's own block. Null: it is empty, has no column names, or is more than Slack takes. */
export function tableBlock({ head, rows }: Table): TableBlock | null {
  if (rows.length === 0 || head.length === 0) return null;
  if (rows.length + 1 > ROWS || head.length > COLUMNS) return null;
  const cells = rows.map((row) => head.map((_, i) => cell(row[i] ?? "")));
  const block: TableBlock = {
    type: "table",
    // the first column holds names, which are long
    column_settings: [{ is_wrapped: true }],
    rows: [head.map((name) => cell([{ b: name }])), ...cells],
  };
  return charactersIn(block) > CHARACTERS ? null : block;
}

/** What Slack counts: the texts of all cells. */
function charactersIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + charactersIn(one), 0);
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, one]) => sum + (key === "text" && typeof one === "string" ? one.length : charactersIn(one)),
    0,
  );
}

/** Slack interprets nothing in a rich text, so nothing needs escaping. */
function cell(text: Text): RichTextBlock {
  const elements = spansOf(text).flatMap(element);
  return {
    type: "rich_text",
    elements: [
      { type: "rich_text_section", elements: elements.length > 0 ? elements : [{ type: "text", text: "–" }] },
    ],
  };
}

function element(span: Span): RichTextElement[] {
  if (typeof span === "string") return words(span);
  if ("b" in span) return words(span.b, { bold: true });
  if ("code" in span) return words(span.code, { code: true });
  if ("person" in span)
    return isUser(span.person) ? [{ type: "user", user_id: span.person }] : words(span.person);
  if ("group" in span)
    return isGroup(span.group) ? [{ type: "usergroup", usergroup_id: span.group }] : words(span.group);
  if ("channel" in span)
    return isChannel(span.channel) ? [{ type: "channel", channel_id: span.channel }] : words(span.channel);
  if ("at" in span) {
    const date = dateOf(span.at);
    return date === null ? words("?") : [{ type: "date", ...date }];
  }
  const url = hrefOf(span.link);
  const label = truncate(tame(span.label), CELL);
  return url === null ? words(span.label) : [{ type: "link", url, text: label === "" ? url : label }];
}

const words = (text: string, style?: { bold?: boolean; code?: boolean }): RichTextElement[] => {
  const shown = truncate(tame(text), CELL);
  return shown === "" ? [] : [{ type: "text", text: shown, ...(style === undefined ? {} : { style }) }];
};
