import { pino, type DestinationStream, type Logger } from "pino";
import { scrub, scrubText } from "./scrub.ts";

type Fields = Readonly<Record<string, unknown>>;
type Write = (fields: Fields, message: string) => void;

/** One JSON line each. The message is a constant lower-case phrase, facts are fields; secrets are cut out of both. */
export interface Log {
  debug: Write;
  /** One line per change of state of a request. */
  info: Write;
  /** We are coping. */
  warn: Write;
  /** A person must look. */
  error: Write;
  fatal: Write;
  /** The same log with these fields on every line. */
  child(fields: Fields): Log;
}

export const LOG_LEVELS = ["debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What LOG_LEVEL says; info where it says nothing that we know. */
export const parseLogLevel = (text: string | undefined): LogLevel =>
  LOG_LEVELS.find((level) => level === text?.trim().toLowerCase()) ?? "info";

/** Writes to stdout, at once: a line that is lost in a crash is the one that mattered. */
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
