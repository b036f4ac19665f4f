import { plain, type Span, type Text } from "../model/text.ts";
import { escapeWithin, tame, unformat, unquote } from "./escape.ts";
import { truncate } from "./limits.ts";

/** Whom a text names when it must not ring anybody: a name, or null where only the mention is known. */
export interface Names {
  person(user: string): string | null;
  group(group: string): string | null;
}

export interface Rendering {
  /** UTF-16 units. */
  most: number;
  /** Without it people and groups are mentioned. */
  names?: Names | undefined;
}

const USER = /^[UW][A-Z0-9]+$/u;
const GROUP = /^S[A-Z0-9]+$/u;

const spansOf = (text: Text): readonly Span[] => (typeof text === "string" ? [text] : text);

/** What JavaScript can name; a record may hold anything. */
const isTime = (at: number): boolean => !Number.isNaN(new Date(at).getTime());

/** A point in time in the reader's own zone, and in UTC where it cannot be shown so. */
function date(at: number): string {
  if (!isTime(at)) return "?";
  const fallback = `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  // https://docs.slack.dev/messaging/formatting-message-text#date-formatting
  return `<!date^${Math.floor(at / 1000)}^{date_short_pretty} {time}|${fallback}>`;
}

/** Only addresses that a browser opens; an angle bracket or a pipe in one would end the link. */
function href(link: string): string | null {
  if (!/^https?:\/\//iu.test(link) || !URL.canParse(link)) return null;
  const url = new URL(link).href.replace(/[<>|]/gu, (c) => encodeURIComponent(c)).replace(/&/gu, "&amp;");
  return url.length > 2000 ? null : url;
}

/** Between marks, with the blanks at the ends outside of them: `* a*` is not bold. */
function marked(mark: string, text: string, most: number): { text: string; cut: boolean } {
  const lead = /^\s/u.test(text) ? " " : "";
  const tail = /\s$/u.test(text) ? " " : "";
  const inner = text.trim();
  if (inner === "") return whole(lead, most);
  const room = most - 2 * mark.length - lead.length - tail.length;
  if (room < 2) return { text: most < 1 ? "" : "…", cut: true };
  const fitted = escapeWithin(inner, room);
  return { text: `${lead}${mark}${fitted.text}${mark}${tail}`, cut: fitted.cut };
}

function whole(text: string, most: number): { text: string; cut: boolean } {
  return text.length <= most ? { text, cut: false } : { text: most < 1 ? "" : "…", cut: true };
}

function person(user: string, names: Names | undefined, most: number): { text: string; cut: boolean } {
  const name = names?.person(user) ?? null;
  if (name !== null) return escapeWithin(unformat(tame(name)), most);
  return USER.test(user) ? whole(`<@${user}>`, most) : escapeWithin(unformat(tame(user)), most);
}

function group(id: string, names: Names | undefined, most: number): { text: string; cut: boolean } {
  if (names !== undefined) return escapeWithin(unformat(tame(names.group(id) ?? "the approver group")), most);
  return GROUP.test(id) ? whole(`<!subteam^${id}>`, most) : escapeWithin(unformat(tame(id)), most);
}

function span(s: Span, how: Rendering, most: number): { text: string; cut: boolean } {
  if (typeof s === "string") return escapeWithin(unformat(tame(s)), most);
  if ("b" in s) return marked("*", unformat(tame(s.b)), most);
  if ("code" in s) return marked("`", unquote(tame(s.code)), most);
  if ("person" in s) return person(s.person, how.names, most);
  if ("group" in s) return group(s.group, how.names, most);
  if ("at" in s) return whole(date(s.at), most);
  const url = href(s.link);
  const label = escapeWithin(unformat(tame(s.label)).replace(/\|/gu, "¦"), url === null ? most : 300);
  return url === null ? label : whole(`<${url}|${label.text}>`, most);
}

/** Neighbours that are both plain words are one: foreign text cannot begin a span of its own between them. */
function merged(text: Text): Span[] {
  const out: Span[] = [];
  for (const s of spansOf(text)) {
    const last = out.at(-1);
    if (typeof s === "string" && typeof last === "string") out[out.length - 1] = last + s;
    else if (typeof s === "object" && "b" in s && typeof last === "object" && "b" in last)
      out[out.length - 1] = { b: last.b + s.b };
    else out.push(s);
  }
  return out;
}

/** As Slack's mrkdwn, at most `most` units long: every piece escaped, no span cut in the middle. */
export function mrkdwn(text: Text, how: Rendering): string {
  let out = "";
  for (const s of merged(text)) {
    const piece = span(s, how, how.most - out.length);
    out += piece.text;
    if (piece.cut) break;
  }
  return out;
}

/** The whole text in bold, but for what has a look of its own (ids, people, links). */
export const bold = (text: Text): Text =>
  spansOf(text).flatMap((s): Span[] => (typeof s === "string" && s.trim() !== "" ? [{ b: s }] : [s]));

/** The words without any look: what notifications show and screen readers read out. */
export const unstyled = (text: Text): Text =>
  spansOf(text).map((s): Span => (typeof s === "string" ? s : "b" in s ? s.b : "code" in s ? s.code : s));

/** For plain_text objects: nothing is obeyed there, so nothing needs an escape. */
export const plainText = (text: Text, most: number): string => truncate(tame(plainWords(text)), most);

/** The words alone. */
export const plainWords = (text: Text): string =>
  plain(spansOf(text).map((s) => (typeof s === "object" && "at" in s && !isTime(s.at) ? "?" : s)));

/** Texts with something between them, as one. */
export const joined = (texts: readonly Text[], between: string): Text =>
  texts.flatMap((text, i): Span[] => (i === 0 ? [...spansOf(text)] : [between, ...spansOf(text)]));
