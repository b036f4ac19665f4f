const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses "50ms", "10s", "1.5h" into ms; null: not a duration. */
export function parseDuration(text: string): number | null {
  const [, number = "", unit = ""] = /^(\d{1,6}(?:\.\d{1,3})?) ?(ms|s|m|h|d)$/u.exec(text.trim()) ?? [];
  const unitMs = UNIT_MS[unit];
  return unitMs === undefined ? null : Math.round(Number(number) * unitMs);
}
