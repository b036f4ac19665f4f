import type { JobGraph } from "../model/picture.ts";
import { boxCard, boxWidth, type Card } from "./box.ts";
import { collapse, type Link, type Plan } from "./collapse.ts";
import { widthOf } from "./font.ts";
import { layered, type Point } from "./layered.ts";
import { sizes } from "./theme.ts";
import { sources } from "./pressure.ts";

/** Space between a box and its edges, px; it also holds the second outline of a box with several vertices. */
const AIR = 6;
/** Size of a picture in a chat, px, about square. The layout that is larger at this size wins. */
const WINDOW = { width: 460, height: 520 } as const;
/** A wider picture, px, has letters too small to read on a phone. */
const WIDEST = 720;
/** Boxes per row, in the order tried. Fewer boxes join more vertices. */
const BESIDE = [3, 2, 1] as const;

export interface Placed {
  width: number;
  height: number;
  cards: readonly { card: Card; x: number; y: number }[];
  links: readonly { link: Link; points: readonly Point[]; label: Point }[];
}

/** The boxes of the graph and their positions: as many boxes as are legible. */
export function placed(graph: JobGraph): { plan: Plan; body: Placed } {
  const slow = new Set(sources(graph).map((v) => v.id));
  const ways = BESIDE.map((beside) => () => {
    const plan = collapse(graph, beside);
    const width = boxWidth(plan.beside);
    const cards = plan.boxes.map((box) => ({
      id: box.id,
      card: boxCard(box, {
        isSource: box.vertices.length === 1 && slow.has(box.vertices[0]?.id ?? ""),
        width,
      }),
    }));
    const [down, along] = [place(cards, plan.links, "TB"), place(cards, plan.links, "LR")];
    return { plan, body: fit(along) > fit(down) ? along : down };
  });
  for (const way of ways) {
    const found = way();
    if (found.body.width <= WIDEST) return found;
  }
  return ways.at(-1)?.() ?? { plan: collapse(graph), body: place([], [], "TB") };
}

const fit = (p: Placed): number => Math.min(WINDOW.width / p.width, WINDOW.height / p.height);

export const pillWidth = (label: string): number => (label === "" ? 0 : widthOf(label, sizes.small) + 16);

function place(
  cards: readonly { id: string; card: Card }[],
  links: readonly Link[],
  direction: "TB" | "LR",
): Placed {
  const laid = layered(
    direction,
    cards.map(({ id, card }) => ({ id, width: card.width + AIR, height: card.height + AIR })),
    links.map(({ from, to, label }) => ({ from, to, label: { width: pillWidth(label) + 6, height: 24 } })),
  );
  return {
    width: laid.width,
    height: laid.height,
    cards: cards.map(({ id, card }) => ({ card, ...(laid.boxes.get(id) ?? { x: 0, y: 0 }) })),
    links: links.flatMap((link, i) => {
      const edge = laid.edges[i];
      return edge === undefined ? [] : [{ link, ...edge }];
    }),
  };
}
