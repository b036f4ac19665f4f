import type { Box } from "./collapse.ts";
import { widthOf } from "./font.ts";
import { colours, sizes } from "./theme.ts";
import { isBusy, isPressed, percent } from "./pressure.ts";
import { el, fitted, type Svg, text, wrapped, type Point } from "./svg.ts";

/** Box width, px, for one, two and three or more boxes per row: the whole picture must be legible on a phone. */
const WIDTHS = [420, 268, 180] as const;
export const boxWidth = (beside: number): number => WIDTHS[Math.min(beside, WIDTHS.length) - 1] ?? WIDTHS[0];
const PAD = 12;
const LINE = 20;
const BAR = 13;

/** The text and size of a box; the graph decides its position. */
export interface Card {
  width: number;
  height: number;
  at(x: number, y: number): Svg;
}

/** Tag of the vertex where back-pressure starts. */
export const SLOWS = "SLOWS THE REST";

/** The text on a box, also used in the picture's description. */
export interface BoxWords {
  name: string;
  tasks: readonly string[];
  load: readonly string[];
  /** The problem, shown in the box's heading; null: none. */
  tag: string | null;
}

const largest = (box: Box, of: "busy" | "backPressured"): number | null => {
  const known = box.vertices.map((v) => v[of]).filter((n) => n !== null);
  return known.length === 0 ? null : Math.max(...known);
};

export function boxWords(box: Box, { isSource }: { isSource: boolean }): BoxWords {
  const [one] = box.vertices;
  const many = box.vertices.length > 1;
  const parallelisms = box.vertices.map((v) => v.parallelism);
  const least = Math.min(...parallelisms);
  const most = Math.max(...parallelisms);
  const running = box.vertices.reduce((sum, v) => sum + v.tasksRunning, 0);
  const finished = box.vertices.reduce((sum, v) => sum + v.tasksFinished, 0);
  const total = box.vertices.reduce((sum, v) => sum + v.tasksTotal, 0);
  const behind = running + finished < total;
  const busy = largest(box, "busy");
  const pressed = largest(box, "backPressured");
  const parallelism = `parallelism ${least === most ? most : `${least} to ${most}`}`;
  const load = [
    ...(busy === null ? [] : [`busy ${percent(busy)}`]),
    ...(pressed === null ? [] : [`back-pressured ${percent(pressed)}`]),
  ];
  return {
    name: many
      ? `${box.vertices.length} vertices: ${box.vertices.map((v) => v.name).join(", ")}`
      : (one?.name ?? ""),
    tasks: [
      parallelism,
      ...(behind ? [`${running} of ${total} run`] : []),
      ...(finished === 0 ? [] : [finished === total ? "finished" : `${finished} finished`]),
    ],
    load: load.length === 0 ? ["load not known"] : load,
    tag: tagOf(box, { isSource, isBehind: behind }),
  };
}

function tagOf(box: Box, { isSource, isBehind }: { isSource: boolean; isBehind: boolean }): string | null {
  if (isBehind) return "NOT ALL RUN";
  if (isSource) return SLOWS;
  if (box.vertices.some(isPressed)) return "BACK-PRESSURED";
  return box.vertices.some(isBusy) ? "BUSY" : null;
}

interface Tone {
  fill: string;
  stroke: string;
  width: number;
}
const CALM: Tone = { fill: "#f7f9fb", stroke: colours.line, width: 1.5 };
const TONES: Readonly<Record<string, Tone>> = {
  "NOT ALL RUN": { fill: colours.badTint, stroke: colours.bad, width: 3 },
  [SLOWS]: { fill: colours.busyTint, stroke: colours.busyInk, width: 4 },
  "BACK-PRESSURED": { fill: colours.pressedTint, stroke: colours.pressed, width: 2.5 },
  BUSY: { fill: colours.busyTint, stroke: colours.busyInk, width: 2.5 },
};

