import { slackDate } from "./dates.js";
import { h } from "./dom.js";
import { parseMarks } from "./marks.js";
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

/** A short name such as :tada: as a character, or unchanged. */
export const emoji = (name) => EMOJI[name] ?? `:${name}:`;

const SAFE = /^(https?:|mailto:)/i;

/** A link that opens in another tab; anything but http, https and mailto stays text. */
export const link = (url, label) =>
  SAFE.test(url)
    ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label)
    : typeof label === "string"
      ? document.createTextNode(label)
      : label;

/** A Slack date in the reader's own zone: https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
export const date = ({ seconds, format, url = null, fallback }) => {
  const words = slackDate(seconds, format, Date.now() / 1000);
  if (words === null) return document.createTextNode(fallback);
  const when = new Date(seconds * 1000);
  const time = h("time", { datetime: when.toISOString(), title: when.toString() }, words);
  return url === null ? time : link(url, time);
};

/** A person, group or channel that is named in a text. */
export const mention = (label, mine = false) =>
  h("span", { class: mine ? "mention mine" : "mention" }, label);

const draw = (mark, me) => {
  const inner = () => mark.inner.map((one) => draw(one, me));
  const make = {
    text: () => withSymbols(mark.text),
    break: () => h("br"),
    emoji: () => withSymbols(emoji(mark.name)),
    code: () => h("code", {}, mark.text),
    pre: () => h("pre", {}, mark.text),
    bold: () => h("strong", {}, ...inner()),
    italic: () => h("em", {}, ...inner()),
    strike: () => h("s", {}, ...inner()),
    quote: () => h("blockquote", {}, ...inner()),
    user: () => mention(`@${names.users.get(mark.id) ?? (mark.label || mark.id)}`, mark.id === me),
    channel: () => mention(`#${names.channels.get(mark.id) ?? (mark.label || mark.id)}`),
    group: () => mention(`@${names.groups.get(mark.id) ?? (mark.label || mark.id)}`),
    broadcast: () => mention(`@${mark.name}`),
    date: () => date(mark),
    link: () => link(mark.url, mark.label),
  };
  return make[mark.kind]();
};

/** Slack's mark-up as nodes. */
export const mrkdwn = (text, me) => parseMarks(text).flatMap((mark) => draw(mark, me));

/** A text object of Block Kit. */
export const textObject = (object, me) => {
  if (object === undefined || object === null) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, me);
  return object.text
    .split("\n")
    .flatMap((line, index) => [...(index === 0 ? [] : [h("br")]), ...withSymbols(line)]);
};
