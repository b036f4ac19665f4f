/** One word of a command. A quoted word is never a flag. */
export interface Word {
  text: string;
  quoted: boolean;
}

export type Words = { is: "words"; words: readonly Word[] } | { is: "problem"; problem: string };

/** Slack cuts messages at 4,000 characters; nobody types a command of more than this. */
export const LONGEST_TEXT = 3_000;

/** Text as people and their telephones type it, into words. Never throws. */
export function toWords(text: string): Words {
  if (text.length > LONGEST_TEXT) {
    return {
      is: "problem",
      problem: `a command has at most ${LONGEST_TEXT} characters, this one has ${text.length}`,
    };
  }
  const clean = straighten(decode(unwrap(text)));
  const hidden = invisible(clean);
  if (hidden !== null) {
    return { is: "problem", problem: `the text holds an invisible character (${hidden}); type it again` };
  }
  return split(clean);
}

/**
 * The first control or direction character as `U+202E`, or null: what a reader sees must be what is meant.
 * Half a surrogate pair counts as well.
 */
export function invisible(text: string): string | null {
  const found = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/u.exec(
    text,
  );
  const point = found?.[0].codePointAt(0);
  return point === undefined ? null : `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * What the person saw: `<@U1|ana>` is `@ana`, `<#C1|ops>` is `#ops`, `<http://a.b|a.b>` is `a.b`.
 * https://docs.slack.dev/messaging/formatting-message-text#retrieving-messages
 */
function unwrap(text: string): string {
  return text.replace(/<([^<>|]*)(?:\|([^<>]*))?>/gu, (_all, to: string, label: string | undefined) => {
    const seen = label === undefined || label === "" ? null : label;
    const sigil = to.startsWith("#") ? "#" : /^[@!]/u.test(to) ? "@" : "";
    if (sigil === "") return seen ?? to;
    const name = seen ?? to.slice(1).replace(/^subteam\^/u, "");
    return name.startsWith(sigil) ? name : sigil + name;
  });
}

/** One pass, so that `&amp;lt;` stays `&lt;`. */
const decode = (text: string): string =>
  text.replace(/&(amp|lt|gt);/gu, (_all, name: string) => (name === "amp" ? "&" : name === "lt" ? "<" : ">"));

/** Every kind of space is a space, every kind of quote a plain one; what has no width and no meaning goes. */
const straighten = (text: string): string =>
  text
    .replace(/[\u00ad\u200b\u2060\ufeff]/gu, "")
    .replace(/[\t\n\r\v\f\u0085\u2028\u2029\p{Zs}]/gu, " ")
    .replace(/[“”„‟«»″]/gu, '"')
    .replace(/[‘’‚‛′]/gu, "'");

const QUOTES = "\"'`";

/** How a person types this text as one word: in quotes where it needs them. */
export const asTyped = (text: string): string =>
  /^[^\s"'`‐-―−-][^\s]*$/u.test(text) ? text : `"${text.replace(/["\\]/gu, "\\$&")}"`;

/** A quote opens only where a word (or the value after `=`) begins, so `don't` needs no care. */
function split(text: string): Words {
  const words: Word[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === " ") {
      at += 1;
      continue;
    }
    const start = at;
    while (at < text.length && text[at] !== " " && !opensQuote(text, start, at)) at += 1;
    const bare = text.slice(start, at);
    const mark = text[at];
    if (mark === undefined || mark === " ") {
      words.push({ text: dashes(bare), quoted: false });
      continue;
    }
    const close = closing(text, at + 1, mark);
    if (close === -1) return { is: "problem", problem: `the quote ${mark} is never closed` };
    const inside = text.slice(at + 1, close);
    const value = mark === '"' ? inside.replace(/\\(["\\])/gu, "$1") : inside;
    words.push({ text: dashes(bare) + value, quoted: bare === "" });
    at = close + 1;
  }
  return { is: "words", words };
}

function opensQuote(text: string, start: number, at: number): boolean {
  if (!QUOTES.includes(text[at] ?? " ")) return false;
  return at === start || (text[at - 1] === "=" && /^[-‐-―−]+[\p{L}-]+=$/u.test(text.slice(start, at)));
}

/** A quote closes only before a space or the end, so `'don't do it'` is one piece of text. */
function closing(text: string, from: number, mark: string): number {
  for (let at = from; at < text.length; at += 1) {
    if (mark === '"' && text[at] === "\\" && /["\\]/u.test(text[at + 1] ?? "")) {
      at += 1;
      continue;
    }
    if (text[at] === mark && (text[at + 1] ?? " ") === " ") return at;
  }
  return -1;
}

/** Telephones turn `--` into one long dash. Before a letter it was a flag, before a digit a minus. */
const dashes = (word: string): string =>
  word.replace(/^(?:[‒–—―]-?|-[‒–—―]|[‐‑−-]{2})(?=\p{L})/u, "--").replace(/^[‐‑‒–—―−](?=\d)/u, "-");
