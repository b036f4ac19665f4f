import fc from "fast-check";
import { expect, test } from "vitest";
import { type Argument, argumentsOf } from "../../src/command/argument-spec.ts";
import { parse, quote } from "../../src/command/parse.ts";
import { type Args, type Parsed, parseArgs } from "../../src/command/validate.ts";
import { operations } from "../../src/operations/index.ts";
import { isTyped, type Operation } from "../../src/model/operation.ts";
import type { Json } from "../../src/model/json.ts";
import { plain } from "../../src/model/text.ts";

const rows = operations.filter(isTyped);

/** What people name things with, and what the grammar gives a meaning to. */
const text = fc
  .oneof(
    fc.constantFrom(
      "orders",
      "prod/orders",
      "3f9c0000",
      "Window sum",
      "s3://bucket/sp",
      "last",
      "none",
      "?",
      "-h",
    ),
    fc.string({
      unit: fc.constantFrom(...Array.from("abzAZ019 _./:-=\"'`\\&<>|*~#@!?%,;ßé漢👩")),
      minLength: 1,
      maxLength: 20,
    }),
  )
  .map((s) => s.trim())
  .filter((s) => s !== "");

function valueOf(a: Argument): fc.Arbitrary<Json> {
  switch (a.kind) {
    case "number":
      return fc.integer({ min: a.range?.[0] ?? 1, max: Math.min(a.range?.[1] ?? 9, 40_000) });
    case "switch":
      return fc.boolean();
    case "choice":
      return fc.constantFrom(...a.choices);
    case "many":
      return fc.array(text, { minLength: 1, maxLength: 3 });
    case "text":
      return text;
  }
}

/** Arguments of one operation, whether or not they make sense together. */
const asked: fc.Arbitrary<readonly [Operation, Args]> = fc.constantFrom(...rows).chain((row) =>
  fc
    .record(Object.fromEntries(argumentsOf(row).map((a) => [a.key, valueOf(a)])), {
      requiredKeys: argumentsOf(row).flatMap((a) => (a.required ? [a.key] : [])),
    })
    .map((args): readonly [Operation, Args] => [row, args]),
);

interface Keyboard {
  dash: string;
  quotes: readonly [string, string];
  space: string;
  /** `--flag=value` */
  inline: boolean;
  isLoud: boolean;
}
const PLAIN: Keyboard = { dash: "--", quotes: ['"', '"'], space: " ", inline: false, isLoud: false };
const keyboards: fc.Arbitrary<Keyboard> = fc.record({
  dash: fc.constantFrom("--", "—", "–", "‒-", "−−", "―"),
  quotes: fc.constantFrom<readonly [string, string]>(
    ['"', '"'],
    ["“", "”"],
    ["„", "“"],
    ["«", "»"],
    ["″", "″"],
  ),
  space: fc.constantFrom(" ", "  ", "\u00a0", "\t", "\u2003", "\n"),
  inline: fc.boolean(),
  isLoud: fc.boolean(),
});

const inWords = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));
/** As Slack sends what somebody typed. */
const escaped = (s: string): string =>
  s.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function typed(row: Operation, args: Args, { dash, quotes, space, inline, isLoud }: Keyboard): string {
  const word = (s: string): string =>
    /^[\p{L}\d][\p{L}\d./_]*$/u.test(s) ? s : quotes[0] + s.replaceAll(/["\\]/gu, "\\$&") + quotes[1];
  const spell = (s: string): string => (isLoud ? s.toUpperCase() : s);
  const all = argumentsOf(row).filter((a) => args[a.key] !== undefined && args[a.key] !== null);
  const values = (a: Argument): readonly Json[] => [args[a.key] ?? []].flat();
  const positional = all.filter((a) => a.positional).flatMap((a) => values(a).map((v) => word(inWords(v))));
  const flags = all
    .filter((a) => !a.positional)
    .flatMap((a) =>
      values(a).flatMap((v) => {
        const name = dash + spell(a.flag.slice(2));
        if (a.kind === "switch") return v === true ? [name] : [`${name}=false`];
        return inline ? [`${name}=${word(inWords(v))}`] : [name, word(inWords(v))];
      }),
    );
  return escaped([spell(row.name), ...positional, ...flags].join(space));
}

const said = (parsed: Parsed): string => (parsed.is === "problem" ? plain(parsed.refusal.refuse) : "parsed");
/** Positionals are read in their order: a later one without the one before cannot be typed so. */
const isTypable = (row: Operation, args: Args): boolean => {
  const given = argumentsOf(row)
    .filter((a) => a.positional)
    .map((a) => args[a.key] !== undefined);
  return !given.some((is, i) => is && given.slice(0, i).includes(false));
};

test("what an operation understands is understood the same when it is typed, on any keyboard", () => {
  let compared = 0;
  fc.assert(
    fc.property(asked, keyboards, ([operation, json], keyboard) => {
      const meant = parseArgs(operation, json);
      if (meant.is === "problem" || !isTypable(operation, json)) return;
      compared += 1;
      const { breakGlass, reason, ...common } = meant.common;
      // a reason is typed behind either flag
      const why = breakGlass === true ? { breakGlass: reason } : { reason };
      const args: Args = { ...meant.args, ...common, ...why };
      for (const board of [PLAIN, keyboard]) {
        const line = typed(operation, args, board);
        const read = parse(line, operations);
        expect(read, `${line}: ${said(read)}`).toEqual(meant);
      }
    }),
    { numRuns: 600 },
  );
  expect(compared).toBeGreaterThan(100);
});

test("what is said back as a word to type is that word", () => {
  // one that begins with a dash is said back as the option that it was
  const words = text.filter((word) => !word.startsWith("-"));
  fc.assert(
    fc.property(words, (word) => {
      const read = parse(`status ${escaped(quote(word))}`, operations);
      if (read.is === "parsed")
        expect(read).toMatchObject({ operation: { name: "status" }, args: { job: word } });
      else expect(said(read)).toMatch(/secret|There is no job name after the slash/u);
    }),
    { numRuns: 1000 },
  );
});

test("no text makes it throw, and every problem says something", () => {
  const words = "status scale run --arg -- — - = \" ' ` “ \\ ? -h 8 / prod/orders password=x".split(" ");
  const fromSlack = ["<@U1|x>", "<https://a|b>", "&amp;", "&lt;", "\u0000", "\ud83d", "\u202e", "\n", " "];
  const pieces = fc.constantFrom(...words, ...fromSlack);
  const line = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((all) => all.join("")),
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.constantFrom(...rows.map((r) => r.name)).chain((name) => fc.string().map((s) => `${name} ${s}`)),
  );
  fc.assert(
    fc.property(line, (input) => {
      const read = parse(input, operations);
      expect(said(read).trim()).not.toBe("");
    }),
    { numRuns: 500 },
  );
});

test("no stored arguments make it throw, and what it returns it understands again", () => {
  const json = fc.dictionary(
    fc.constantFrom("job", "reason", "cluster", "post", "arg", "parallelism", "all", "x", "__proto__"),
    fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(text), fc.constant({ a: 1 })),
  );
  fc.assert(
    fc.property(fc.constantFrom(...operations), json, (operation, args) => {
      const once = parseArgs(operation, args);
      if (once.is === "problem") return;
      expect(parseArgs(once.operation, { ...once.args, ...once.common })).toEqual(once);
    }),
    { numRuns: 600 },
  );
});
