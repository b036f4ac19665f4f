import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { mutants } from "./mutants/mutants.ts";
import { patched } from "./mutants/prepare.ts";

it.each(mutants.map((m) => [m.name, m] as const))("%s: fits the sources as they are", async (_, mutant) => {
  for (const file of new Set(mutant.patches.map((p) => p.file))) {
    const text = await readFile(new URL(`../../${file}`, import.meta.url), "utf8");
    expect(
      patched(
        text,
        mutant.patches.filter((p) => p.file === file),
      ),
    ).not.toBe(text);
  }
});
