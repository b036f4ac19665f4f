import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parse } from "../../src/command/parse.ts";
import { type Args, type Parsed, parseArgs } from "../../src/command/validate.ts";
import { operations } from "../../src/operations/index.ts";
import { defineLocal, defineRead, isTyped, type Operation } from "../../src/model/operation.ts";
import type { Refusal } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import { savepoint } from "../../src/operations/savepoint.ts";

const help = defineLocal({
  kind: "local",
  name: "help",
  summary: "Help",
  examples: ["help"],
  args: z.strictObject({ operation: z.string().optional() }),
  positionals: ["operation"],
  class: "view",
  find: () => ({ find: "none" }),
  answer: async () => ({ refuse: "" }),
});
/** One of each kind of argument. */
const look = defineRead({
  kind: "read",
  name: "look",
  summary: "Look",
  examples: ["look orders 8"],
  args: z.strictObject({
    job: z.string().min(1).max(20).describe("the job"),
    parallelism: z.number().int().min(1).max(32_768).describe("how many"),
    vertex: z.array(z.string()).max(2).default([]).describe("only these"),
    deep: z.boolean().default(false).describe("deeper"),
    keepTrace: z.boolean().default(false).describe("keep"),
    format: z.enum(["canonical", "native"]).default("canonical").describe("format"),
    note: z.string().optional().describe("a note"),
  }),
  positionals: ["job", "parallelism"],
  class: "view",
  find: (args) => ({ find: "job", job: args.job }),
  read: async () => ({ refuse: "" }),
});
/** A list as its last positional. */
const pick = defineRead({
  kind: "read",
  name: "pick",
  summary: "Pick",
  examples: ["pick orders a b"],
  args: z.strictObject({
    job: z.string().describe("the job"),
    names: z.array(z.string()).max(3).default([]).describe("these"),
    deep: z.boolean().default(false).describe("deeper"),
  }),
  positionals: ["job", "names"],
  class: "view",
  find: (args) => ({ find: "job", job: args.job }),
  read: async () => ({ refuse: "" }),
});
const rows: readonly Operation[] = [help, look, pick, savepoint];

const args = (parsed: Parsed): Args => (parsed.is === "parsed" ? parsed.args : {});
const words = (refusal: Refusal): string =>
  [refusal.refuse, ...(refusal.instead ?? [])].map(plain).join("\n");
const problem = (parsed: Parsed): string => (parsed.is === "problem" ? words(parsed.refusal) : "no problem");

const PARSED: readonly (readonly [text: string, some: Args])[] = [
  ["look orders 8", { job: "orders", parallelism: 8 }],
  ["LOOK orders 8", { job: "orders" }],
  ["look orders 08", { parallelism: 8 }],
  ["look --deep orders 8", { deep: true }],
  ["look orders --DEEP 8", { deep: true, parallelism: 8 }],
  ["look orders 8 --deep=false", { deep: false }],
  ["look orders 8 —deep", { deep: true }],
  ["look orders 8 --keep-trace", { keepTrace: true }],
  ["look orders 8 --vertex a --vertex=b", { vertex: ["a", "b"] }],
  ["look orders 8 --vertex “Window sum”", { vertex: ["Window sum"] }],
  ["look orders 8 --format NATIVE", { format: "native" }],
  ['look "--deep" 8', { job: "--deep", deep: false }],
  ["look orders 8 --note -1", { note: "-1" }],
  ['look orders 8 --note "--deep"', { note: "--deep", deep: false }],
  ["look prod/orders 8", { job: "prod/orders" }],
  ["look a&amp;b 8", { job: "a&b" }],
  ["pick orders", { job: "orders", names: [] }],
  ["pick orders a", { job: "orders", names: ["a"] }],
  ["pick orders a b c", { job: "orders", names: ["a", "b", "c"] }],
  ["pick --deep orders a --cluster prod b", { job: "orders", names: ["a", "b"], deep: true }],
  ['pick orders a "b c"', { names: ["a", "b c"] }],
  ["pick orders --names a --names=b", { job: "orders", names: ["a", "b"] }],
  ["pick orders a --names b c", { names: ["a", "b", "c"] }],
];

test.each(PARSED)("reads %s", (text, some) => {
  const parsed = parse(text, rows);
  expect(problem(parsed)).toBe("no problem");
  expect(args(parsed)).toMatchObject(some);
});

test.each([
  ["", {}],
  ["   ", {}],
  ["--help", {}],
  ["?", {}],
  ["look --help", { operation: "look" }],
])("%s is help", (text, expected) => {
  const parsed = parse(text, rows);
  expect(parsed).toMatchObject({ is: "parsed", operation: { name: "help" } });
  expect(args(parsed)).toEqual(expected);
});

