import { z } from "zod";
import type { Log, LogEntry, LogLevel } from "../../model/flink-log.ts";
import { stackForPeople } from "../rest/stack-text.ts";
import { number } from "./jobs.ts";

/** `/taskmanagers/:id/logs`: name and size of each file in the log directory. */
export const logFiles = z
  .looseObject({ logs: z.array(z.looseObject({ name: z.string(), size: number })) })
  .transform(({ logs }) => logs.map(({ name, size }) => ({ name, size })));

const tail = z.object({
  text: z.string(),
  skipped: z.number(),
  size: z.number().nullable(),
  ended: z.boolean(),
});

/** A log as `http.call` reads it with `tail`, at most `most` bytes: text, not JSON. */
export const log = (most: number) =>
  tail.transform(({ text, skipped, size, ended }): Log => {
    if (text === "" && !ended && size !== null) return { is: "too long", bytes: size, most };
    const whole = skipped === 0;
    return { is: "read", entries: entriesOf(text, { whole }), bytes: Buffer.byteLength(text), whole, ended };
  });

/** `whole`: the text begins where the log begins; otherwise its first line is the rest of one, and is dropped. */
export function entriesOf(text: string, { whole }: { whole: boolean }): readonly LogEntry[] {
  const from = whole ? 0 : text.indexOf("\n") + 1;
  const clean = stackForPeople(text.slice(from));
  const entries: (LogEntry & { lines: string[] })[] = [];
  for (const line of clean === "" ? [] : clean.split("\n")) {
    const last = entries.at(-1);
    const begun = headOf(line);
    if (begun !== null) entries.push({ ...begun, lines: [line] });
    else if (last !== undefined && (last.level !== null || CONTINUES.test(line))) last.lines.push(line);
    else entries.push({ time: null, level: null, text: line, lines: [line] });
  }
  // the rest of an entry that began before
  const first = whole ? -1 : entries.findIndex((entry) => entry.level !== null);
  return first <= 0 ? entries : entries.slice(first);
}

/** Belongs to the line before, whatever the pattern is. */
const CONTINUES = /^(?:\s|Caused by: |$)/u;

const LEVEL_OF: Readonly<Record<string, LogLevel>> = {
  TRACE: "TRACE",
  DEBUG: "DEBUG",
  INFO: "INFO",
  WARN: "WARN",
  WARNING: "WARN",
  ERROR: "ERROR",
  FATAL: "ERROR",
  SEVERE: "ERROR",
};
const LEVEL = String.raw`\[?(?<level>${Object.keys(LEVEL_OF).join("|")})\s*\]?(?![\w-])`;
const TIME = String.raw`\[?(?<time>(?:\d{2,4}[-/.]\d\d[-/.]\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)\]?`;
/** A thread, a context: in brackets. */
const GROUPS = String.raw`(?:\[[^\]]{0,200}\]\s+)*?`;

const HEADS: readonly RegExp[] = [
  // "2026-01-31 10:00:00,123 INFO  org.apache.flink.X [] - words": flink-dist, conf/log4j.properties
  // "2026-01-31 10:00:00.123 [main] INFO  org.apache.flink.X  - words": flink-dist, conf/logback.xml
  new RegExp(`^${TIME}\\s+(?:[|-]\\s+)?${GROUPS}${LEVEL}\\s*(?<text>.*)$`, "u"),
  new RegExp(`^${LEVEL}\\s+${GROUPS}${TIME}\\s*(?<text>.*)$`, "u"),
];
/** Layouts that write one JSON object per line: ECS, logstash, log4j's JsonTemplateLayout. */
const JSON_LEVEL = /"(?:log\.level|level|severity)"\s*:\s*"(\w+)"/iu;
const JSON_TIME = /"(?:@timestamp|timestamp|time)"\s*:\s*"([^"]{8,40})"/u;
const JSON_TEXT = /"message"\s*:\s*"((?:[^"\\]|\\.)*)/u;

/** Time, level and the rest of a line that begins an entry; null: it does not. */
function headOf(line: string): Omit<LogEntry, "lines"> | null {
  if (line.startsWith("{")) {
    const level = LEVEL_OF[(JSON_LEVEL.exec(line)?.[1] ?? "").toUpperCase()];
    if (level === undefined) return null;
    return { time: JSON_TIME.exec(line)?.[1] ?? null, level, text: JSON_TEXT.exec(line)?.[1] ?? line };
  }
  for (const head of HEADS) {
    const found = head.exec(line)?.groups;
    const level = LEVEL_OF[found?.["level"] ?? ""];
    if (level !== undefined) return { time: found?.["time"] ?? null, level, text: found?.["text"] ?? "" };
  }
  return null;
}
