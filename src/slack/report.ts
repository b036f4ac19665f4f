import type { KnownBlock } from "@slack/types";
import type { Report, Table } from "../model/report.ts";
import { type Text, t } from "../model/text.ts";
import { context, sections } from "./blocks.ts";
import { bold, mrkdwn, type Rendering } from "./text.ts";

/** Sections of a report's lines: 12,000 characters, more than anyone reads in a chat. */
const SECTIONS = 4;
const TABLE_SECTIONS = 8;
const ROWS = 200;

/** The lines of a report. */
export const lineBlocks = ({ lines }: Report, how: Rendering): KnownBlock[] =>
  sections(
    lines.map((line) => mrkdwn(line, how)),
    SECTIONS,
  );

/** A report without its headline and its offers. */
export const reportBlocks = (report: Report, how: Rendering): KnownBlock[] => [
  ...lineBlocks(report, how),
  ...(report.table === undefined ? [] : tableBlocks(report.table, how)),
];

/**
 * One line per row, its first cell in bold, below a small line with the column names. Aligned columns would break on a
 * phone and are useless to a screen reader.
 */
export function tableBlocks(table: Table, how: Rendering): KnownBlock[] {
  if (table.rows.length === 0) return [];
  const { lines = table.rows.map(tableRow) } = table;
  const names = table.lines === undefined ? table.head.filter((h) => h.trim() !== "") : [];
  const head = mrkdwn(names.join(" · "), how);
  const rows = lines.slice(0, ROWS).map((row) => mrkdwn(row, how));
  const rest = table.rows.length - rows.length;
  return [
    ...(head === "" ? [] : [context(head)]),
    ...sections(rows, TABLE_SECTIONS),
    ...(rest > 0 ? [context(`… and ${rest} more rows`)] : []),
  ];
}

const tableRow = (row: readonly Text[]): Text =>
  row.reduce<Text>((line, cell, i) => (i === 0 ? bold(cell) : t`${line} · ${cell}`), "");