describe("bad parallelism", () => {
  test.each(["0", "-1", "−1", "1.5", "1e9", "four", "8x", "40000", "0x8", "NaN", "Infinity", "9".repeat(30)])(
    "%s gets what is allowed",
    (text) => {
      const said = problem(parse(`look orders ${text}`, rows));
      expect(said).toContain("<parallelism> must be a whole number from 1 to 32768, not ");
      expect(said).toContain("Usage: /flink look <job> <parallelism>");
      expect(said).toContain("For example: /flink look orders 8");
    },
  );
});

test.each([
  ["an unknown operation", "lok orders 8", "Did you mean /flink look orders 8?"],
  ["nothing like it", "frobnicate", "The operations are: help, look, pick, savepoint."],
  ["a missing argument", "look", "<job> is missing: the job."],
  ["the second one missing", "look orders", "<parallelism> is missing: how many."],
  ["a name with a space", "look my orders 8", "8 is one word too many."],
  ["a word too many at the end", "look orders 8 9", "9 is one word too many."],
  ["quotes for spaces", "look orders 8 9", "in quotes"],
  ["the operation after the job", "orders LOOK 8", "Did you mean /flink look orders 8?"],
  ["an unknown flag", "look orders 8 --dep", "look takes no --dep."],
  ["the flag that was meant", "look orders 8 --dep", "Did you mean --deep?"],
  ["one dash", "look orders 8 -deep", "Did you mean --deep?"],
  ["a flag without value", "look orders 8 --note", "--note needs a value: a note."],
  ["a flag instead of the value", "look orders 8 --note --deep", "--note needs a value"],
  ["a switch with a value", "look orders 8 --deep=yes", "--deep takes no value."],
  ["a flag twice", "look orders 8 --note a --note b", "--note is given twice."],
  ["a bad choice", "look orders 8 --format fast", "--format must be canonical or native, not fast."],
  ["too many values", "look o 8 --vertex a --vertex b --vertex c", "--vertex has at most 2 values."],
  ["too many words of a list", "pick o a b c d", "<names> has at most 3 values."],
  ["how a list is written", "pick", "Usage: /flink pick <job> [names]... [--deep]"],
  ["the list that was meant", "pick o --name a", "Did you mean --names?"],
  ["a long text", `look ${"x".repeat(21)} 8`, "<job> has at most 20 characters."],
  ["an empty text", 'look "" 8', "<job> is empty: the job."],
  ["a common flag that is not taken", "look orders 8 --reason x", "look takes no --reason."],
  ["an open quote", 'look "orders 8', "not closed"],
  ["a long reason", `savepoint o --reason "${"x".repeat(501)}"`, "--reason has at most 500 characters"],
  ["an empty reason", 'savepoint o --reason " "', "--reason is empty."],
  ["a direction override", "look or\u202eders 8", "U+202E"],
])("says of %s", (_name, text, expected) => {
  expect(problem(parse(text, rows))).toContain(expected);
});

test.each([
  ["an empty operation", '"" orders', "The operation is empty."],
  ["a reason without its flag", "scale orders 4 at night --vertex x", 'Did you mean --reason "at night"?'],
  ["the same in the place of a directory", "stop orders please", 'Did you mean --reason "please"?'],
  ["a quote in a reason without its flag", "scale orders 4 'a \"b'", '--reason "a \\"b"'],
  ["an empty value", 'scale orders 8 --vertex ""', "--vertex is empty"],
  [
    "a short id",
    "withdraw zzz",
    "zzz is too short: the request's id, as its card shows it, at least 6 characters.",
  ],
  ["an id of nothing", 'withdraw " "', "<request> is empty"],
  ["a cluster and no job", "status demo/", "There is no job name after the slash."],
  ["the same where it need not run", "run demo/", "There is no job name after the slash."],
  ["the same of its states", "savepoints demo/", "There is no job name after the slash."],
  ["the same of its requests", "requests --job demo/", "There is no job name after the slash."],
  ["a slash", "stop /", "There is no job name after the slash."],
])("says of %s, in its own operation", (_name, text, expected) => {
  expect(problem(parse(text, operations))).toContain(expected);
});

