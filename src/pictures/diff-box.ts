import { tagAt } from "./box.ts";
import type { DiffBox } from "./diff-rows.ts";
import type { DiffVertex } from "../model/picture.ts";
import { el, type Svg, text, wrapped } from "./svg.ts";
import { colours, sizes } from "./theme.ts";

/** Width of a box, px: two of them next to each other must be legible on a phone. */
export const DIFF_BOX = 222;
const PAD = 12;
const LINE = 20;
const TAG = 22;
/** Lines of one note. */
const MOST_LINES = 3;

type Change = DiffVertex["change"];

interface Tone {
  tag: string | null;
  fill: string;
  stroke: string;
  width: number;
  /** What is removed has a broken outline, so that its color alone does not say so. */
  dash?: string;
}

const TONES: Readonly<Record<Change, Tone>> = {
  same: { tag: null, fill: "#f7f9fb", stroke: colours.line, width: 1.5 },
  added: { tag: "ADDED", fill: colours.addedTint, stroke: colours.added, width: 3 },
  removed: { tag: "REMOVED", fill: colours.badTint, stroke: colours.bad, width: 3, dash: "9 5" },
  changed: { tag: "CHANGED", fill: colours.busyTint, stroke: colours.busyInk, width: 3 },
};

/** The words in a box, also used in the picture's description. */
export interface DiffBoxWords {
  name: string;
  notes: readonly string[];
}

export function diffBoxWords({ vertices }: DiffBox): DiffBoxWords {
  const [one] = vertices;
  if (vertices.length === 1 && one !== undefined) return { name: one.name, notes: one.notes };
  const counted = (["added", "removed", "changed"] as const)
    .map((change) => ({ change, n: vertices.filter((v) => v.change === change).length }))
    .filter(({ n }) => n > 0)
    .map(({ change, n }) => `${n} ${change}`);
  const name = `${vertices.length} ${counted.length === 0 ? "unchanged" : "more"} vertices`;
  return counted.length === 0
    ? { name, notes: [vertices.map((v) => v.name).join(", ")] }
    : { name, notes: [counted.join(", ")] };
}

/** The one change that all vertices of a box have, else that some of them change. */
function changeOf({ vertices }: DiffBox): Change {
  const all = new Set(vertices.map((v) => v.change));
  const [only] = all;
  return all.size === 1 && only !== undefined ? only : "changed";
}

/** The text of a box, and the height that it needs. */
export interface DiffCard {
  height: number;
  /** `height`: that of the row, whose two boxes are equally high. */
  at(x: number, y: number, height: number): Svg;
}

export function diffCard(box: DiffBox): DiffCard {
  const words = diffBoxWords(box);
  const tone = TONES[changeOf(box)];
  const room = { width: DIFF_BOX - 2 * PAD, most: MOST_LINES };
  const name = wrapped(words.name, room, { size: sizes.name, weight: "bold" });
  const notes = words.notes.flatMap((note) => wrapped(note, room, { size: sizes.text }));
  const tag = tone.tag === null ? 0 : TAG;
  const width = DIFF_BOX;
  return {
    height: PAD + tag + name.length * (LINE + 1) + notes.length * LINE + PAD - 2,
    at(x, y, height) {
      const sheetOf = { width, height, rx: 8, fill: tone.fill, stroke: tone.stroke };
      let at = y + PAD + tag;
      const next = (by: number): number => (at += by);
      return el(
        "g",
        {},
        box.vertices.length > 1 ? el("rect", { x: x + 6, y: y + 6, ...sheetOf, "stroke-width": 1.5 }) : "",
        el("rect", { x, y, ...sheetOf, "stroke-width": tone.width, "stroke-dasharray": tone.dash }),
        // over the outline, whose gaps would show
        tone.tag === null ? "" : tagAt({ x: x - 1.5, y: y - 1.5, width: width + 3 }, tone.tag, tone),
        ...name.map((line) =>
          text({ x: x + PAD, y: next(LINE + 1) - 4 }, line, {
            size: sizes.name,
            weight: "bold",
            fill: colours.ink,
          }),
        ),
        ...notes.map((line) =>
          text({ x: x + PAD, y: next(LINE) - 3 }, line, { size: sizes.text, fill: colours.ink }),
        ),
      );
    },
  };
}
