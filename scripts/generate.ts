import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { docsPage, withOperations, withUsageHint } from "../src/command/usage.ts";
import { configJsonSchema, policyJsonSchema } from "../src/config/json-schema.ts";
import { operations } from "../src/operations/index.ts";
import { askable, changeNames } from "../src/policy/askable.ts";
import { withMetrics } from "../src/telemetry/page.ts";
import { withValues } from "./chart-readme.ts";
import { withFigures } from "./figures.ts";
import { valuesJsonSchema } from "./chart-values.ts";

/**
 * Writes what is derived: from the operations docs/operations.md, README's table of them and the usage hint in manifest.yml;
 * from bench/RESULTS.md what README says of speed; from the instruments the table in docs/metrics.md; from the checks of the files that people write, schema/; for the Helm chart
 * the checks of its values and the table of them.
 */
const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

writeFileSync(at("docs/operations.md"), docsPage(operations, "/flink"));
writeFileSync(at("docs/metrics.md"), withMetrics(readFileSync(at("docs/metrics.md"), "utf8")));
const readme = withOperations(readFileSync(at("README.md"), "utf8"), operations);
const results = existsSync(at("bench/RESULTS.md")) ? readFileSync(at("bench/RESULTS.md"), "utf8") : "";
writeFileSync(at("README.md"), withFigures(readme, results));
if (existsSync(at("manifest.yml"))) {
  const manifest = readFileSync(at("manifest.yml"), "utf8");
  writeFileSync(at("manifest.yml"), withUsageHint(manifest, operations));
}

mkdirSync(at("schema"), { recursive: true });
const files = { config: configJsonSchema(changeNames(askable(operations))), policy: policyJsonSchema() };
const chart = "deploy/helm/flinkops";
for (const [path, schema] of Object.entries({
  "schema/config.json": files.config,
  "schema/policy.json": files.policy,
  [`${chart}/values.schema.json`]: valuesJsonSchema(files),
}))
  writeFileSync(at(path), `${JSON.stringify(schema, null, 2)}\n`);
writeFileSync(
  at(`${chart}/README.md`),
  withValues(
    readFileSync(at(`${chart}/README.md`), "utf8"),
    readFileSync(at(`${chart}/values.yaml`), "utf8"),
  ),
);
