import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Mutant } from "./mutants.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** All that a history imports. */
const PARTS = ["src", "playground", "test/fakes", "test/simulate"];

/** The files that are changed, and how they read then. Throws where a patch does not fit just once. */
export async function patched({ patches }: Mutant): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const { file, from, to } of patches) {
    const parts = (files.get(file) ?? (await readFile(join(ROOT, file), "utf8"))).split(from);
    if (parts.length !== 2) throw new Error(`${parts.length - 1} places in ${file} read: ${from}`);
    files.set(file, parts.join(to));
  }
  return files;
}

/** The sources with the fault in them, in a folder of their own; its path. */
export async function prepare(mutant: Mutant): Promise<string> {
  const folder = join(ROOT, ".scratch/mutants", mutant.name.replace(/\W+/gu, "-"));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const part of PARTS) await cp(join(ROOT, part), join(folder, part), { recursive: true });
  for (const [file, text] of await patched(mutant)) await writeFile(join(folder, file), text);
  return folder;
}
