import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { docsPage, withUsageHint } from "../src/command/usage.ts";
import { operations } from "../src/operations/index.ts";

/** Writes what is derived from the rows: docs/operations.md, and the usage hint in manifest.yml. */
const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

writeFileSync(at("docs/operations.md"), docsPage(operations, "/flink"));
if (existsSync(at("manifest.yml"))) {
  const manifest = readFileSync(at("manifest.yml"), "utf8");
  writeFileSync(at("manifest.yml"), withUsageHint(manifest, operations));
}
