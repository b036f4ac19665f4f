import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { withValues } from "../../scripts/chart-readme.ts";
import { valuesJsonSchema } from "../../scripts/chart-values.ts";
import { configJsonSchema, policyJsonSchema } from "../../src/config/json-schema.ts";
import { operations } from "../../src/operations/index.ts";
import { askable, changeNames } from "../../src/policy/askable.ts";

const CHART = "deploy/helm/flinkops";
const read = (path: string): string => readFileSync(path, "utf8");

it("has the version of the program", () => {
  const { version }: { version: string } = JSON.parse(read("package.json"));
  expect(parse(read(`${CHART}/Chart.yaml`))).toMatchObject({ version, appVersion: version });
});

it("has the schema of its values (npm run generate)", () => {
  const schema = valuesJsonSchema({
    config: configJsonSchema(changeNames(askable(operations))),
    policy: policyJsonSchema(),
  });
  expect(JSON.parse(read(`${CHART}/values.schema.json`))).toEqual(JSON.parse(JSON.stringify(schema)));
});

it("has a schema that knows every value, and no other", () => {
  const { properties } = z
    .object({ properties: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(read(`${CHART}/values.schema.json`)));
  const values = Object.keys(parse(read(`${CHART}/values.yaml`)) as object);
  expect([...values, "global"].sort()).toEqual(Object.keys(properties).sort());
});

it("explains every value in its README (npm run generate)", () => {
  const readme = read(`${CHART}/README.md`);
  expect(withValues(readme, read(`${CHART}/values.yaml`))).toBe(readme);
  expect(readme).toContain("| `bot.replicas` | `2` | two, because Slack closes");
});

it("demands a comment for each value", () => {
  const readme = "a\n<!-- values: npm run generate -->\n<!-- end of values -->\nb";
  expect(() => withValues(readme, "# one\na: 1\nb: 2\n")).toThrow("values.yaml: b needs a comment");
  expect(withValues(readme, "# for all\n\n# one\na: 1\nb:\n  # two\n  # lines\n  c: [x]\n")).toContain(
    '| `a` | `1` | one |\n| `b.c` | `["x"]` | two lines |\n',
  );
});

it("sends no values of the tests along", () => {
  expect(read(`${CHART}/.helmignore`).split("\n")).toContain("ci/");
  expect(readdirSync(`${CHART}/ci`).filter((name) => !name.endsWith("-values.yaml"))).toEqual([]);
});
