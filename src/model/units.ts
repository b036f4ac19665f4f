import { type Text, t } from "./text.ts";

/** "18.2 GB": powers of 1,000, three digits at most. */
export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = Math.max(0, n);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const shown = unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/u, "");
  return `${shown} ${units[unit] ?? "B"}`;
}

/** "1 m 12 s", "2 d 4 h", "350 ms": the two largest units. */
export function duration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1_000) return `${whole} ms`;
  const s = Math.round(whole / 1_000);
  if (s < 60) return `${s} s`;
  const parts: [number, string][] = [
    [Math.floor(s / 86_400), "d"],
    [Math.floor((s % 86_400) / 3_600), "h"],
    [Math.floor((s % 3_600) / 60), "m"],
    [s % 60, "s"],
  ];
  const first = parts.findIndex(([n]) => n > 0);
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n} ${unit}`)
    .join(" ");
}

/** Whole minutes, for cards: each change of the text is an edit of the message. */
export const minutes = (ms: number): string => duration(Math.floor(ms / 60_000) * 60_000);

/**
 * How long ago, formatted as by `duration`. Both times must come from one clock, since another machine's clock may be
 * minutes off. A time in the future is "just now".
 */
export const ago = (at: number, now: number): string =>
  now - at < 1_000 ? "just now" : `${duration(now - at)} ago`;

/** How long ago; if the time by the clock of `at` is not known, the time itself. */
export const when = (at: number, now: number | null): Text => (now === null ? t`at ${{ at }}` : ago(at, now));

/** The same for a card, which people read long after the request: "41 s before this was asked". */
export const beforeAsked = (at: number, now: number | null): Text =>
  now === null ? t`at ${{ at }}` : `${now - at < 1_000 ? "just" : duration(now - at)} before this was asked`;

/** "1 slot", "4 slots". */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
