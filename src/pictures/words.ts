/** "07:02", in UTC, because a picture does not know its reader's time zone. */
export const clock = (at: number): string => {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "–" : date.toISOString().slice(11, 16);
};

/** "07:02 to 07:12 UTC", "07:02 UTC". */
export const clocks = (from: number, to: number): string =>
  clock(from) === clock(to) ? `${clock(from)} UTC` : `${clock(from)} to ${clock(to)} UTC`;

/** "350 ms", "1.2 s", "95 s", "12 min": one number, short enough for a bar. */
export function shortDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 120 * 60_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}

/** "18 GB", "1.2 MB": powers of 1,000. */
export function shortBytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = Math.max(0, n);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 9.95 ? value.toFixed(0) : value.toFixed(1)} ${units[unit] ?? "B"}`;
}

/** An outside name inside a sentence: at most `most` characters, without control characters. */
export function spoken(name: string, most = 80): string {
  const points = Array.from(name.replace(/\s+/gu, " ").replace(/\p{C}/gu, "").trim());
  return points.length > most ? `${points.slice(0, most - 1).join("")}…` : points.join("");
}

/** As many whole sentences as fit the limit, then the number of the remaining ones. */
export function sentences(all: readonly string[], most: number): string {
  let out = "";
  for (const [i, one] of all.entries()) {
    const next = out === "" ? one : `${out} ${one}`;
    const rest = ` And ${all.length - i} more.`;
    if (next.length + (i === all.length - 1 ? 0 : rest.length) > most) return `${out}${rest}`.trim();
    out = next;
  }
  return out;
}
