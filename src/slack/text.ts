import { isInstant, utcTime } from "../model/instant.ts";
import { plain, type Span, type Text } from "../model/text.ts";
import { escapeWithin, tame, unformat, unquote } from "./escape.ts";
import { truncate } from "./limits.ts";

/** Names for a text that must not notify anyone; null if no name is known. */
export interface Names {
  person(user: string): string | null;
  group(group: string): string | null;
}

export interface Rendering {
  /** The longest text, UTF-16 units. */
  most: number;
  /** Without it, people and groups are mentioned. */
  names?: Names | undefined;
}

export const isUser = (id: string): boolean => /^[UW][A-Z0-9]+$/u.test(id);
export const isChannel = (id: string): boolean => /^[CGD][A-Z0-9]+$/u.test(id);
export const isGroup = (id: string): boolean => /^S[A-Z0-9]+$/u.test(id);

export const spansOf = (text: Text): readonly Span[] => (typeof text === "string" ? [text] : text);

/**
 * A time in the reader's own time zone, and in UTC if the client cannot show that. Null: it is no time.
 * https://docs.slack.dev/messaging/formatting-message-text#date-formatting
 */
export function dateOf(at: number): { timestamp: number; format: string; fallback: string } | null {
  if (!isInstant(at)) return null;
  const fallback = utcTime(at, "minutes");
  return { timestamp: Math.floor(at / 1000), format: "{date_short_pretty} {time}", fallback };
}

function date(at: number): string {
  const is = dateOf(at);
  return is === null ? "?" : `<!date^${is.timestamp}^${is.format}|${is.fallback}>`;
}

/** Only http and https URLs; encodes an angle bracket or a pipe, which would end a link in mrkdwn. */
export function hrefOf(link: string): string | null {
  if (!/^https?:\/\//iu.test(link) || !URL.canParse(link)) return null;
  const url = new URL(link).href.replace(/[<>|]/gu, (c) => encodeURIComponent(c));
  return url.length > 2000 ? null : url;
}

/** Puts marks around a text, with spaces at its ends outside of them: `* a*` is not bold. */
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
  return isUser(user) ? whole(`<@${user}>`, most) : escapeWithin(unformat(tame(user)), most);
}

function group(id: string, names: Names | undefined, most: number): { text: string; cut: boolean } {
  if (names !== undefined) return escapeWithin(unformat(tame(names.group(id) ?? "the approver group")), most);
  return isGroup(id) ? whole(`<!subteam^${id}>`, most) : escapeWithin(unformat(tame(id)), most);
}

/** The channel's name and a link to it, for those who may see it. */
const channel = (id: string, most: number): { text: string; cut: boolean } =>
  isChannel(id) ? whole(`<#${id}>`, most) : escapeWithin(unformat(tame(id)), most);

function span(s: Span, how: Rendering, most: number): { text: string; cut: boolean } {
  if (typeof s === "string") return escapeWithin(unformat(tame(s)), most);
  if ("b" in s) return marked("*", unformat(tame(s.b)), most);
  if ("code" in s) return marked("`", unquote(tame(s.code)), most);
  if ("person" in s) return person(s.person, how.names, most);
  if ("group" in s) return group(s.group, how.names, most);
  if ("channel" in s) return channel(s.channel, most);
  if ("at" in s) return whole(date(s.at), most);
  const url = hrefOf(s.link)?.replace(/&/gu, "&amp;") ?? null;
  const label = escapeWithin(unformat(tame(s.label)).replace(/\|/gu, "¦"), url === null ? most : 300);
  return url === null ? label : whole(`<${url}|${label.text}>`, most);
}

/**
 * Joins neighboring plain texts, and neighboring bold ones, so that outside text cannot begin a span between them. An empty
 * text is no neighbor: Slack does not read `*a**b*` as bold.
 */
function merged(text: Text): Span[] {
  const out: Span[] = [];
  for (const s of spansOf(text).filter((one) => one !== "")) {
    const last = out.at(-1);
    if (typeof s === "string" && typeof last === "string") out[out.length - 1] = last + s;
    else if (typeof s === "object" && "b" in s && typeof last === "object" && "b" in last)
      out[out.length - 1] = { b: last.b + s.b };
    else out.push(s);
  }
  return out;
}

/** As Slack's mrkdwn, at most `most` units long: every piece is escaped, and no span is cut in the middle. */
export function mrkdwn(text: Text, how: Rendering): string {
  let out = "";
  for (const s of merged(text)) {
    const piece = span(s, how, how.most - out.length);
    out += piece.text;
    if (piece.cut) break;
  }
  return out;
}

/** The whole text in bold, except spans with their own style (ids, people, links). */
export const bold = (text: Text): Text =>
  spansOf(text).flatMap((s): Span[] => (typeof s === "string" && s.trim() !== "" ? [{ b: s }] : [s]));

/** The text without styles, for notifications and screen readers. */
export const unstyled = (text: Text): Text =>
  spansOf(text).map((s): Span => (typeof s === "string" ? s : "b" in s ? s.b : "code" in s ? s.code : s));

/** For plain_text objects: Slack interprets nothing there, so nothing needs escaping. */
export const plainText = (text: Text, most: number): string => truncate(tame(plain(text)), most);

/** Joins texts with a separator. */
export const joined = (texts: readonly Text[], between: string): Text =>
  texts.flatMap((text, i): Span[] => (i === 0 ? [...spansOf(text)] : [between, ...spansOf(text)]));
