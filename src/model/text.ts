import { utcTime } from "./instant.ts";

/**
 * Text as data. Operations never write Slack markup. The code that shows a Text escapes each span, so a job called
 * `<!channel>` is shown as text.
 */
export type Span =
  | string
  | { b: string }
  | { code: string }
  /** A Slack user id. */
  | { person: string }
  /** A Slack user group id. */
  | { group: string }
  /** A Slack channel id. */
  | { channel: string }
  /** A point in time, ms since the epoch, shown in the reader's time zone. */
  | { at: number }
  | { link: string; label: string };

export type Text = string | readonly Span[];

/** `t\`Scale ${b(name)} to ${8}\``: a template tag that keeps its spans separate. */
export function t(strings: TemplateStringsArray, ...values: readonly (Text | number | Span)[]): Text {
  const spans: Span[] = [];
  strings.forEach((s, i) => {
    if (s !== "") spans.push(s);
    const v = values[i];
    if (v === undefined) return;
    if (typeof v === "number") spans.push(String(v));
    else if (isSpans(v)) spans.push(...v);
    else spans.push(v);
  });
  return spans;
}

export const b = (text: string): Span => ({ b: text });
export const code = (text: string): Span => ({ code: text });

/** The text without markup, for logs, the audit log and fallback texts. */
export function plain(text: Text): string {
  if (typeof text === "string") return text;
  return text.map(spanPlain).join("");
}

function spanPlain(span: Span): string {
  if (typeof span === "string") return span;
  if ("b" in span) return span.b;
  if ("code" in span) return span.code;
  if ("person" in span) return `@${span.person}`;
  if ("group" in span) return `@${span.group}`;
  if ("channel" in span) return `#${span.channel}`;
  if ("at" in span) return utcTime(span.at, "minutes");
  return span.label;
}

const isSpans = (v: Text | Span): v is readonly Span[] => Array.isArray(v);

const LONGEST_NAME = 80;

/** Makes characters visible that have no width or change the reading direction. */
export const visible = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cs}\p{Cf}\u2028\u2029]/gu,
    (c) => `<U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`,
  );

/**
 * A job's or vertex's name, or Flink's words, for display. A text that is too long is cut in the middle: similar
 * names differ at their ends, and the reason is often at the end. To keep a set of names distinct, use `shownApart`.
 */
export function shown(name: string, most: number = LONGEST_NAME): string {
  const points = Array.from(visible(name));
  if (points.length <= most) return points.join("");
  const head = Math.ceil(((most - 1) * 2) / 3);
  return `${points.slice(0, head).join("")}…${points.slice(points.length - (most - 1 - head)).join("")}`;
}
