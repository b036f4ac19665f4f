import { writeFileSync } from "node:fs";
import { draw } from "../../src/pictures/draw.ts";
import { fontFiles } from "../../src/pictures/font.ts";
import { serve } from "../../src/pictures/serve.ts";

/** What resvg makes of markup that we never write. */
async function render(markup: string): Promise<void> {
  const { renderAsync } = await import("@resvg/resvg-js");
  await renderAsync(`<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">${markup}</svg>`, {
    font: { loadSystemFonts: false, fontFiles: fontFiles() },
  });
}

/** It panics at this size, and a panic aborts the process. */
const ABORTS =
  '<filter id="a" width="1e20" height="1e20"><feGaussianBlur stdDeviation="1e10"/></filter><rect width="50" height="50" filter="url(#a)"/>';
/** One line of this length takes it minutes. */
const HANGS = `<text y="10" font-family="DejaVu Sans">${"a".repeat(1_000_000)}</text>`;

let drawing = 0;

// The drawing process of drawer.test.ts: real, but for jobs with names that ask for trouble.
serve(async (picture) => {
  if (drawing > 0) throw new Error("two pictures at once");
  drawing += 1;
  const [what, file = ""] = picture.job.split(" ");
  if (what === "aborts") await render(ABORTS);
  if (what === "hangs") {
    writeFileSync(file, "");
    await render(HANGS);
  }
  const drawn = await draw(picture);
  drawing -= 1;
  return { ...drawn, alt: JSON.stringify({ pid: process.pid, env: Object.keys(process.env) }) };
});