describe("a secret is not accepted, and not said back", () => {
  test.each([
    ["run orders --arg=--db-password --arg hunter2", "--db-password looks like a secret"],
    ["run orders --arg=--db-password=hunter2", "--db-password=*** looks like a secret"],
    ["run orders --arg=-Dpassword=hunter2", "-Dpassword=*** looks like a secret"],
    ['savepoint orders --reason "password=hunter2"', "password=*** looks like a secret"],
    ["savepoint orders s3://key:hunter2@bucket/sp", "s3://***@bucket/sp looks like a secret"],
    ["run orders --from s3://key:hunter2@bucket/sp", "s3://***@bucket/sp looks like a secret"],
    ["status token=hunter2", "token=*** looks like a secret"],
  ])("%s", (text, expected) => {
    const said = problem(parse(text, operations));
    expect(said).toContain(expected);
    expect(said).toContain("Nothing was accepted.");
    expect(said).not.toContain("hunter2");
    expect(said.includes("catalog")).toBe(text.includes("--arg"));
  });

  test("also not from a button", () => {
    const run = operations.find((row) => row.name === "run");
    if (run === undefined) throw new Error("no run");
    const said = problem(parseArgs(run, { job: "orders", arg: ["--api-key", "hunter2"] }));
    expect(said).toContain("--api-key looks like a secret");
  });

  test.each([
    "run orders --arg=--topic --arg orders",
    "run orders --arg=--db-password --arg ${DB_PASSWORD}",
    "run orders --arg=--token-ttl --arg 5m",
    'savepoint orders --reason "before the password reset"',
    'savepoint orders --reason "rotate the API key, see OPS-12"',
    "savepoint orders s3://bucket/savepoints/r212ef36c4d5e6f708192a3b4c5d6e7f",
  ])("but this is none: %s", (text) => {
    expect(problem(parse(text, operations))).toBe("no problem");
  });
});

test.each([
  ["orders", { operation: { name: "status" }, args: { job: "orders" } }],
  ["prod/orders", { args: { job: "prod/orders" } }],
  ["orders --post", undefined],
  ["stat", { args: { job: "stat" } }],
])("%s may be a job's name", (text, bare) => {
  const parsed = parse(text, operations);
  if (parsed.is !== "problem") throw new Error("not a problem");
  expect(words(parsed.refusal)).toContain("There is no operation");
  if (bare === undefined) expect(parsed.bare).toBeUndefined();
  else expect(parsed.bare).toMatchObject(bare);
});

test("uses the command as it is installed", () => {
  expect(problem(parse("look", rows, "/flink-staging"))).toContain("Usage: /flink-staging look <job>");
});

test("common words are kept apart", () => {
  expect(parse('savepoint orders --cluster prod --reason "a &amp; b"', rows)).toMatchObject({
    is: "parsed",
    args: { job: "orders", format: "canonical" },
    common: { cluster: "prod", reason: "a & b" },
  });
});

test("a row's own cluster is the common one as well", () => {
  expect(parse("list --cluster prod", operations)).toMatchObject({
    args: { cluster: "prod" },
    common: { cluster: "prod", reason: null },
  });
});

describe("parse(parse(x)) = parse(x)", () => {
  const texts = [
    ...PARSED.map(([text]) => text),
    'savepoint orders s3://b/c --format native --cluster prod --reason "why not"',
  ];
  test.each(texts)("%s", (text) => {
    const once = parse(text, rows);
    if (once.is !== "parsed") throw new Error(problem(once));
    const json = JSON.parse(JSON.stringify({ ...once.args, ...once.common })) as Args;
    expect(parseArgs(once.operation, json)).toEqual(once);
  });
});

test.each([
  ["a strange key", { job: "o", parallelism: 1, admin: true }, "look takes no admin."],
  ["a wrong type", { job: 5, parallelism: 1 }, "<job>"],
  ["a number as text", { job: "o", parallelism: "8" }, "<parallelism> must be a whole number"],
  ["a hidden character", { job: "o\u202e", parallelism: 1 }, "invisible"],
  ["a hidden character in a list", { job: "o", parallelism: 1, vertex: ["\u0000"] }, "invisible"],
  ["an object", { job: { a: 1 }, parallelism: 1 }, "<job>"],
])("stored arguments with %s are refused", (_name, json, expected) => {
  expect(problem(parseArgs(look, json))).toContain(expected);
});

describe("every example of every row parses", () => {
  test.each(operations.filter(isTyped).flatMap((row) => row.examples.map((e) => [e, row.name] as const)))(
    "%s",
    (text, name) => {
      expect(parse(text, operations)).toMatchObject({ is: "parsed", operation: { name } });
    },
  );
});

test("a long text in place of a directory is repeated in part", () => {
  const read = parse(`restart prod/orders "${"=".repeat(1_200)}"`, operations);
  const words = read.is === "problem" ? plain(read.refusal.refuse) : "";
  expect(words).toMatch(/^=+… is not a directory: .* Did you mean --reason "=+…"\?$/u);
  expect(words.length).toBeLessThan(300);
});
