import { isTyped, type Operation } from "../model/operation.ts";
import type { Json } from "../model/json.ts";
import { code, type Text, t } from "../model/text.ts";
import { type Argument, argumentsOf, COMMON } from "./argument-spec.ts";
import { closest } from "./closest.ts";
import { type Parsed, parseArgs, problem, SAY_WHY, short, type Typed, unknownArgument } from "./validate.ts";
import { tokenize, type Word } from "./tokenize.ts";

/**
 * Parses a command without its leading `/flink`. An empty command or `--help` runs the first operation, which is
 * help.
 * Never throws: a problem is returned as a refusal that shows the correct usage.
 */
export function parse(text: string, all: readonly Operation[], command = "/flink"): Parsed {
  const operations = all.filter(isTyped);
  const read = tokenize(text);
  const [help] = operations;
  if (help === undefined) return { is: "problem", refusal: { refuse: "No operations are known." } };
  if (read.is === "problem")
    return problem({ operation: help, command }, `Cannot read this command: ${read.problem}.`);
  const [first, ...rest] = read.words;
  if (first === undefined) return parseArgs(help, {}, command);
  if (first.text.trim() === "") return problem({ operation: help, command }, "The operation is empty.");
  const operation = operations.find((r) => r.name === first.text.toLowerCase());
  if (isHelp(first)) return parseArgs(help, {}, command);
  if (operation === undefined) return unknownOperation(read.words, operations, command);
  const [whole] = operation.positionals;
  if (operation.kind === "local" && operation.takesCommand === true && typeof whole === "string")
    return parseArgs(operation, rest.length === 0 ? {} : { [whole]: lineOf(rest) }, command);
  const named = help.positionals[0];
  if (rest.some(isHelp) && typeof named === "string")
    return parseArgs(help, { [named]: operation.name }, command);
  return assemble(operation, rest, command);
}

const isHelp = (w: Word): boolean => !w.quoted && /^(--help|-h|\?)$/iu.test(w.text);

function unknownOperation(words: readonly Word[], operations: readonly Operation[], command: string): Parsed {
  const [first = { text: "", quoted: false }, ...rest] = words;
  const meant = meanings(first.text, rest, operations);
  const instead: Text[] =
    meant.length === 0
      ? [t`The operations are: ${operations.map((r) => r.name).join(", ")}.`]
      : meant.map((text) => t`Did you mean ${code(`${command} ${short(text)}`.trim())}?`);
  const show = operations.find((o) => o.kind === "read" && o.forBareName === true);
  const [job] = show?.positionals ?? [];
  const bare = show === undefined || rest.length > 0 ? null : parseArgs(show, { [String(job)]: first.text });
  return {
    is: "problem",
    refusal: {
      refuse: t`There is no operation ${code(short(first.text))}.`,
      instead: [...instead, t`${code(`${command} ${operations[0]?.name ?? ""}`)} lists all operations.`],
    },
    ...(bare?.is === "parsed" ? { bare } : {}),
  };
}

/** What could have been meant: the operation after the job (`orders status`), or an operation with a similar name. */
function meanings(word: string, rest: readonly Word[], operations: readonly Operation[]): readonly string[] {
  const names = operations.map((o) => o.name);
  const [second, ...others] = rest;
  const swapped = second === undefined ? undefined : names.find((n) => n === second.text.toLowerCase());
  const typed = (swapped === undefined ? rest : [{ text: word }, ...others])
    .map((w) => quote(w.text))
    .join(" ");
  const found = swapped === undefined ? closest(word, names) : [swapped];
  return found.map((name) => `${name} ${typed}`.trim());
}

