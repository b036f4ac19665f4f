/** The logs of a Flink cluster's processes. No I/O here. */

/** The process that writes a log. */
export type LogOwner =
  | { of: "jobmanager" }
  /** `id` as in TaskManager. */
  | { of: "taskmanager"; id: string };

/** In the order of urgency. FATAL and SEVERE count as ERROR. */
export const LOG_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One call of a logger: its line, and the lines that follow it without a level of their own, such as a stack trace. */
export interface LogEntry {
  /** As written, in the time zone of that process; null: not recognised. */
  time: string | null;
  /** Null: the log's pattern is not recognised, or this is printed before the log's first entry. */
  level: LogLevel | null;
  /** The first line without time and level. */
  text: string;
  /** All lines as they are in the log, without secrets. */
  lines: readonly string[];
}

/** The last part of a log. Flink sends a log only as a whole, from its beginning. */
export type Log =
  /**
   * Oldest first. `whole`: from the log's beginning. `ended`: to its end; if false, the time was over before, and the
   * entries are not the newest. `bytes`: how much the entries were made of.
   */
  | { is: "read"; entries: readonly LogEntry[]; bytes: number; whole: boolean; ended: boolean }
  /** Too long to be read to its end: it has `bytes`, and at most `most` are read. */
  | { is: "too long"; bytes: number; most: number }
  /** The process writes no log file, for example only to its console. */
  | { is: "none" }
  /** The cluster does not know this task manager, or no longer. */
  | { is: "unknown" };
