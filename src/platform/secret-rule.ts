/** A kind of secret: how it looks, and what is shown instead. */
export interface Rule {
  name: string;
  pattern: RegExp;
  /** The replacement, as for `replace`, or computed from the match. */
  to: string | ((found: RegExpExecArray) => string);
  /** The source of the format, or the reason for the rule. */
  why: string;
}

/** Applies one rule to a text. */
export function applied(text: string, { pattern, to }: Rule): string {
  // fast path: most texts contain no match
  if (text.search(pattern) === -1) return text;
  if (typeof to === "string") return text.replace(pattern, to);
  const parts: string[] = [];
  let from = 0;
  for (const found of text.matchAll(pattern)) {
    parts.push(text.slice(from, found.index), to(found));
    from = found.index + found[0].length;
  }
  return parts.join("") + text.slice(from);
}
