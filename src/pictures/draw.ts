import type { Picture } from "../model/picture.ts";
import { altText } from "./alt-text.ts";
import { drawCheckpointHistory } from "./checkpoint-history.ts";
import { FAMILY, fontFiles } from "./font.ts";
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

/** Deterministic. Throws if the picture cannot be drawn, for example on a platform without a resvg binary. */
export async function draw(picture: Picture): Promise<Drawing> {
  const { svg, width, height } =
    picture.kind === "job graph" ? drawJobGraph(picture) : drawCheckpointHistory(picture);
  // imported only here: a platform without a binary still answers as text
  const { renderAsync } = await import("@resvg/resvg-js");
  const image = await renderAsync(svg, {
    font: { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: FAMILY },
    fitTo: { mode: "zoom", value: Math.min(ZOOM, Math.sqrt(MOST_PIXELS / (width * height))) },
    logLevel: "off",
  });
  const kind = picture.kind === "job graph" ? "Job graph" : "Checkpoint history";
  return {
    png: image.asPng(),
    name: `${picture.kind.replace(" ", "-")}.png`,
    title: `${kind} of ${spoken(picture.job)}`,
    alt: altText(picture),
  };
}
