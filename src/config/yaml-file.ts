import { LineCounter, parseDocument } from "yaml";
import { ConfigError } from "../model/errors.ts";
import type { Sources } from "./secrets.ts";

/** Reads a YAML file. Throws ConfigError, which never quotes the file; `todo`: what to do where it cannot be read. */
export function readYaml(file: string, source: Sources, todo: string): unknown {
  let text: string;
  try {
    text = source.readFile(file);
  } catch (error) {
    throw new ConfigError(`- ${file}: cannot be read; ${todo}`, { cause: error });
  }
  const lines = new LineCounter();
  // prettyErrors would quote the offending line, which may contain a secret
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines });
  if (document.errors.length > 0) {
    const problems = document.errors.map(
      (e) => `- ${file}, line ${lines.linePos(e.pos[0]).line}: ${words(e.code)}`,
    );
    throw new ConfigError(problems.join("\n"));
  }
  return document.toJS({ maxAliasCount: 100 }) ?? {};
}

const words = (code: string): string => `not YAML: ${code.toLowerCase().replaceAll("_", " ")}`;
