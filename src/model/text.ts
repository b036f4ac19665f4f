/**
 * Words as data. Rows never write Slack markup: whoever shows a Text escapes every piece of it,
 * so a job called `<!channel>` is shown, not obeyed.
 */
export type Span =
  | string
  | { b: string }
  | { code: string }
  /** A Slack user id. */
  | { person: string }
  /** A Slack user group id. */
  | { group: string }
  /** A point in time, ms since the epoch, shown in the reader's own time zone. */
  | { at: number }
  | { link: string; label: string };

export type Text = string | readonly Span[];

/** `t\`Scale ${b(name)} to ${8}\``: a template that keeps its pieces apart. */
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

/** The words alone, for logs, the audit log and fallback texts. */
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
  if ("at" in span) return `${new Date(span.at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return span.label;
}

const isSpans = (v: Text | Span): v is readonly Span[] => Array.isArray(v);

const LONGEST_NAME = 80;

/** What has no width or turns the reading direction becomes visible. */
export const visible = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cs}\p{Cf}\u2028\u2029]/gu,
    (c) => `<U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`,
  );

/**
 * A job's or vertex's name, or Flink's words, for display. What is too long loses its middle: names that are alike differ
 * at their ends, and a reason often stands last. Of a set of names, `shownApart` keeps them different.
 */
export function shown(name: string, most: number = LONGEST_NAME): string {
  const points = Array.from(visible(name));
  if (points.length <= most) return points.join("");
  const head = Math.ceil(((most - 1) * 2) / 3);
  return `${points.slice(0, head).join("")}…${points.slice(points.length - (most - 1 - head)).join("")}`;
}
