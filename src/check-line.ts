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
