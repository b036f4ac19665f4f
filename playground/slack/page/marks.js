const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** What stands between `<` and `>`: https://docs.slack.dev/messaging/formatting-message-text#advanced-formatting */
const angle = (inner) => {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : unescape(inner.slice(bar + 1));
  if (target.startsWith("@")) return { kind: "user", id: target.slice(1), label };
  if (target.startsWith("#")) return { kind: "channel", id: target.slice(1), label };
  if (target.startsWith("!subteam^")) return { kind: "group", id: target.slice(9), label };
  if (target.startsWith("!date^")) {
    const [, seconds, format = "", url = null] = target.split("^");
    return { kind: "date", seconds: Number(seconds), format: unescape(format), url, fallback: label };
  }
  if (target.startsWith("!")) return { kind: "broadcast", name: target.slice(1) };
  const url = unescape(target);
  return { kind: "link", url, label: label || url.replace(/^mailto:/, "") };
};

/** Code and what is in angles goes first: the marks inside are none. A placeholder stands in for it, a number between two. */
const ATOM = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>/g;
const [OPEN, CLOSE] = ["\uE000", "\uE001"];

const withoutAtoms = (text) => {
  const atoms = [];
  const rest = text.replaceAll(/[\uE000\uE001]/g, "").replaceAll(ATOM, (_, pre, code, angled) => {
    if (pre !== undefined) atoms.push({ kind: "pre", text: unescape(pre.replace(/^\n/, "")) });
    else atoms.push(code === undefined ? angle(angled) : { kind: "code", text: unescape(code) });
    return `${OPEN}${atoms.length - 1}${CLOSE}`;
  });
  return { atoms, rest };
};

const TOKEN =
  /\uE000(\d+)\uE001|(?<![\w*])\*(?=\S)([^*\n]*?\S)\*(?![\w*])|(?<!\w)_(?=\S)([^_\n]*?\S)_(?!\w)|(?<![\w~])~(?=\S)([^~\n]*?\S)~(?![\w~])|:([a-z0-9_+-]+):|(\n)/g;

const inline = (text, atoms) => {
  const marks = [];
  let from = 0;
  const plain = (to) => {
    if (to > from) marks.push({ kind: "text", text: unescape(text.slice(from, to)) });
  };
  for (const match of text.matchAll(TOKEN)) {
    plain(match.index);
    from = match.index + match[0].length;
    const [, atom, bold, italic, strike, emoji] = match;
    if (atom !== undefined) marks.push(atoms[Number(atom)]);
    else if (bold !== undefined) marks.push({ kind: "bold", inner: inline(bold, atoms) });
    else if (italic !== undefined) marks.push({ kind: "italic", inner: inline(italic, atoms) });
    else if (strike !== undefined) marks.push({ kind: "strike", inner: inline(strike, atoms) });
    else marks.push(emoji === undefined ? { kind: "break" } : { kind: "emoji", name: emoji });
  }
  plain(text.length);
  return marks;
};

/** Lines that follow each other and are all quoted, or all not. */
const runs = (text) => {
  const found = [];
  for (const line of text.split("\n")) {
    const words = /^(?:&gt;|>)\s?(.*)$/.exec(line)?.[1];
    const quoted = words !== undefined;
    const last = found.at(-1);
    if (last?.quoted === quoted) last.lines.push(words ?? line);
    else found.push({ quoted, lines: [words ?? line] });
  }
  return found;
};

export const parseMarks = (text) => {
  const { atoms, rest } = withoutAtoms(text);
  return runs(rest).flatMap(({ quoted, lines }) => {
    const inner = inline(lines.join("\n"), atoms);
    return quoted ? [{ kind: "quote", inner }] : inner;
  });
};
