/**
 * Times as ms since the epoch. They come from Flink, Redis and files of others, so they may be numbers that no calendar
 * has, for which JavaScript's Date throws.
 */

/** Whether JavaScript can represent the time. */
export const isInstant = (at: number): boolean => !Number.isNaN(new Date(at).getTime());

/** `2026-01-31T10:00:00.000Z`; "?" for a number that is no time. */
export const isoTime = (at: number): string => (isInstant(at) ? new Date(at).toISOString() : "?");

/** `2026-01-31 10:00:00 UTC`; "?" for a number that is no time. */
export const utcTime = (at: number, to: "minutes" | "seconds"): string =>
  isInstant(at)
    ? `${new Date(at)
        .toISOString()
        .slice(0, to === "minutes" ? 16 : 19)
        .replace("T", " ")} UTC`
    : "?";
