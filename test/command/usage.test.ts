import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { argumentsOf } from "../../src/command/argument-spec.ts";
import { docsPage, usageHint, usageLine, withUsageHint } from "../../src/command/usage.ts";
import { operations } from "../../src/operations/index.ts";

const line = (name: string): string | undefined =>
  operations.filter((r) => r.name === name).map((r) => usageLine(r, "/flink"))[0];

test.each([
  ["help", "/flink help [operation]"],
  ["list", "/flink list [--cluster cluster] [--state state] [--all] [--page page] [--post]"],
  ["status", "/flink status <job> [--cluster cluster] [--post]"],
  [
    "scale",
    '/flink scale <job> <parallelism> [--vertex vertex]... [--via-savepoint] [--wait-for-slots] [--reason "..."] [--dry-run] [--break-glass "..."] [--cluster cluster]',
  ],
  ["metrics", "/flink metrics <job> [vertex] [names]... [--cluster cluster] [--post]"],
  [
    "savepoint",
    '/flink savepoint [job] [directory] [--all] [--match match] [--format canonical|native] [--reason "..."] [--dry-run] [--break-glass "..."] [--cluster cluster]',
  ],
  [
    "stop",
    '/flink stop [job] [directory] [--all] [--match match] [--drain] [--format canonical|native] [--reason "..."] [--dry-run] [--break-glass "..."] [--cluster cluster]',
  ],
  [
    "cancel",
    '/flink cancel <job> [directory] [--with-savepoint] [--format canonical|native] [--reason "..."] [--dry-run] [--break-glass "..."] [--cluster cluster]',
  ],
  ["resume", '/flink resume <job> [--reason "..."] [--dry-run] [--cluster cluster]'],
  [
    "restart",
    '/flink restart <job> [directory] [--parallelism parallelism] [--jar jar] [--format canonical|native] [--rehearse] [--reason "..."] [--dry-run] [--break-glass "..."] [--cluster cluster]',
  ],
  ["dispose", '/flink dispose <savepoint> [--even-last] [--reason "..."] [--dry-run] [--cluster cluster]'],
  ["withdraw", "/flink withdraw <request>"],
  [
    "requests",
    "/flink requests [request] [--mine] [--job job] [--open] [--unreviewed] [--page page] [--post]",
  ],
])("usage of %s", (name, usage) => {
  expect(line(name)).toBe(usage);
});

test("every argument of every row says what it is", () => {
  for (const row of operations)
    for (const a of argumentsOf(row)) expect(a.description, `${row.name} ${a.key}`).not.toBe("");
});

test("a list is the last positional of its row: it takes all words that are left", () => {
  for (const row of operations) {
    const lists = argumentsOf(row).filter((a) => a.positional && a.kind === "many");
    for (const { key } of lists) expect(row.positionals.at(-1), `of ${row.name}`).toBe(key);
  }
});

/**
 * As the first release had them. What is new need not stand here. Where this fails, a name is gone that requests in flight and
 * the audit log hold: keep it, or read the old one as well (`becomes`).
 */
test("names, arguments and phases are persisted, so none of these goes away", () => {
  const gone = PERSISTED.flatMap(([name, args, phases]) => {
    const found = operations.find((o) => o.name === name);
    if (found === undefined) return [name];
    const there = [
      ...Object.keys(found.args.shape),
      ...(found.kind === "change" ? Object.keys(found.phases) : []),
    ];
    return [...words(args), ...words(phases)].filter((w) => !there.includes(w)).map((w) => `${name} ${w}`);
  });
  expect(gone).toEqual([]);
});

const words = (text: string): readonly string[] => text.split(" ").filter((word) => word !== "");

/** Name, arguments, phases. */
const PERSISTED: readonly (readonly [string, string, string])[] = [
  ["help", "operation", ""],
  ["list", "cluster state all page", ""],
  ["status", "job", ""],
  ["diagnose", "job", ""],
  ["checkpoints", "job", ""],
  ["exceptions", "job stack", ""],
  ["metrics", "job vertex names", ""],
  ["savepoints", "job", ""],
  ["clusters", "", ""],
  ["jars", "cluster", ""],
  ["scale", "job parallelism vertex viaSavepoint waitForSlots", "rescale"],
  ["savepoint", "job all match directory format", "savepoint"],
  ["checkpoint", "job full", "checkpoint"],
  ["stop", "job all match directory drain format", "stop verify"],
  ["cancel", "job directory withSavepoint format", "begin cancel"],
  ["resume", "job", ""],
  ["run", "job from parallelism jar allowNonRestoredState entryClass arg", "run newer"],
  ["restart", "job directory parallelism jar format", "stop stopped run cancel back"],
  ["rollback", "job from jar parallelism", "cancel run"],
  ["watch", "job", "watch"],
  ["dispose", "savepoint evenLast", "dispose again"],
  ["withdraw", "request", ""],
  ["requests", "request mine job open page", ""],
  ["savepoint-all", "cluster match format", "begin each"],
  ["stop-all", "cluster match format", "begin each"],
];

test("docs/operations.md is what the rows say (npm run generate)", () => {
  const docs = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
  expect(docs).toBe(docsPage(operations, "/flink"));
});

test("manifest.yml carries the rows' usage hint (npm run generate)", () => {
  const manifest = readFileSync(new URL("../../manifest.yml", import.meta.url), "utf8");
  expect(manifest).toContain(JSON.stringify(usageHint(operations)));
  expect(withUsageHint(manifest, operations)).toBe(manifest);
  expect(usageHint(operations).length).toBeLessThan(1_000);
});
