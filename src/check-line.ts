/** One line of what `flinkops check` prints. */
export interface CheckLine {
  level: "ok" | "warn" | "FAIL";
  what: string;
  /** What to do; null: nothing. */
  todo: string | null;
}

export const ok = (what: string): CheckLine => ({ level: "ok", what, todo: null });
export const warn = (what: string, todo: string): CheckLine => ({ level: "warn", what, todo });
export const fail = (what: string, todo: string): CheckLine => ({ level: "FAIL", what, todo });

/** The line as printed. */
export const lineOf = ({ level, what, todo }: CheckLine): string =>
  `${level.padEnd(4)}  ${what}${todo === null ? "" : ` - ${todo}`}`;

/** 1 if any line is FAIL. */
export const exitCodeOf = (lines: readonly CheckLine[]): 0 | 1 =>
  lines.some((line) => line.level === "FAIL") ? 1 : 0;
