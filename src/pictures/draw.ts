import type { Picture } from "../model/picture.ts";
import { altText } from "./alt-text.ts";
import { drawCheckpointHistory } from "./checkpoint-history.ts";
import { FAMILY, fontFiles } from "./font.ts";
import { drawGraphDiff } from "./graph-diff.ts";
import { drawJobGraph } from "./job-graph.ts";
import { spoken } from "./words.ts";

/** A picture as a file. */
export interface Drawing {
  png: Buffer;
  /** "job-graph.png"; contains no outside text. */
  name: string;
  /** "Job graph of orders" */
  title: string;
  /** The picture as text, at most 1,000 characters. */
  alt: string;
}

/** The image has twice the picture's size for sharp text, up to this many pixels. */
const ZOOM = 2;
const MOST_PIXELS = 2_500_000;
/** Characters of SVG. A graph of 10,000 vertices has 10,000 of them, because it is collapsed before. */
const MOST_SVG = 200_000;

/** Runs in the drawing process (drawer.ts). Deterministic. Throws if the picture cannot be drawn, for example on a platform without a resvg binary. */
export async function draw(picture: Picture): Promise<Drawing> {
  const { svg, width, height } = svgOf(picture);
  if (svg.length > MOST_SVG) throw new RangeError("the picture is too large");
  // imported only here: a platform without a binary still answers as text
  const { renderAsync } = await import("@resvg/resvg-js");
  const image = await renderAsync(svg, {
    font: { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: FAMILY },
    fitTo: { mode: "zoom", value: Math.min(ZOOM, Math.sqrt(MOST_PIXELS / (width * height))) },
    logLevel: "off",
  });
  return {
    png: image.asPng(),
    name: `${picture.kind.replace(" ", "-")}.png`,
    title: `${TITLES[picture.kind]} of ${spoken(picture.job)}`,
    alt: altText(picture),
  };
}

const TITLES: Readonly<Record<Picture["kind"], string>> = {
  "job graph": "Job graph",
  "checkpoint history": "Checkpoint history",
  "graph diff": "Graph comparison",
};

function svgOf(picture: Picture): { svg: string; width: number; height: number } {
  switch (picture.kind) {
    case "job graph":
      return drawJobGraph(picture);
    case "checkpoint history":
      return drawCheckpointHistory(picture);
    case "graph diff":
      return drawGraphDiff(picture);
  }
}