/** Quotes a word where the parser needs quotes to read it as one word. */
export const quote = (word: string): string =>
  /^[^\s"'`?-][^\s]*$/u.test(word) || /^-?-?[\p{L}\d][^\s"'`]*$/u.test(word)
    ? word
    : `"${word.replace(/["\\]/gu, "\\$&")}"`;

/** The words as one line that may be typed again. A line that was quoted as a whole is meant without its quotes. */
const lineOf = (words: readonly Word[]): string =>
  words.length === 1 ? words.map((w) => w.text).join("") : words.map(retyped).join(" ");

const retyped = ({ text, quoted }: Word): string => (quoted ? `"${text.replace(/["\\]/gu, "\\$&")}"` : text);

type Taken = { json: Record<string, Json> } | { problem: Parsed };

function assemble(operation: Operation, given: readonly Word[], command: string): Parsed {
  const all = argumentsOf(operation);
  const positionals = all.filter((a) => a.positional);
  const json: Record<string, Json> = {};
  let place = 0;
  for (let i = 0; i < given.length; i += 1) {
    const word = given[i];
    if (word === undefined) break;
    if (word.quoted || !/^-+\p{L}/u.test(word.text)) {
      const argument = positionals[place];
      if (argument === undefined) return surplus(operation, command, given.slice(i));
      if (argument.kind === "many") json[argument.key] = more(json[argument.key], word.text);
      else {
        json[argument.key] = value(argument, word.text);
        place += 1;
      }
      continue;
    }
    const [name, inline] = cut(word.text);
    const argument = all.find((a) => a.flag === name.toLowerCase());
    if (argument === undefined) return unknownArgument(operation, command, name);
    const next = given[i + 1];
    const takesNext = argument.kind !== "switch" && inline === undefined;
    if (takesNext && (next === undefined || isFlag(next)))
      return problem(
        { operation, command },
        argument === COMMON.breakGlass
          ? SAY_WHY
          : t`${code(argument.flag)} needs a value: ${argument.description}.`,
      );
    if (takesNext) i += 1;
    const typed = { argument, text: inline ?? next?.text ?? "", isInline: inline !== undefined };
    const taken = take({ operation, command }, typed, json);
    if ("problem" in taken) return taken.problem;
  }
  return parseArgs(operation, json, command);
}

const isFlag = (w: Word): boolean => !w.quoted && /^--\p{L}/u.test(w.text);

function cut(word: string): readonly [name: string, value: string | undefined] {
  const at = word.indexOf("=");
  return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function take(
  typed: Typed,
  { argument: a, text, isInline }: { argument: Argument; text: string; isInline: boolean },
  json: Record<string, Json>,
): Taken {
  const before = json[a.key];
  if (a.kind === "many") {
    json[a.key] = more(before, text);
    return { json };
  }
  if (before !== undefined) return { problem: problem(typed, t`${code(a.flag)} is given twice.`) };
  if (a.kind !== "switch") {
    json[a.key] = value(a, text);
    return { json };
  }
  const on = !isInline || text.toLowerCase() === "true";
  if (!on && text.toLowerCase() !== "false")
    return {
      problem: problem(
        typed,
        t`${code(a.flag)} takes no value.`,
        t`Write ${code(short(text))} as a separate word.`,
      ),
    };
  json[a.key] = on;
  return { json };
}

/** Converts digits to a number and a choice to its own spelling. The schema judges everything else. */
function value(a: Argument, text: string): Json {
  if (a.kind === "number") return /^[+-]?\d{1,15}(?:\.\d{1,15})?$/u.test(text) ? Number(text) : text;
  if (a.kind === "choice") return a.choices.find((c) => c.toLowerCase() === text.toLowerCase()) ?? text;
  return text;
}

/** Appends to a list argument. A list in the last position takes all remaining words. */
const more = (before: Json | undefined, text: string): Json => [
  ...(Array.isArray(before) ? before : []),
  text,
];

function surplus(operation: Operation, command: string, words: readonly Word[]): Parsed {
  const end = words.findIndex(isFlag);
  const loose = words.slice(0, end === -1 ? undefined : end).map((w) => w.text);
  const reason = short(loose.join(" ")).replace(/["\\]/gu, "\\$&");
  const takesReason = argumentsOf(operation).some((a) => a.key === "reason");
  const quotes = "Put a name with spaces in quotes.";
  const hint = takesReason ? t`Did you mean ${code(`--reason "${reason}"`)}? ${quotes}` : quotes;
  return problem({ operation, command }, t`${code(short(loose[0] ?? ""))} is one word too many.`, hint);
}
