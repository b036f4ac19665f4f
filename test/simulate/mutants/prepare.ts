import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Mutant } from "./mutants.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** All that a history imports. */
const PARTS = ["src", "playground", "test/simulate"];

/** The text of a file with each patch made. Throws where one does not fit just once. */
export function patched(text: string, patches: readonly { from: string; to: string }[]): string {
  return patches.reduce((now, { from, to }) => {
    const parts = now.split(from);
    if (parts.length !== 2) throw new Error(`${parts.length - 1} places read: ${from}`);
    return parts.join(to);
  }, text);
}

/** The sources with the fault in them, in a folder of their own; its path. */
export async function prepare({ name, patches }: Mutant): Promise<string> {
  const folder = join(ROOT, ".scratch/mutants", name.replace(/\W+/gu, "-"));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const part of PARTS) await cp(join(ROOT, part), join(folder, part), { recursive: true });
  for (const file of new Set(patches.map((p) => p.file))) {
    const path = join(folder, file);
    const fits = patches.filter((p) => p.file === file);
    await writeFile(path, patched(await readFile(path, "utf8"), fits));
  }
  return folder;
}
