import { expect, it } from "vitest";
import { mutants } from "./mutants/mutants.ts";
import { patched } from "./mutants/prepare.ts";

it.each(mutants.map((m) => [m.name, m] as const))("%s: fits the sources as they are", async (_, mutant) => {
  expect((await patched(mutant)).size).toBe(new Set(mutant.patches.map((p) => p.file)).size);
});
