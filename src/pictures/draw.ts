import type { Picture } from "../model/picture.ts";
import { altText } from "./alt-text.ts";
import { drawCheckpointHistory } from "./checkpoint-history.ts";
import { FAMILY, fontFiles } from "./font.ts";
import { drawJobGraph } from "./job-graph.ts";
import { spoken } from "./words.ts";

/** A picture as a file. */
export interface Drawing {
  png: Buffer;
  /** "job-graph.png": nothing foreign in it. */
  name: string;
  /** "Job graph of orders" */
  title: string;
  /** The same in words, at most 1,000 characters. */
  alt: string;
}

/** Twice its own size, for sharp letters, but not more pixels than this. */
const ZOOM = 2;
const MOST_PIXELS = 2_500_000;

/** The same data gives the same bytes. Throws where the picture cannot be drawn, so also where resvg has no binary. */
export async function draw(picture: Picture): Promise<Drawing> {
  const { svg, width, height } =
    picture.kind === "job graph" ? drawJobGraph(picture) : drawCheckpointHistory(picture);
  // only here: a platform without a binary gives its answers in words alone
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
