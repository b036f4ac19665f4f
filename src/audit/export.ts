import { isoTime } from "../model/instant.ts";
import { readLink, type ReadLink } from "./chain.ts";
import type { AuditStream } from "./stream.ts";

export const formats = ["ndjson", "csv"] as const;
export type Format = (typeof formats)[number];

/** From the first entry at or after `from` to the last one before `to`, ms. */
export interface Range {
  from: number | null;
  to: number | null;
}

const AT_ONCE = 500;

/**
 * The chained entries of a time, as lines. Entries are numbered in the order of their commits, which may differ from
 * their times by a moment, so a few from just outside may be among them: the range has no holes.
 */
export async function* exported(stream: AuditStream, { from, to }: Range): AsyncIterable<readonly string[]> {
  let next = from === null ? 1 : await firstAt(stream, from);
  for (;;) {
    const batch = await stream.from(next, AT_ONCE);
    const last = batch.at(-1);
    if (last === undefined) return;
    next = last.n + 1;
    const end = to === null ? -1 : batch.findIndex(({ line }) => (readLink(line)?.at ?? 0) >= to + SLACK_MS);
    const kept = (end === -1 ? batch : batch.slice(0, end)).map(({ line }) => line);
    const inTime =
      to === null ? kept.length : kept.findLastIndex((line) => (readLink(line)?.at ?? 0) < to) + 1;
    yield end === -1 ? kept : kept.slice(0, inTime);
    if (end !== -1) return;
  }
}

/** Entries are at most this far from the order of their times, ms: a step that reads the time commits soon after. */
const SLACK_MS = 60_000;

/** The number of the first entry at or after a time, found by halving. */
async function firstAt(stream: AuditStream, at: number): Promise<number> {
  const [first] = await stream.from(1, 1);
  const [last] = await stream.below(Number.MAX_SAFE_INTEGER, 1);
  let [low, high] = [first?.n ?? 1, (last?.n ?? 0) + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [entry] = await stream.from(middle, 1);
    if (entry === undefined || (readLink(entry.line)?.at ?? 0) >= at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The columns of a CSV export. `line` is the whole entry. */
const COLUMNS = [
  "n",
  "time",
  "event",
  "requestId",
  "operation",
  "cluster",
  "jobName",
  "jobId",
  "path",
  "requester",
  "actor",
  "channel",
  "reason",
  "headline",
  "parent",
  "detail",
  "line",
] as const;

export const csvHead = COLUMNS.join(",");

/** One entry as a row of CSV (RFC 4180). */
export function csvRow(line: string): string {
  const read = readLink(line);
  return read === null
    ? csvCell(line)
    : COLUMNS.map((column) => csvCell(cellOf(read, column, line))).join(",");
}

function cellOf(read: ReadLink, column: (typeof COLUMNS)[number], line: string): string {
  if (column === "n") return String(read.n);
  if (column === "time") return isoTime(read.at);
  if (column === "line") return line;
  const value = read.entry[column];
  return typeof value === "string" ? value : value == null ? "" : JSON.stringify(value);
}

/**
 * A text as a cell. Spreadsheets run cells that begin with one of these characters as formulas, so such a cell gets an
 * apostrophe. https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
