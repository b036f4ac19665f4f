import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { aclLine, COMMANDS } from "../../src/redis/acl.ts";
import { readTree } from "../source-tree.ts";

const SCRIPTS = "node_modules/bullmq/dist/esm/scripts";
const allowed = new Set(COMMANDS.map((command) => command.split("|")[0]));

/** The commands that Lua calls in a text. */
const called = (text: string): readonly string[] =>
  [...text.matchAll(/\br?call\(\s*["']([A-Za-z]+)["']/gu)].map(([, name]) => (name ?? "").toLowerCase());

it("has every command of BullMQ's scripts", () => {
  const texts = readdirSync(SCRIPTS)
    .filter((name) => name.endsWith(".js"))
    .map((name) => readFileSync(`${SCRIPTS}/${name}`, "utf8"));
  const commands = new Set(texts.flatMap(called));
  expect(commands.size).toBeGreaterThan(40);
  expect([...commands].filter((command) => !allowed.has(command))).toEqual([]);
});

// what sentinels are asked needs no rights in Redis
it("has every command of our scripts", () => {
  const ours = readTree("src").filter(({ path }) => path !== "src/redis/find-master.ts");
  const commands = new Set(ours.flatMap(({ text }) => called(text)));
  expect(commands.size).toBeGreaterThan(15);
  expect([...commands].filter((command) => !allowed.has(command))).toEqual([]);
});

it("has no command that empties the server, changes it, or shows its keys", () => {
  const dangerous = [
    "flushall",
    "flushdb",
    "keys",
    "config",
    "acl",
    "shutdown",
    "debug",
    "replicaof",
    "script",
    "swapdb",
  ];
  expect(dangerous.filter((command) => allowed.has(command))).toEqual([]);
});

it("is one line, for the keys and channels under the prefix", () => {
  const line = aclLine("{flinkops}");
  expect(line).toMatch(
    /^ACL SETUSER flinkops reset on '>CHANGE-ME' '~\{flinkops\}' '~\{flinkops\}:\*' resetchannels '&\{flinkops\}:\*' -@all \+auth /u,
  );
  expect(line).not.toContain("\n");
});
