import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { dirname } from "node:path";
import { inspect } from "node:util";

/** What a person at the terminal reads, and the file that takes the rest. */
export interface Screen {
  /** One line of progress, after the time since the start. */
  progress(words: string): void;
  /** As it is. */
  print(text: string): void;
  /** One line for the screen; the further lines of `error` go to the file. */
  problem(words: string, error?: unknown): void;
  /** A line of the program's log: to the file, and from `warn` on to the screen too. */
  product(line: string): void;
  /** From now on lines go to this file; those before it are not lost. */
  logTo(path: string): void;
  /** What comes now is the end, and expected. */
  hush(): void;
}

/** `now` in ms, from any zero. */
export function createScreen(write: (text: string) => void, now: () => number): Screen {
  const began = now();
  const waiting: string[] = [];
  let file: WriteStream | null = null;
  let hushed = false;
  const log = (line: string): void => {
    if (file === null) waiting.push(line);
    else file.write(`${line}\n`);
  };
  const progress = (words: string): void => {
    write(`${((now() - began) / 1000).toFixed(1).padStart(6)} s  ${words}\n`);
  };
  return {
    progress,
    print: (text) => write(`${text}\n`),
    problem(words, error) {
      const [first = "", ...rest] = wordsOf(error).split("\n");
      progress(first === "" ? words : `${words}: ${first}`);
      for (const line of rest) log(line);
    },
    product(line) {
      log(line);
      const loud = hushed ? null : warning(line);
      if (loud !== null) progress(`flinkops: ${loud}`);
    },
    logTo(path) {
      mkdirSync(dirname(path), { recursive: true });
      file = createWriteStream(path);
      for (const line of waiting.splice(0)) log(line);
    },
    hush: () => (hushed = true),
  };
}

const wordsOf = (error: unknown): string =>
  error === undefined ? "" : error instanceof Error ? error.message : inspect(error);

const LOUD = new Set(["warn", "error", "fatal"]);

/** The words of a line that a person should read; null for the others. Lines that are no JSON were meant for a person. */
export function warning(line: string): string | null {
  const fields = parsed(line);
  if (fields === null) return line.trim() === "" ? null : line;
  if (!LOUD.has(String(fields["level"]))) return null;
  const cause = [fields["error"], fields["err"]].map(messageOf).find((words) => words !== null);
  const { msg } = fields;
  return [typeof msg === "string" ? msg : line, cause].filter((part) => part !== undefined).join(": ");
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

const messageOf = (error: unknown): string | null =>
  typeof error === "object" && error !== null && "message" in error
    ? (String(error.message).split("\n")[0] ?? null)
    : null;
