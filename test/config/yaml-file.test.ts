import { expect, it } from "vitest";
import { parseYaml } from "../../src/config/yaml-file.ts";

const problems = (text: string): readonly { line: number; words: string }[] => {
  const read = parseYaml(text);
  return "problems" in read ? read.problems : [];
};

it("says what is wrong with a line once", () => {
  const all = problems(`{"a": "b"${'"'.repeat(2000)}`);
  expect(all).toContainEqual({ line: 1, words: "not YAML: missing char" });
  expect(new Set(all.map((p) => p.words)).size).toBe(all.length);
});

it("says no more than ten things", () => {
  const lines = Array.from({ length: 300 }, (_, i) => `a${i}: [`);
  expect(problems(lines.join("\n"))).toHaveLength(10);
});
