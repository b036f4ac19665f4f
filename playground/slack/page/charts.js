import { h } from "./dom.js";

const WIDTH = 360;
const HEIGHT = 150;
const LEFT = 44;
const BOTTOM = 20;
const TOP = 8;

const svg = (tag, props = {}, ...children) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(props)) node.setAttribute(key, String(value));
  node.append(...children.flat(Number.POSITIVE_INFINITY));
  return node;
};

const number = (value) => value.toLocaleString("en-US", { maximumSignificantDigits: 3 });

/** Bars next to each other, or a line per series: of an area the edge is drawn. */
const plot = ({ type, series, axis_config: { categories } }) => {
  const most = Math.max(0, ...series.flatMap(({ data }) => data.map(({ value }) => value))) || 1;
  const step = (WIDTH - LEFT) / categories.length;
  const y = (value) => HEIGHT - BOTTOM - (Math.max(0, value) / most) * (HEIGHT - BOTTOM - TOP);
  const middle = (index) => LEFT + (index + 0.5) * step;
  const bar = Math.min(22, (step * 0.7) / series.length);
  const bars = (data, nth) =>
    data.map(({ label, value }, index) =>
      svg(
        "rect",
        {
          class: `series-${nth}`,
          x: middle(index) + (nth - series.length / 2) * bar,
          y: y(value),
          width: bar,
          height: Math.max(1, HEIGHT - BOTTOM - y(value)),
          rx: 2,
        },
        svg("title", {}, `${label}: ${number(value)}`),
      ),
    );
  const line = (data, nth) =>
    svg("polyline", {
      class: `line series-${nth}`,
      points: data.map(({ value }, index) => `${middle(index)},${y(value)}`).join(" "),
    });
  // a label is about 30 px wide
  const every = Math.ceil(34 / step);
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" },
    [0, most / 2, most].map((value) => [
      svg("line", { class: "grid", x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value) }),
      svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, number(value)),
    ]),
    series.map(({ data }, nth) => (type === "bar" ? bars(data, nth) : line(data, nth))),
    categories.map((label, index) =>
      index % every === 0
        ? svg("text", { x: middle(index), y: HEIGHT - 5, "text-anchor": "middle" }, label)
        : [],
    ),
  );
};

/** A pie is shown as its shares. */
const shares = ({ segments }) => {
  const sum = segments.reduce((total, { value }) => total + value, 0);
  return h(
    "ul",
    {},
    segments.map(({ label, value }) => h("li", {}, `${label}: ${Math.round((value / sum) * 100)}%`)),
  );
};

/** A chart with its title; screen readers hear its numbers. */
export const chart = ({ title, chart: it }) => {
  const spoken = (it.series ?? []).map(
    ({ name, data }) => `${name}: ${data.map(({ label, value }) => `${label} ${number(value)}`).join(", ")}`,
  );
  return h(
    "figure",
    { class: "block chart", role: "img", "aria-label": [title, ...spoken].join(". ") },
    h("figcaption", {}, title),
    it.type === "pie" ? shares(it) : plot(it),
  );
};
