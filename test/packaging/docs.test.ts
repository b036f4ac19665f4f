import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { withOperations } from "../../src/command/usage.ts";
import { operations } from "../../src/operations/index.ts";
import { readTree } from "../source-tree.ts";

const read = (path: string): string => readFileSync(path, "utf8");
const found = (text: string, pattern: RegExp): string[] => [
  ...new Set([...text.matchAll(pattern)].map((m) => m[1] ?? "")),
];
const tree = (under: string): string[] => readTree(under, [".md"]).map((f) => f.path);
const pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", ...tree("docs")];

describe("pages", () => {
  it.each(pages)("%s links only to what is there", (page) => {
    const links = found(read(page), /\]\((?!https?:)([^)#\s]+)/gu);
    expect(links.filter((to) => !existsSync(normalize(join(dirname(page), to))))).toEqual([]);
  });

  it.each(pages)("%s names only files that are there", (page) => {
    const named = found(read(page), /`((?:src|test|playground|docs|deploy)\/[\w./-]*)`/gu);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  it("run npm scripts that are there", () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(read("package.json"));
    const named = pages.flatMap((page) => found(read(page), /\bnpm run ([a-z0-9:]+)/gu));
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it("show every decision in ARCHITECTURE.md", () => {
    const text = read("ARCHITECTURE.md");
    expect(tree("docs/adr").filter((adr) => !text.includes(`(${adr})`))).toEqual([]);
  });
});

describe("README.md", () => {
  const readme = read("README.md");
  const section = (title: string): string => readme.split(`## ${title}\n`)[1]?.split("\n## ")[0] ?? "";

  it("names the two commands of a newcomer", () => {
    expect(readme).toContain("\nnpm ci && npm run demo\n");
    expect(readme).toContain("\nnpm ci && npm test\n");
  });

  it("has the table of operations as they are (npm run generate)", () => {
    expect(withOperations(readme, operations)).toBe(readme);
    expect(section("Operations")).toContain("| `scale <job> <parallelism>` |");
  });

  it("is short, and says first how far it is", () => {
    expect(readme.split("\n").length).toBeLessThan(140);
    expect(readme.split("\n")[2]).toMatch(/^\*\*Status:\*\* /u);
  });
});

describe("docs/configuration.md", () => {
  const page = read("docs/configuration.md");

  it("names the keys of config.example.yml and no others", () => {
    const example = read("config.example.yml");
    const top = Object.keys(parse(example) as Record<string, unknown>);
    const known = new Set(found(example, /(?:^|[\s{,#])([A-Za-z]+):/gmu));
    const table = page.split("## Secrets")[0] ?? "";
    const all = pages.map(read).join("\n");
    const keys = [
      ...found(table, /`([a-z]+[A-Za-z]*(?:\.[a-z]+[A-Za-z]*)*)`/gu),
      ...found(all, /`((?:deployment|slack|redis|http|people|timings)\.[A-Za-z.]+)`/gu),
    ];
    expect(keys.length).toBeGreaterThan(30);
    expect(keys.flatMap((key) => key.split(".")).filter((part) => !known.has(part))).toEqual([]);
    expect(top.filter((key) => !keys.some((k) => k.split(".")[0] === key))).toEqual([]);
  });

  it("names every variable of .env.example", () => {
    const variables = found(read(".env.example"), /^#?([A-Z_]+)=/gmu);
    expect(variables.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe("docs/runbook.md", () => {
  const runbook = read("docs/runbook.md");
  const source = readTree("src")
    .map((f) => f.text)
    .join("\n");

  it("quotes only what the program says", () => {
    const phrases = found(runbook, /`([a-z]+(?: [a-z]+)+)`/gu);
    expect(phrases.length).toBeGreaterThan(5);
    expect(phrases.filter((words) => !source.includes(words))).toEqual([]);
  });

  it("explains why clicks did not count", () => {
    const votes = found(read("src/requests/steps/vote.ts"), /tell\(\s*"([a-z_]+)"/gu);
    const reviews = found(read("src/requests/steps/review.ts"), /\bno\(\s*"([a-z_]+)"/gu);
    expect(votes.length).toBeGreaterThan(5);
    expect(reviews).toHaveLength(5);
    const rules = [...votes, ...reviews];
    expect(rules.filter((rule) => !runbook.includes(`\`${rule}\``))).toEqual([]);
  });
});
