/** One word of a command. A quoted word is never read as a flag. */
export interface Word {
  text: string;
  quoted: boolean;
}

export type Words = { is: "words"; words: readonly Word[] } | { is: "problem"; problem: string };

/** Maximum length in characters, below the 4,000 at which Slack truncates a message. */
export const LONGEST_TEXT = 3_000;

/** Splits text into words, after undoing Slack's markup and the smart punctuation of phones. Never throws. */
export function tokenize(text: string): Words {
  if (text.length > LONGEST_TEXT) {
    return {
      is: "problem",
      problem: `a command has at most ${LONGEST_TEXT} characters, this one has ${text.length}`,
    };
  }
  const clean = straighten(decode(unwrap(text)));
  const hidden = invisible(clean);
  if (hidden !== null) {
    return { is: "problem", problem: `the text contains an invisible character (${hidden}); type it again` };
  }
  return split(clean);
}

/**
 * Returns the first control, direction or zero-width character as `U+202E`, or null where there is none. Such
 * characters make the text that a reader sees differ from the text that is run. Half a surrogate pair counts as well.
 */
export function invisible(text: string): string | null {
  const found = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/u.exec(
    text,
  );
  const point = found?.[0].codePointAt(0);
  return point === undefined ? null : `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * Turns Slack's markup into the text that the person saw: `<@U1|ana>` is `@ana`, `<#C1|ops>` is `#ops`,
 * `<http://a.b|a.b>` is `a.b`.
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

/** Decodes in one pass, so that `&amp;lt;` becomes `&lt;` and not `<`. */
const decode = (text: string): string =>
  text.replace(/&(amp|lt|gt);/gu, (_all, name: string) => (name === "amp" ? "&" : name === "lt" ? "<" : ">"));

/** Normalises every kind of space and quote, and removes zero-width characters that carry no meaning. */
const straighten = (text: string): string =>
  text
    .replace(/[\u00ad\u200b\u2060\ufeff]/gu, "")
    .replace(/[\t\n\r\v\f\u0085\u2028\u2029\p{Zs}]/gu, " ")
    .replace(/[“”„‟«»″]/gu, '"')
    .replace(/[‘’‚‛′]/gu, "'");

const QUOTES = "\"'`";

/** The text as a person must type it to get one word: quoted where needed. */
export const asTyped = (text: string): string =>
  /^[^\s"'`‐-―−-][^\s]*$/u.test(text) ? text : `"${text.replace(/["\\]/gu, "\\$&")}"`;

/** Splits at spaces. A quote opens only at the start of a word or of a value after `=`, so `don't` needs no quotes. */
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
    if (close === -1) return { is: "problem", problem: `the quote ${mark} is not closed` };
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

/**
 * Finds the closing quote. It must precede a space or the end, so `'don't do it'` is one word. -1 where there is
 * none.
 */
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

/** Phones turn `--` into one long dash. Before a letter it becomes `--` (a flag), before a digit `-` (a minus). */
const dashes = (word: string): string =>
  word.replace(/^(?:[‒–—―]-?|-[‒–—―]|[‐‑−-]{2})(?=\p{L})/u, "--").replace(/^[‐‑‒–—―−](?=\d)/u, "-");
