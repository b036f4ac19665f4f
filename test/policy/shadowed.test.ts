import { expect, it } from "vitest";
import { fitsGlob } from "../../src/model/catalog.ts";
import { operations } from "../../src/operations/index.ts";
import { askable, changeNames } from "../../src/policy/askable.ts";
import { compileCondition } from "../../src/policy/condition.ts";
import type { Match, Rule } from "../../src/policy/policy.ts";
import { shadowed } from "../../src/policy/shadowed.ts";

const WHERE = { clusters: ["prod-a", "prod-b", "dev"], askable: askable(operations) };
const rule = (name: string, match: Match, when: string | null = null): Rule => ({
  name,
  match,
  when: when === null ? null : (compileCondition(when).condition ?? null),
  ask: null,
  verdict: { is: "refuse", why: "no" },
});
const found = (...rules: readonly Rule[]) => shadowed(rules, WHERE).map((s) => [s.rule, ...s.by]);

it.each<[string, readonly Rule[], readonly (readonly string[])[]]>([
  ["the same twice", [rule("a", {}), rule("b", {})], [["b", "a"]]],
  ["one with a condition shadows nothing", [rule("a", {}, "change.drain"), rule("b", {})], []],
  ["one with a condition is shadowed", [rule("a", {}), rule("b", {}, "change.drain")], [["b", "a"]]],
  [
    "by its class: stop is always destructive",
    [rule("a", { classes: ["destructive"] }), rule("b", { operations: ["stop"] })],
    [["b", "a"]],
  ],
  [
    "not by its class: scale may be either",
    [rule("a", { classes: ["destructive"] }), rule("b", { operations: ["scale"] })],
    [],
  ],
  [
    "by all clusters, one rule each",
    [
      rule("a", { clusters: ["prod-*"] }),
      rule("b", { clusters: ["dev"] }),
      rule("c", { operations: ["stop"] }),
    ],
    [["c", "a", "b"]],
  ],
  [
    "not where an answer acts on no cluster",
    [rule("a", { clusters: ["*"] }), rule("b", { operations: ["list"] })],
    [],
  ],
  [
    "by a wider pattern of jobs",
    [rule("a", { jobs: ["or*"] }), rule("b", { jobs: ["orders-*"] })],
    [["b", "a"]],
  ],
  ["not by a narrower one", [rule("a", { jobs: ["orders-*"] }), rule("b", { jobs: ["or*"] })], []],
  ["not where there may be no job", [rule("a", { jobs: ["*"] }), rule("b", {})], []],
  ["not by a rule for some channels", [rule("a", { channels: ["C01"] }), rule("b", {})], []],
  [
    "by a rule for more channels",
    [rule("a", { channels: ["C01", "C02"] }), rule("b", { channels: ["C02"] })],
    [["b", "a"]],
  ],
  [
    "no such request: list acts on no cluster",
    [rule("a", { clusters: ["dev"], operations: ["list"] })],
    [["a"]],
  ],
  [
    "no such request: status destroys nothing",
    [rule("a", { classes: ["destructive"], operations: ["status"] })],
    [["a"]],
  ],
])("finds rules that never decide: %s", (_, rules, expected) => {
  expect(found(...rules)).toEqual(expected);
});

it("knows operations by the names that rules use", () => {
  const names = askable(operations).map((one) => one.name);
  expect(names).toEqual(expect.arrayContaining(["stop", "run", "list", "status", "details"]));
  for (const name of ["resume", "stop-all", "savepoint-all"]) expect(names).not.toContain(name);
  expect(askable(operations).find((one) => one.name === "stop")?.classes).toEqual(["destructive"]);
  expect(changeNames(askable(operations))).not.toContain("watch");
});

it("takes a line break in a job's name for any other character, as the rules do", () => {
  expect(fitsGlob("orders\n-eu", "orders*eu")).toBe(true);
  expect(fitsGlob("orders\n", "orders")).toBe(false);
});

it("a pattern with many stars is as quick as one with none", () => {
  const name = "a".repeat(100_000);
  const began = performance.now();
  expect(fitsGlob(name, `${"*a".repeat(20)}b`)).toBe(false);
  expect(fitsGlob(name, "*a".repeat(20))).toBe(true);
  expect(performance.now() - began).toBeLessThan(1_000);
});

it.each([
  ["a", "a*a", false],
  ["aa", "a*a", true],
  ["aXbXc", "a*b*c", true],
  ["acb", "a*b*c", false],
  ["ab", "*ab*b", false],
  ["", "*", true],
  ["", "", true],
  [".x", "?x", false],
])("%j fits %j: %s", (name, glob, is) => {
  expect(fitsGlob(name, glob)).toBe(is);
});
