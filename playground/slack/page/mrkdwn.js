import { clock, h } from "./dom.js";
import { withSymbols } from "./symbols.js";

const EMOJI = {
  white_check_mark: "✅",
  x: "❌",
  warning: "⚠️",
  hourglass_flowing_sand: "⏳",
  hourglass: "⌛",
  arrows_counterclockwise: "🔄",
  no_entry: "⛔",
  rocket: "🚀",
  eyes: "👀",
  tada: "🎉",
  "+1": "👍",
  thumbsup: "👍",
  red_circle: "🔴",
  large_green_circle: "🟢",
  large_yellow_circle: "🟡",
  leftwards_arrow_with_hook: "↩️",
};

/** The names behind ids; filled once the people are known. */
export const names = { users: new Map(), groups: new Map(), channels: new Map() };

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** A short name such as :tada: as a character, or unchanged. */
export const emoji = (name) => EMOJI[name] ?? `:${name}:`;

const SAFE = /^(https?:|mailto:)/i;

/** A link that opens in another tab; anything but http, https and mailto stays text. */
export const link = (url, label) =>
  SAFE.test(url)
    ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label)
    : document.createTextNode(label);

/** A Slack date in the reader's own zone: https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
export const date = (seconds, format, fallback) => {
  const when = new Date(Number(seconds) * 1000);
  if (Number.isNaN(when.getTime())) return document.createTextNode(fallback);
  const as = (options) => when.toLocaleDateString("en", options);
  const parts = {
    date_num: when.toISOString().slice(0, 10),
    date: as({ dateStyle: "long" }),
    date_short: as({ dateStyle: "medium" }),
    date_long: as({ dateStyle: "full" }),
    time: clock(seconds),
    time_secs: clock(seconds, true),
  };
  const text = format.replaceAll(/\{(\w+?)(?:_pretty)?\}/g, (whole, name) => parts[name] ?? whole);
  return h("time", { datetime: when.toISOString(), title: when.toString() }, text);
};

/** A person, group or channel that is named in a text. */
export const mention = (label, mine = false) =>
  h("span", { class: mine ? "mention mine" : "mention" }, label);

const angle = (inner, me) => {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : unescape(inner.slice(bar + 1));
  if (target.startsWith("@")) {
    const id = target.slice(1);
    return mention(`@${names.users.get(id) ?? (label || id)}`, id === me);
  }
  if (target.startsWith("#"))
    return mention(`#${names.channels.get(target.slice(1)) ?? (label || target.slice(1))}`);
  if (target.startsWith("!subteam^"))
    return mention(`@${names.groups.get(target.slice(9)) ?? (label || target)}`);
  if (target.startsWith("!date^")) {
    const [, seconds, format = ""] = target.split("^");
    return date(seconds, format, label);
  }
  if (target.startsWith("!")) return mention(`@${target.slice(1)}`);
  const url = unescape(target);
  return link(url, label || url.replace(/^mailto:/, ""));
};

const TOKEN =
  /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*(?=\S)([^*\n]*?\S)\*(?![\w*])|(?<!\w)_(?=\S)([^_\n]*?\S)_(?!\w)|(?<![\w~])~(?=\S)([^~\n]*?\S)~(?![\w~])|:([a-z0-9_+-]+):|(\n)/g;

const inline = (text, me) => {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > from) nodes.push(...withSymbols(unescape(text.slice(from, match.index))));
    from = match.index + match[0].length;
    const [whole, pre, code, angled, bold, italic, strike, short, newline] = match;
    if (pre !== undefined) nodes.push(h("pre", {}, unescape(pre.replace(/^\n/, ""))));
    else if (code !== undefined) nodes.push(h("code", {}, unescape(code)));
    else if (angled !== undefined) nodes.push(angle(angled, me));
    else if (bold !== undefined) nodes.push(h("strong", {}, ...inline(bold, me)));
    else if (italic !== undefined) nodes.push(h("em", {}, ...inline(italic, me)));
    else if (strike !== undefined) nodes.push(h("s", {}, ...inline(strike, me)));
    else if (short !== undefined) nodes.push(...withSymbols(EMOJI[short] ?? whole));
    else if (newline !== undefined) nodes.push(h("br"));
  }
  if (from < text.length) nodes.push(...withSymbols(unescape(text.slice(from))));
  return nodes;
};

/** Slack's mark-up as nodes, quotes line by line. */
export const mrkdwn = (text, me) => {
  const nodes = [];
  let quote = [];
  let plain = [];
  const flush = () => {
    if (quote.length > 0) nodes.push(h("blockquote", {}, ...inline(quote.join("\n"), me)));
    if (plain.length > 0) nodes.push(...inline(plain.join("\n"), me));
    quote = [];
    plain = [];
  };
  for (const line of text.split("\n")) {
    const quoted = /^(?:&gt;|>)\s?(.*)$/.exec(line);
    if (quoted !== null && plain.length > 0) flush();
    if (quoted === null && quote.length > 0) flush();
    if (quoted === null) plain.push(line);
    else quote.push(quoted[1]);
  }
  flush();
  return nodes;
};

/** A text object of Block Kit. */
export const textObject = (object, me) => {
  if (object === undefined || object === null) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, me);
  return object.text
    .split("\n")
    .flatMap((line, index) => [...(index === 0 ? [] : [h("br")]), ...withSymbols(line)]);
};
