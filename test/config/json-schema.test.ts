import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { configJsonSchema, policyJsonSchema } from "../../src/config/json-schema.ts";
import { operations } from "../../src/operations/index.ts";
import { askable, changeNames } from "../../src/policy/askable.ts";

const read = (path: string): string => readFileSync(path, "utf8");

it.each([
  ["config", configJsonSchema(changeNames(askable(operations)))],
  ["policy", policyJsonSchema()],
])("schema/%s.json is what the program checks (npm run generate)", (name, schema) => {
  expect(JSON.parse(read(`schema/${name}.json`))).toEqual(JSON.parse(JSON.stringify(schema)));
});

it.each([
  ["config.example.yml", "schema/config.json"],
  ["policy.example.yml", "schema/policy.json"],
])("%s names its schema first, and fits it", (file, schema) => {
  const text = read(file);
  expect(text.split("\n")[0]).toBe(`# yaml-language-server: $schema=./${schema}`);
  const check = z.fromJSONSchema(JSON.parse(read(schema)));
  expect(check.safeParse(parse(text)).error?.issues ?? []).toEqual([]);
  expect(check.safeParse({ ...parse(text), surplus: 1 }).success).toBe(false);
});

it("lets an editor tell a secret in the file from a reference to one", () => {
  const check = z.fromJSONSchema(JSON.parse(read("schema/config.json")));
  const withToken = (botToken: unknown) =>
    check.safeParse({ slack: { botToken }, clusters: { a: { url: { env: "A_URL" } } } }).success;
  expect(withToken({ env: "TOKEN" })).toBe(true);
  expect(withToken("xoxb-1")).toBe(false);
});

it("lets an editor accept both forms of `auth: none`, and no other word", () => {
  const check = z.fromJSONSchema(JSON.parse(read("schema/config.json")));
  const withAuth = (auth: unknown) =>
    check.safeParse({ clusters: { a: { url: "http://a:8081", auth } } }).success;
  expect(["none", { kind: "none" }, "basic"].map(withAuth)).toEqual([true, true, false]);
});
