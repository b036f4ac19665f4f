import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tell } from "../playground/cache.ts";
import { flinkAvailable } from "../playground/flink/assemble.ts";
import { hasProgram } from "../playground/processes.ts";
import { startBrowser } from "../test/e2e/browser.ts";
import { startDemoProcess } from "../test/e2e/demo-process.ts";
import { type Frame, playStory, SIZE } from "./story.ts";

/**
 * `npm run picture`: README's picture, docs/images/demo.webp, of the demo itself on a real Flink in Chromium. An animated
 * lossless WebP, made by libwebp's img2webp: its text stays sharp, and GitHub shows it.
 */
const TARGET = fileURLToPath(new URL("../docs/images/demo.webp", import.meta.url));
/** The demo's first start fetches Flink. */
const START_MS = 600_000;
/** The new version is rolled back when it has not been healthy for 45 s. */
const MOMENT_MS = 180_000;

const hasChromium = (await hasProgram("chromium")) || (await hasProgram("chromium-browser"));
const missing = [
  await flinkAvailable(),
  (await hasProgram("img2webp")) ? null : "img2webp is missing (on Debian: apt-get install webp)",
  hasChromium ? null : "a browser is missing (on Debian: apt-get install chromium)",
].filter((words) => words !== null);
if (missing.length > 0) {
  console.error(`The picture cannot be taken: ${missing.join("; ")}`);
  process.exit(1);
}

async function write(frames: readonly Frame[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "picture-"));
  try {
    const named = frames.map(({ png, ms }, n) => ({ png, ms, file: join(folder, `${n}.png`) }));
    await Promise.all(named.map(async ({ png, file }) => await writeFile(file, png)));
    const each = named.flatMap(({ ms, file }) => ["-lossless", "-m", "6", "-d", String(ms), file]);
    await tell("img2webp", ["-loop", "0", ...each, "-o", TARGET]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const demo = await startDemoProcess();
try {
  const url = await demo.page(START_MS);
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: SIZE, colorScheme: "light", reducedMotion: "reduce" });
    page.setDefaultTimeout(MOMENT_MS);
    await page.goto(url);
    const frames = await playStory(page);
    await write(frames);
    const { size } = await stat(TARGET);
    console.log(`${TARGET}: ${frames.length} frames, ${(size / 1_000_000).toFixed(1)} MB`);
  } finally {
    await browser.close();
  }
} finally {
  await demo.stop();
}
