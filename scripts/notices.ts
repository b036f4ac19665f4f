import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folders of the packages that these files come from, sorted. The paths are esbuild's, relative to the checkout. */
export function packagesOf(inputs: readonly string[]): readonly string[] {
  const folders = inputs.flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/u.exec(path.replaceAll("\\", "/"))?.[0] ?? [],
  );
  return [...new Set(folders)].sort();
}

/** The licenses of the bundled packages as one text: the bundle itself keeps none of their files. */
export function notices(folders: readonly string[]): string {
  return folders.map((folder) => notice(folder)).join(`\n${"-".repeat(80)}\n\n`);
}

function notice(folder: string): string {
  const { name, version, license }: { name?: string; version?: string; license?: unknown } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(?:licen[cs]e|notice|copying)/iu.test(entry.name))
    .map((entry) => `\n${readFileSync(join(folder, entry.name), "utf8").trim()}\n`);
  return `${name} ${version}\nLicense: ${typeof license === "string" ? license : JSON.stringify(license)}\n${texts.join("")}`;
}
