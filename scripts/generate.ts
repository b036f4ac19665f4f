import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { docsPage, withOperations, withUsageHint } from "../src/command/usage.ts";
import { operations } from "../src/operations/index.ts";

/** Writes what is derived from the operations: docs/operations.md, README's table of them, the usage hint in manifest.yml. */
const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

writeFileSync(at("docs/operations.md"), docsPage(operations, "/flink"));
writeFileSync(at("README.md"), withOperations(readFileSync(at("README.md"), "utf8"), operations));
if (existsSync(at("manifest.yml"))) {
  const manifest = readFileSync(at("manifest.yml"), "utf8");
  writeFileSync(at("manifest.yml"), withUsageHint(manifest, operations));
}
