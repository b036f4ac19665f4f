import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readTree } from "../../source-tree.ts";

const SYMBOL = /\p{Emoji_Presentation}|⚠/gu;

it("the page draws every symbol that flinkops writes, because not every machine has a font for them", () => {
  const drawn: readonly string[] =
    readFileSync("playground/slack/page/symbols.js", "utf8").match(SYMBOL) ?? [];
  const written = readTree("src").flatMap(({ text }) => text.match(SYMBOL) ?? []);
  expect(written).toContain("✅");
  expect([...new Set(written)].filter((one) => !drawn.includes(one))).toEqual([]);
});
