import { type Logger, LogLevel } from "@slack/web-api";

/** The log of this folder: facts, then a constant phrase. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const inWords = (parts: readonly unknown[]): string =>
  parts.map((part) => (part instanceof Error ? part.message : String(part))).join(" ");

/** Log for Slack's packages. Drops their debug lines, which contain payloads and URLs with tickets. */
export function slackLogger(log: Log): Logger {
  return {
    debug: () => undefined,
    info: (...parts) => log.debug({ slack: inWords(parts) }, "slack library"),
    warn: (...parts) => log.warn({ slack: inWords(parts) }, "slack library warns"),
    error: (...parts) => log.error({ slack: inWords(parts) }, "slack library reports an error"),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}
