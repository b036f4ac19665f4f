import { pino, type DestinationStream, type Logger } from "pino";
import { scrub, scrubText } from "./scrub.ts";

type Fields = Readonly<Record<string, unknown>>;
type Write = (fields: Fields, message: string) => void;

/** Writes one JSON line per call. The message is a constant lower-case phrase, facts are fields; both are redacted. */
export interface Log {
  debug: Write;
  /** One line per state change of a request. */
  info: Write;
  /** A problem that flinkops handles itself. */
  warn: Write;
  /** A problem that a person must check. */
  error: Write;
  fatal: Write;
  /** The same log with these fields on every line. */
  child(fields: Fields): Log;
}

export const LOG_LEVELS = ["debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The level in LOG_LEVEL; info if it is unset or unknown. */
export const parseLogLevel = (text: string | undefined): LogLevel =>
  LOG_LEVELS.find((level) => level === text?.trim().toLowerCase()) ?? "info";

/** Writes to stdout synchronously, so that the last line before a crash is not lost. */
export function createLog(
  level: LogLevel,
  to: DestinationStream = pino.destination({ dest: 1, sync: true }),
): Log {
  const options = {
    level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return wrap(pino(options, to));
}

function wrap(logger: Logger): Log {
  const at =
    (level: Exclude<LogLevel, "silent">): Write =>
    (fields, message) => {
      if (logger.isLevelEnabled(level)) logger[level](scrub(fields), scrubText(message));
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    fatal: at("fatal"),
    child: (fields) => wrap(logger.child(scrub(fields))),
  };
}
