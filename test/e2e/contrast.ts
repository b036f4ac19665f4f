import type { Page } from "playwright-core";

/** https://www.w3.org/TR/WCAG21/#contrast-minimum */
export const LEAST_CONTRAST = 4.5;

/** Runs in the page: the contrast of each visible text with what is painted behind it. */
const MEASURE = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const paint = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    const layers = [];
    for (let at = node; at !== null; at = at.parentElement) layers.unshift(getComputedStyle(at).backgroundColor);
    return ["Canvas", ...layers];
  };
  const seen = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text !== null; text = walker.nextNode()) {
    const node = text.parentElement;
    const words = text.textContent.trim();
    if (words === "" || !node.checkVisibility() || node.closest(".unseen, .skip, [aria-hidden=true], .avatar")) continue;
    const under = behind(node);
    const [a, b] = [light(paint([...under, getComputedStyle(node).color])), light(paint(under))];
    seen.push({ words: words.slice(0, 60), contrast: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) });
  }
  return seen;
})()`;

/** Texts that are hard to read, with their contrast; and how many were looked at. */
export async function faintTexts(page: Page): Promise<{ faint: string[]; looked: number }> {
  const seen = await page.evaluate<{ words: string; contrast: number }[]>(MEASURE);
  const faint = seen.filter((one) => one.contrast < LEAST_CONTRAST);
  return { faint: faint.map((one) => `${one.words}: ${one.contrast.toFixed(2)}`), looked: seen.length };
}
