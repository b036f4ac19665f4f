import type { JobGraph } from "../model/picture.ts";
import { isKnown } from "./box.ts";
import { widthOf } from "./font.ts";
import type { Point } from "./layered.ts";
import { colours, MARGIN, sheet, sizes } from "./theme.ts";
import { pillWidth, placed } from "./placed.ts";
import { sources } from "./pressure.ts";
import { el, fitted, type Svg, text } from "./svg.ts";
import { clock } from "./words.ts";

const NARROWEST = 460;
const HEAD = 74;
const LINE = 23;
const FOOT = 42;
/** The graph as SVG. Deterministic. */
export function drawJobGraph(graph: JobGraph): { svg: Svg; width: number; height: number } {
  const { plan, body } = placed(graph);
  const width = Math.ceil(Math.max(NARROWEST, body.width + 2 * MARGIN));
  const [slowest] = sources(graph);
  const top = slowest === undefined ? HEAD : HEAD + LINE;
  const hasLoad = plan.boxes.some(isKnown);
  const height = Math.ceil(top + body.height + (hasLoad ? FOOT : MARGIN));
  const dx = (width - body.width) / 2;
  return {
    width,
    height,
    svg: sheet(
      width,
      height,
      ...head(graph, width),
      el(
        "g",
        { transform: `translate(${Math.round(dx)} ${top})` },
        ...body.links.map(({ points }) => line(points)),
        ...body.cards.map(({ card, x, y }) => card.at(x - card.width / 2, y - card.height / 2)),
        ...body.links.map(({ link, label }) => pill(link.label, label)),
      ),
      ...(hasLoad ? legend(height - FOOT + 26) : []),
    ),
  };
}

const at = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;

/** A line with rounded corners: straight to the middle between two points, a curve around each point. */
export function line(points: readonly Point[]): Svg {
  const [first, ...rest] = points;
  const last = rest.pop();
  if (first === undefined || last === undefined) return "";
  const bows = rest.map((p, i) => {
    const next = rest[i + 1] ?? last;
    const end = i === rest.length - 1 ? last : { x: (p.x + next.x) / 2, y: (p.y + next.y) / 2 };
    return `Q${at(p)} ${at(end)}`;
  });
  return el("path", {
    d: `M${at(first)} ${bows.length === 0 ? `L${at(last)}` : bows.join(" ")}`,
    fill: "none",
    stroke: colours.line,
    "stroke-width": 2,
    "marker-end": "url(#arrow)",
  });
}

/** How an edge ships, on the edge. */
export const pill = (label: string, { x, y }: Point): Svg =>
  label === ""
    ? ""
    : el(
        "g",
        {},
        el("rect", {
          x: x - pillWidth(label) / 2,
          y: y - 11,
          width: pillWidth(label),
          height: 22,
          rx: 11,
          fill: colours.paper,
          stroke: colours.rim,
        }),
        text({ x, y: y + 4.5 }, label, { size: sizes.small, fill: colours.soft, anchor: "middle" }),
      );

function head(graph: JobGraph, width: number): readonly Svg[] {
  const inner = width - 2 * MARGIN;
  const count = `${graph.vertices.length} ${graph.vertices.length === 1 ? "vertex" : "vertices"}`;
  const [slowest] = sources(graph);
  const cause = slowest === undefined ? null : `Back-pressure starts at ${slowest.name}`;
  const when = `${graph.state} · ${count} · ${clock(graph.at)} UTC`;
  const bold = { size: sizes.text, weight: "bold", fill: colours.ink } as const;
  return [
    text({ x: MARGIN, y: 34 }, fitted(graph.job, inner, { size: sizes.title, weight: "bold" }), {
      ...bold,
      size: sizes.title,
    }),
    text({ x: MARGIN, y: 57 }, fitted(when, inner, { size: sizes.text }), {
      size: sizes.text,
      fill: colours.soft,
    }),
    ...(cause === null
      ? []
      : [
          text({ x: MARGIN, y: 57 + LINE }, fitted(cause, inner, { size: sizes.text, weight: "bold" }), bold),
        ]),
  ];
}

function legend(y: number): readonly Svg[] {
  const entries = [
    ["busy", colours.busy],
    ["back-pressured", "url(#pressed)"],
    ["idle", colours.faint],
  ] as const;
  let x = MARGIN;
  return entries.flatMap(([words, fill]) => {
    const left = x;
    x += 26 + widthOf(words, sizes.small) + 20;
    return [
      el("rect", {
        x: left,
        y: y - 11,
        width: 20,
        height: 13,
        fill,
        stroke: colours.soft,
        "stroke-width": 1,
      }),
      text({ x: left + 26, y }, words, { size: sizes.small, fill: colours.soft }),
    ];
  });
}
