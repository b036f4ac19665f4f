/**
 * A time in the words of a Slack date's format, in the zone of whoever reads it; null where it is no time. At the
 * beginning of a text "today", "yesterday" and "tomorrow" have a capital. Both times in seconds.
 */
export declare const slackDate: (seconds: number, format: string, now: number) => string | null;