export function boxCard(box: Box, { isSource, width }: { isSource: boolean; width: number }): Card {
  const words = boxWords(box, { isSource });
  const inner = width - 2 * PAD;
  const many = box.vertices.length > 1;
  const narrow = width < boxWidth(2);
  const name = wrapped(
    words.name,
    { width: inner, most: many || narrow ? 3 : 2 },
    { size: sizes.name, weight: "bold" },
  );
  const figures = figuresWithin(words, inner);
  const bar = isKnown(box) ? BAR + 4 : 0;
  const tone = TONES[words.tag ?? ""] ?? CALM;
  const tag = words.tag === null ? 0 : 22;
  const height = PAD + tag + name.length * (LINE + 1) + figures.length * LINE + bar + PAD;
  return {
    width,
    height,
    at(x, y) {
      const left = x + PAD;
      const sheetOf = { width, height, rx: 8, fill: tone.fill, stroke: tone.stroke };
      let at = y + PAD + tag;
      const next = (by: number): number => (at += by);
      return el(
        "g",
        {},
        many ? el("rect", { x: x + 6, y: y + 6, ...sheetOf, "stroke-width": 1.5 }) : "",
        el("rect", { x, y, ...sheetOf, "stroke-width": tone.width }),
        words.tag === null ? "" : tagAt({ x, y, width }, words.tag, tone),
        ...name.map((line) =>
          text({ x: left, y: next(LINE + 1) - 4 }, line, {
            size: sizes.name,
            weight: "bold",
            fill: colours.ink,
          }),
        ),
        ...figures.map((line) =>
          text({ x: left, y: next(LINE) - 3 }, fitted(line, inner, { size: sizes.text }), {
            size: sizes.text,
            fill: colours.ink,
          }),
        ),
        meter({ x: left, y: next(4), width: inner }, box),
      );
    },
  };
}

/** The figures in as few lines as possible without cutting them. */
function figuresWithin({ tasks, load }: BoxWords, inner: number): readonly string[] {
  const ways = [[[...tasks, ...load]], [tasks, load]].map((lines) => lines.map((line) => line.join(" · ")));
  return (
    ways.find((lines) => lines.every((line) => widthOf(line, sizes.text) <= inner)) ?? [...tasks, ...load]
  );
}

/** Whether the load of any vertex is known. */
export const isKnown = (box: Box): boolean =>
  largest(box, "busy") !== null || largest(box, "backPressured") !== null;

/** The heading of a box, in its color. */
export function tagAt(
  { x, y, width }: { x: number; y: number; width: number },
  words: string,
  tone: Pick<Tone, "stroke">,
): Svg {
  return el(
    "g",
    {},
    el("path", {
      d: `M${x} ${y + 24} V${y + 8} A8 8 0 0 1 ${x + 8} ${y} H${x + width - 8} A8 8 0 0 1 ${x + width} ${y + 8} V${y + 24} Z`,
      fill: tone.stroke,
    }),
    text({ x: x + PAD, y: y + 17 }, words, { size: sizes.small, weight: "bold", fill: colours.paper }),
  );
}

/**
 * Busy share from the left, back-pressured from the right. They may belong to different subtasks and exceed 100%
 * together.
 */
function meter({ x, y, width: inner }: Point & { width: number }, box: Box): Svg {
  const busy = largest(box, "busy");
  const pressed = largest(box, "backPressured");
  if (!isKnown(box)) return "";
  const sum = Math.max(1, (busy ?? 0) + (pressed ?? 0));
  const wide = (share: number | null): number => (inner * (share ?? 0)) / sum;
  return el(
    "g",
    {},
    el("rect", { x, y, width: inner, height: BAR, fill: colours.faint }),
    el("rect", { x, y, width: wide(busy), height: BAR, fill: colours.busy }),
    el("rect", { x: x + inner - wide(pressed), y, width: wide(pressed), height: BAR, fill: "url(#pressed)" }),
    el("rect", { x, y, width: inner, height: BAR, fill: "none", stroke: colours.soft, "stroke-width": 1 }),
  );
}
