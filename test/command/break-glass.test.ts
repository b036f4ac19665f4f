import { describe, expect, test } from "vitest";
import { becoming } from "../../src/command/becoming.ts";
import { commonOf } from "../../src/command/argument-spec.ts";
import { parse } from "../../src/command/parse.ts";
import { type Parsed, parseArgs } from "../../src/command/validate.ts";
import { plain } from "../../src/model/text.ts";
import { operations } from "../../src/operations/index.ts";
import { cancel } from "../../src/operations/cancel/cancel.ts";

const SAY_WHY = 'Say why: --break-glass "<reason>".';

const problem = (parsed: Parsed): string =>
  parsed.is === "problem" ? plain(parsed.refusal.refuse) : "no problem";
const common = (parsed: Parsed) => (parsed.is === "parsed" ? parsed.common : problem(parsed));

describe("--break-glass", () => {
  test.each(['cancel orders --break-glass "pager, 3 of 4"', "cancel orders —break-glass=“pager, 3 of 4”"])(
    "%s has its reason",
    (text) => {
      expect(common(parse(text, operations))).toMatchObject({ breakGlass: true, reason: "pager, 3 of 4" });
    },
  );

  test("is not given by a reason alone", () => {
    expect(common(parse('cancel orders --reason "pager"', operations))).toMatchObject({
      breakGlass: null,
      reason: "pager",
    });
  });

  test.each([
    ["no reason", "cancel orders --break-glass", SAY_WHY],
    ["a flag instead of it", "cancel orders --break-glass --dry-run", SAY_WHY],
    ["an empty reason", 'cancel orders --break-glass " "', SAY_WHY],
    [
      "two reasons",
      "cancel orders --break-glass a --reason b",
      "--break-glass has the reason already: leave --reason out.",
    ],
    ["itself twice", "cancel orders --break-glass a --break-glass b", "--break-glass is given twice."],
    [
      "a long reason",
      `cancel orders --break-glass "${"x".repeat(501)}"`,
      "--break-glass has at most 500 characters, this one has 501.",
    ],
    ["a secret", "cancel orders --break-glass password=hunter2", "password=*** looks like a secret"],
    [
      "all jobs",
      "stop --all --cluster prod --break-glass a",
      "--break-glass is for one job: name it, and leave --all out.",
    ],
    ["a read", "status orders --break-glass a", "Break-glass is never for status."],
    ["a local answer", "requests --break-glass a", "Break-glass is never for requests."],
    ["a start", "run orders --break-glass a", "Break-glass is never for run."],
    ["another word for it", "resume orders --BREAK-GLASS a", "Break-glass is never for resume."],
    [
      "a start from earlier state",
      "rollback orders --from s3://a/b --break-glass a",
      "Break-glass is never for rollback.",
    ],
    ["the end of a savepoint", "dispose s3://a/b --break-glass a", "Break-glass is never for dispose."],
  ])("says of %s", (_name, text, words) => {
    expect(problem(parse(text, operations))).toContain(words);
  });

  test("is kept where one operation becomes another", () => {
    const asked = becoming(
      parse("scale orders 4 --via-savepoint --break-glass pager", operations),
      operations,
      "/flink",
    );
    expect(asked).toMatchObject({
      operation: { name: "restart" },
      common: { breakGlass: true, reason: "pager" },
    });
  });

  test("is the same from a button, with its reason", () => {
    const stored = { job: "orders", breakGlass: true, reason: "pager" };
    const once = parseArgs(cancel, stored);
    expect(common(once)).toMatchObject({ breakGlass: true, reason: "pager" });
    if (once.is !== "parsed") throw new Error(problem(once));
    expect(parseArgs(cancel, { ...once.args, ...once.common })).toEqual(once);
    expect(problem(parseArgs(cancel, { ...stored, reason: null }))).toBe(SAY_WHY);
    expect(problem(parseArgs(cancel, { ...stored, breakGlass: 1, reason: null }))).toBe(
      "--break-glass is text.",
    );
    expect(common(parseArgs(cancel, { job: "orders", breakGlass: false }))).toMatchObject({
      breakGlass: null,
    });
  });
});

test("the operations that take --break-glass", () => {
  const taking = operations.filter((one) => commonOf(one).some((a) => a.key === "breakGlass"));
  expect(taking.map((one) => one.name)).toEqual([
    "scale",
    "savepoint",
    "checkpoint",
    "stop",
    "cancel",
    "rehearse",
    "restart",
    "rehearsed-restart",
    "savepoint-all",
    "stop-all",
  ]);
});
