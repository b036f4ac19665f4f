import { Lexer, LineCounter, parseDocument, Parser } from "yaml";
import { ConfigError } from "../model/errors.ts";
import type { Sources } from "./secrets.ts";

/** A file without a value is an empty mapping. */
type Yaml = { value: unknown } | { problems: readonly { line: number; words: string }[] };

/** Reads a YAML file. Throws ConfigError, which never quotes the file; `todo`: what to do where it cannot be read. */
export function readYaml(file: string, source: Sources, todo: string): unknown {
  let text: string;
  try {
    text = source.readFile(file);
  } catch (error) {
    throw new ConfigError(`- ${file}: cannot be read; ${todo}`, { cause: error });
  }
  const read = parseYaml(text);
  if ("value" in read) return read.value;
  throw new ConfigError(
    read.problems.map(({ line, words }) => `- ${file}, line ${line}: ${words}`).join("\n"),
  );
}

/** Reads a YAML text. The words of a problem quote nothing of it. */
export function parseYaml(text: string): Yaml {
  const deep = firstTooDeep(text);
  if (deep !== null) return { problems: [{ line: deep, words: DEEP }] };
  const lines = new LineCounter();
  // prettyErrors would quote the offending line, and a warning a key that is no text; both may contain a secret
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines, stringKeys: true });
  if (document.errors.length > 0) {
    const said = new Map<string, { line: number; words: string }>();
    for (const { pos, code } of document.errors) {
      const problem = { line: lines.linePos(pos[0]).line, words: words(code) };
      said.set(`${problem.line} ${problem.words}`, problem);
      // one missing bracket makes all that follows wrong
      if (said.size === MOST_PROBLEMS) break;
    }
    return { problems: [...said.values()] };
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 }) ?? {};
    // an alias may be inside of what it stands for, and nothing that reads such a value ends
    JSON.stringify(value);
    return { value };
  } catch {
    const alias =
      "an alias (*name) has no anchor (&name), is inside of it, or is used too often; write its value";
    return { problems: [{ line: lines.linePos(Math.max(0, text.indexOf("*"))).line, words: alias }] };
  }
}

const MOST_PROBLEMS = 10;

/** How many values may be inside of each other; a configuration needs ten. */
const DEEPEST = 200;
const DEEP = "values are nested too deep; write fewer levels";

/**
 * The first line that is nested too deep; null: none is. The first stage of the parser keeps a stack of its own, while the
 * second calls itself for each level, and a call stack that ends while V8 compiles a pattern ends the process.
 */
function firstTooDeep(text: string): number | null {
  const lines = new LineCounter();
  const parser = new Parser(lines.addNewLine);
  for (const lexeme of new Lexer().lex(text)) {
    for (const _token of parser.next(lexeme));
    if (parser.stack.length > DEEPEST) return lines.linePos(parser.offset).line;
  }
  return null;
}

const words = (code: string): string => `not YAML: ${code.toLowerCase().replaceAll("_", " ")}`;
