import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { problems as ofPolicy } from "./a-policy-file.ts";
import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/model/errors.ts";

const cluster = (more: object = {}) => ({ clusters: { orders: { url: "http://orders:8081", ...more } } });

/** A rule that asks for the approval of a set. */
const asks = (name: string) => ({
  name,
  operations: ["stop"],
  ask: ["operators"],
  approve: [{ from: [name] }],
});

/** What is wrong with a file, as a worker of the zone `east` reads it, or one without a zone. */
function problems(file: object | string): readonly string[] {
  const zone = JSON.stringify(file).includes("zone") ? "east" : null;
  try {
    loadConfig({
      env: { SLACK_BOT_TOKEN: "xoxb-1", REDIS_URL: "redis://r" },
      file: "f.yml",
      roles: { bot: false, worker: { zone } },
      operations: [],
      readFile: () => (typeof file === "string" ? file : stringify(file)),
    });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}

describe("the problems of a file", () => {
  it.each([
    ["an alias without its anchor", "clusters: *a"],
    ["an alias inside of its anchor", "clusters: &a { orders: *a }"],
    [
      "aliases of aliases",
      "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]",
    ],
  ])("say so of %s", (_, file) => {
    const [found = ""] = problems(file);
    expect(found).toMatch(/^- f\.yml, line \d: an alias .*; write its value$/u);
  });

  it.each([
    ["mappings", `clusters:\n a: ${"a: ".repeat(5_000)}1`],
    ["mappings in lists", `clusters:\n${"- - a: ".repeat(1_000)}1`],
    ["indented mappings", Array.from({ length: 5_000 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")],
    ["lists", `clusters:\n ${"[".repeat(20_000)}${"]".repeat(20_000)}`],
  ])("say so of %s in each other that no parser takes", (_, file) => {
    expect(problems(file)).toEqual([expect.stringMatching(/^- f\.yml, line \d+: .*write fewer levels$/u)]);
  });

  it("say nothing of many values that are not in each other", () => {
    const labels = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`a${i}`, "- [ { ? : x"]));
    for (const text of [
      JSON.stringify(labels, null, 1),
      JSON.stringify(labels).replaceAll(":", ": "),
      stringify(labels),
    ])
      expect(problems(text).join()).not.toContain("too deep");
  });

  it("say so of a key that is no text, without a warning that would quote it", () => {
    expect(problems("? [hush]\n: 1")[0]).toBe("- f.yml, line 1: not YAML: non string key");
  });

  it("repeat names in one line each, without secrets", () => {
    const file = { ...cluster(), "": 1, "two\nlines password=hush": 1, ["x".repeat(900)]: 1 };
    const found = problems(file);
    expect(found).toContain('- "": is an unknown key; config.example.yml shows all keys');
    expect(found).toContain(
      "- two<U+000A>lines password=***: is an unknown key; config.example.yml shows all keys",
    );
    expect(found.map((line) => line.length < 400)).toEqual([true, true, true]);
  });

  it("repeat no secret that was written in place of a zone", () => {
    const found = problems(cluster({ zone: "west password=hush" }));
    expect(found.join("\n")).toContain("password=***");
    expect(found.join("\n")).not.toContain("hush");
  });

  it("know no variable and no set of people that JavaScript's own objects have", () => {
    const found = problems({ ...cluster(), slack: { botToken: { env: "constructor" } } });
    expect(found).toContain("- slack.botToken: environment variable constructor is not set");
    const policy = { rules: ["constructor", "toString"].map(asks) };
    expect(ofPolicy(policy).filter((line) => /is not one of the sets/u.test(line))).toHaveLength(2);
  });

  it.each([null, 3, "10m", []])("say so of a section that has no keys: %j", (timings) => {
    expect(problems({ ...cluster(), timings })).toEqual(["- timings: must be a mapping of keys"]);
  });

  it("put a key in quotes whose ends cannot be seen", () => {
    expect(problems({ ...cluster(), " people": {} })[0]).toMatch(/^- " people": is an unknown key/u);
  });
});
