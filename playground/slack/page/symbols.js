const svg = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);

const DISC = "M10 1.5a8.5 8.5 0 100 17 8.5 8.5 0 000-17z";
const SQUARE = "M4.5 1.5h11a3 3 0 013 3v11a3 3 0 01-3 3h-11a3 3 0 01-3-3v-11a3 3 0 013-3z";
const GLASS = "M5 3h10M5 17h10M6.5 3c0 4 7 5 7 14M13.5 3c0 4-7 5-7 14";

/** Drawn here, because not every machine has a font for them: name, colour, filled shape, line on top. */
const DRAWN = {
  "✅": ["done", "#1f9d63", SQUARE, "M5.5 10.5l3 3 6-7"],
  "❌": ["failed", "#d03b4c", null, "M4.5 4.5l11 11M15.5 4.5l-11 11"],
  "⛔": ["denied", "#d03b4c", DISC, "M5.5 10h9"],
  "⏳": ["waiting", "#c98a1b", null, GLASS],
  "⌛": ["expired", "#8a8f9c", null, GLASS],
  "🔄": [
    "running",
    "#3f63d8",
    SQUARE,
    "M14 8.5A4.3 4.3 0 006.3 7.8M6 11.5a4.3 4.3 0 007.7.7M14 5.5v3h-3M6 14.5v-3h3",
  ],
  "⚠": ["warning", "#c98a1b", "M10 2.2L18.6 17.5H1.4z", "M10 7.5v4.5M10 14.8v.2"],
  "↩": ["withdrawn", "#6b7385", SQUARE, "M8 6L5 9l3 3M5.3 9H12a2.6 2.6 0 010 5H9"],
  "↪": ["superseded", "#6b7385", SQUARE, "M12 6l3 3-3 3M14.7 9H8a2.6 2.6 0 000 5h3"],
  "❓": ["unknown", "#c98a1b", DISC, "M7.6 7.6a2.4 2.4 0 114 2c-1 .8-1.6 1.2-1.6 2.4M10 14.6v.2"],
  "🕒": ["queued", "#5a74c9", DISC, "M10 5.5V10h4"],
  "🔒": ["locked", "#6b7385", SQUARE, "M6 9.5h8v5.5H6zM7.5 9.5V7.3a2.5 2.5 0 015 0v2.2"],
  "🔓": ["unlocked", "#1f9d63", SQUARE, "M6 9.5h8v5.5H6zM7.5 9.5V7.3a2.5 2.5 0 014.7-1.2"],
  "🚨": ["alarm", "#d03b4c", DISC, "M10 5v6M10 14.2v.2"],
  "🟢": ["green", "#1f9d63", DISC, ""],
  "🟡": ["yellow", "#d9a520", DISC, ""],
  "🟠": ["orange", "#d9731a", DISC, ""],
  "🔴": ["red", "#d03b4c", DISC, ""],
  "⚪": ["grey", "#9aa1af", DISC, ""],
};

const PATTERN = new RegExp(`(${Object.keys(DRAWN).join("|")})\\uFE0F?`, "gu");

const draw = (symbol) => {
  const [name, colour, shape, line] = DRAWN[symbol];
  const root = svg("svg");
  root.setAttribute("viewBox", "0 0 20 20");
  root.setAttribute("class", "symbol");
  root.setAttribute("role", "img");
  root.setAttribute("aria-label", name);
  const add = (d, fill, stroke) => {
    const path = svg("path");
    path.setAttribute("d", d);
    path.setAttribute("fill", fill);
    path.setAttribute("stroke", stroke);
    root.append(path);
  };
  if (shape !== null) add(shape, colour, "none");
  if (line !== "") add(line, "none", shape === null ? colour : "#fff");
  return root;
};

/** A text as nodes, with the symbols of states drawn. */
export const withSymbols = (text) => {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(PATTERN)) {
    if (match.index > from) nodes.push(text.slice(from, match.index));
    nodes.push(draw(match[1]));
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push(text.slice(from));
  return nodes;
};
