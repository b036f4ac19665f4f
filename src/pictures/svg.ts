import { drawable, FAMILY, type Weight, widthOf } from "./font.ts";

/** Markup that is already escaped. Only `el` and `text` produce it. */
export type Svg = string;

type Attributes = Readonly<Record<string, string | number | undefined>>;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};
const escaped = (value: string): string => value.replace(/[&<>"']/gu, (c) => ENTITIES[c] ?? c);

/** Two decimals: precise enough for a pixel, and the same on every machine. */
const shownNumber = (n: number): string => String(Math.round(n * 100) / 100);

export function el(name: string, attributes: Attributes, ...children: readonly Svg[]): Svg {
  const shown = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined
      ? []
      : [` ${key}="${typeof value === "number" ? shownNumber(value) : escaped(value)}"`],
  );
  return children.length === 0
    ? `<${name}${shown.join("")}/>`
    : `<${name}${shown.join("")}>${children.join("")}</${name}>`;
}

export interface Point {
  x: number;
  y: number;
}

export interface Lettering {
  size: number;
  weight?: Weight;
  fill: string;
  anchor?: "start" | "middle" | "end";
}

/** One line of text, escaped, with its baseline at `y`. */
export const text = ({ x, y }: Point, words: string, l: Lettering): Svg =>
  el(
    "text",
    {
      x,
      y,
      "font-family": FAMILY,
      "font-stretch": "condensed",
      "font-size": l.size,
      "font-weight": l.weight ?? "normal",
      fill: l.fill,
      "text-anchor": l.anchor,
    },
    escaped(drawable(words)),
  );

/** As many characters as fit, with an ellipsis for the rest. */
export function fitted(
  words: string,
  width: number,
  { size, weight = "normal" }: Pick<Lettering, "size" | "weight">,
): string {
  const shown = drawable(words);
  if (widthOf(shown, size, weight) <= width) return shown;
  let out = "";
  for (const c of shown) {
    if (widthOf(`${out}${c}…`, size, weight) > width) break;
    out += c;
  }
  return `${out.trimEnd()}…`;
}

/** At most `most` lines, broken at spaces if possible, the last one with an ellipsis. */
export function wrapped(
  words: string,
  { width, most }: { width: number; most: number },
  l: Omit<Lettering, "fill">,
): string[] {
  const lines: string[] = [];
  let rest = drawable(words).trim();
  while (rest !== "" && lines.length < most - 1 && widthOf(rest, l.size, l.weight) > width) {
    const line = firstLine(rest, width, l);
    lines.push(line.trimEnd());
    rest = rest.slice(line.length).trimStart();
  }
  return rest === "" ? lines : [...lines, fitted(rest, width, l)];
}

function firstLine(words: string, width: number, l: Omit<Lettering, "fill">): string {
  let fits = "";
  for (const c of words) {
    if (widthOf(`${fits}${c}`.trimEnd(), l.size, l.weight) > width) break;
    fits += c;
  }
  // names of operators are more often joined by punctuation than by spaces
  const [space, mark] = [fits.lastIndexOf(" "), lastBreak(fits)];
  const end = [space, mark].find((at) => at > fits.length / 3) ?? -1;
  return end >= 0 ? fits.slice(0, end + 1) : fits || (Array.from(words)[0] ?? "");
}

const lastBreak = (words: string): number =>
  Math.max(...["(", "[", ",", "/", "-", "_", ".", ":", "=", "]", ")"].map((mark) => words.lastIndexOf(mark)));
