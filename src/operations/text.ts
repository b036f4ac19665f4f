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
