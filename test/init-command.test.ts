import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseArguments } from "../src/cli-arguments.ts";
import { initCommand, type InitWorld } from "../src/init-command.ts";
import { operations } from "../src/operations/index.ts";
import { isKey } from "../src/platform/seal.ts";
import { isSigningKey } from "../src/platform/signing.ts";
import { askable } from "../src/policy/askable.ts";

const PEOPLE = ["--operate", "S0123456789", "--approve", "S0987654321, U0123456789"];

/** `flinkops init` in a folder. `says`: what somebody answers, where this is a terminal. */
async function init(
  words: readonly string[],
  world: { says?: readonly string[]; there?: readonly string[] } = {},
) {
  const asked = parseArguments(["init", ...words]);
  if (asked.do !== "init") throw new Error(JSON.stringify(asked));
  const files = new Map<string, { text: string; mode: number }>();
  const [printed, complained, questions]: string[][] = [[], [], []];
  const answers = [...(world.says ?? [])];
  const it: InitWorld = {
    operations: askable(operations),
    print: (text) => void printed?.push(text),
    complain: (text) => void complained?.push(text),
    ask:
      world.says === undefined
        ? null
        : async (question) => {
            questions?.push(question);
            return await Promise.resolve(answers.shift() ?? "");
          },
    exists: (path) => world.there?.includes(path) === true,
    create: (path, text, mode) => void files.set(path, { text, mode }),
    installed: { command: "npx flinkops", manifest: "node_modules/flinkops/manifest.yml" },
  };
  const code = await initCommand(asked, it);
  const read = (path: string): unknown => parse(files.get(path)?.text ?? "null");
  return { code, files, read, printed: printed?.join("\n"), complained: complained?.join("\n"), questions };
}

/** The environment that it writes. */
const env = async (): Promise<Record<string, string>> => {
  const { files } = await init(PEOPLE);
  const lines = (files.get(".env")?.text ?? "").split("\n").filter((line) => /^\w+=/u.test(line));
  return Object.fromEntries(lines.map((line) => line.split("=", 2)));
};

describe("flinkops init", () => {
  it("writes a configuration, a policy with tests, and an environment that only its owner reads", async () => {
    const { code, files, read, printed } = await init(["new", "--cluster", "orders", ...PEOPLE]);
    expect(code).toBe(0);
    expect([...files.keys()]).toEqual(["new/config.yml", "new/policy.yml", "new/.env"]);
    expect(read("new/config.yml")).toMatchObject({
      clusters: { orders: { url: "http://127.0.0.1:8081", changes: true } },
      policy: "policy.yml",
    });
    expect(read("new/policy.yml")).toMatchObject({
      people: {
        operators: { groups: ["S0123456789"] },
        approvers: { groups: ["S0987654321"], users: ["U0123456789"] },
      },
    });
    expect(files.get("new/.env")?.mode).toBe(0o600);
    expect(printed).toContain("*From a manifest*: node_modules/flinkops/manifest.yml");
    expect(printed).toContain("set -a; . ./new/.env; set +a");
    expect(printed).toContain("npx flinkops check --config new/config.yml");
  });

  it("makes keys that flinkops takes, new ones each time", async () => {
    const [one, other] = [await env(), await env()];
    expect(isKey(one["FLINKOPS_SEAL_KEY"] ?? "")).toBe(true);
    expect(isSigningKey(one["FLINKOPS_AUDIT_KEY"] ?? "")).toBe(true);
    expect(one["FLINKOPS_SEAL_KEY"]).not.toBe(other["FLINKOPS_SEAL_KEY"]);
    expect(one["FLINKOPS_AUDIT_KEY"]).not.toBe(other["FLINKOPS_AUDIT_KEY"]);
  });

  it("is read-only where nobody is named who may change jobs, and says so", async () => {
    const { code, files, read, printed } = await init([]);
    expect(code).toBe(0);
    expect([...files.keys()]).toEqual(["config.yml", ".env"]);
    expect(read("config.yml")).toMatchObject({ clusters: { prod: { changes: false } } });
    expect(printed).toContain("Nobody may change jobs");
  });

  it("asks what the flags do not say, with what it would take", async () => {
    const says = ["", "redis://cache:6379", "S0123456789", "S0987654321"];
    const { files, read, questions } = await init(["--url", "https://flink.example.com/a"], { says });
    expect(questions).toHaveLength(4);
    expect(questions?.[0]).toBe("What people call this cluster [prod]: ");
    expect(read("config.yml")).toMatchObject({ clusters: { prod: { url: "https://flink.example.com/a" } } });
    expect(files.get(".env")?.text).toContain("REDIS_URL='redis://cache:6379'");
  });

  it("does not ask who approves where nobody may change anything", async () => {
    const { questions } = await init([], { says: ["", "", "", ""] });
    expect(questions).toHaveLength(4);
    expect(questions?.at(-1)).toContain("Who may change jobs");
  });

  it.each<[string, readonly string[], string]>([
    ["an address that is none", ["--url", "nonsense"], "clusters.prod.url: must be Flink's REST address"],
    ["a Redis that is none", ["--redis", "nonsense"], "redis"],
    ["a name that is no id", ["--operate", "ops", "--approve", "U0123456789"], "must be a user group id"],
    ["changes without approvers", ["--operate", "S0123456789"], "names nobody"],
  ])("writes nothing for %s, and says what is wrong", async (_, words, problem) => {
    const { code, files, complained } = await init(words);
    expect([code, files.size]).toEqual([1, 0]);
    expect(complained).toMatch(/^Nothing was written:\n- /u);
    expect(complained).toContain(problem);
  });

  it("overwrites nothing", async () => {
    const { code, files, complained } = await init(["a", ...PEOPLE], { there: ["a/.env"] });
    expect([code, files.size]).toEqual([1, 0]);
    expect(complained).toContain("a/.env: already there; nothing was written.");
  });

  it("takes one folder at most", () => {
    expect(parseArguments(["init", "a", "b"])).toEqual({
      do: "usage",
      problem: "init: name one folder at most",
    });
  });
});
