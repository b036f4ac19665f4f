import { storageSentence } from "./storage-text.ts";

/**
 * Finds the cause of an error in a Java stack trace. Only reads; text that is shown must go through `forPeople`.
 */

/** One throwable. `language`: a Python traceback inside a message is parsed as Python. */
export interface Cause {
  /** Without its package; null: the trace names no class. */
  className: string | null;
  /** One line; "": no message. */
  message: string;
  language: "java" | "python";
}

interface Thrown {
  className: string | null;
  /** The lines of the message. */
  lines: readonly string[];
}

const LONGEST_LINE = 2000;
const FRAME = /^\s+at\s+\S+(?:\(.*\).*)?$|^\s*\.\.\. \d+ (?:more|common frames)/u;
/** A frame that has lost the blanks before it, as behind the class of a message; stricter, for "at 10:00" is none. */
const BARE_FRAME = /^at\s+[\w$./@-]+\((?:[\w$]+\.\w+(?::\d+)?|Native Method|Unknown Source)\)/u;
const SUPPRESSED = /^\s+Suppressed: /u;
/** The lines that Flink adds around the stack of a 500. */
const AROUND = /^\s*(?:<Exception on server side:|End of exception on server side>)\s*$/u;
const PYTHON = "Traceback (most recent call last):";

/** `a.b.FooException: `, also with a second class in brackets, as in Hadoop's RemoteException. */
const HEAD = /^\s*((?:[\w$]+\.)+[A-Z][\w$]*)(?:\(((?:[\w$]+\.)+[\w$]+)\))?(?::(?:\s|$)|\s*$)/u;
/** The same inside a message. Stricter, because there "kafka.Example: " may be any text. */
const NESTED =
  /^\s*((?:[\w$]+\.)*[A-Z][\w$]*(?:Exception|Error|Throwable|Failure))(?:\(((?:[\w$]+\.)+[\w$]+)\))?(?::(?:\s|$)|\s*$)/u;
const ANYWHERE =
  /(?:[\w$]+\.)+[A-Z][\w$]*(?:Exception|Error|Throwable|Failure)(?:\((?:[\w$]+\.)+[\w$]+\))?[:;]\s?/gu;

/** Messages of wrappers that say nothing about the cause. */
const HOLLOW =
  /^(?:Recovery is suppressed by|Could not forward element to next operator|Asynchronous task checkpoint failed|Could not execute application|Job execution failed|Trigger checkpoint failure|An Exception occurred while triggering the checkpoint)/iu;
/** Messages that name the problem but not the affected object. */
const NO_SUBJECT =
  /^(?:null|error|failed|failure|unknown|closed|interrupted|forbidden|unauthorized|access denied|permission denied|operation not permitted|not found|broken pipe|premature eof|end of file|time-?out|(?:read |connect |write |socket |request |operation )?timed out|connection (?:was )?(?:refused|reset|reset by peer|timed out|closed|aborted)|(?:stream|socket|channel|pipe) (?:is )?(?:already )?closed|no route to host|(?:network|host) is unreachable|the specified (?:bucket|key) does not exist|internal (?:server )?error|remote host terminated the handshake)(?: \(.*\))?[.!]?$/iu;
const REFUSED = /^connection (?:was )?refused/iu;
const HOST = /(?<![\w.])(?:[a-z][\w.-]*|\d{1,3}(?:\.\d{1,3}){3})(?:\/[\w.]+)?:\d{2,5}\b/iu;
/** An address, a URL or a path: an object that a person can check. */
const SUBJECT = new RegExp(`${HOST.source}|\\b[a-z][a-z0-9+.-]*:/|(?<![\\w.])/[\\w.-]+/`, "iu");
const TELLS = /refus|fail|cannot|could not|unable|error|unreachable|timed out/iu;

/**
 * The most informative cause of a chain: the innermost one, unless its message does not name the affected object. Then
 * the message of an outer cause is added.
 */
export function rootCause(stack: string): Cause {
  const thrown = chainOf(stack);
  const chain = thrown.map(causeOf);
  const last = chain.at(-1);
  if (last === undefined) return { className: null, message: "", language: "java" };
  const told = storageSentence(thrown.map(({ lines }) => lines.slice(0, 5).join(" ")));
  if (told !== null) return { ...last, message: told };
  if (last.message !== "" && !NO_SUBJECT.test(last.message)) return last;
  const around = chain
    .slice(0, -1)
    .map((c) => c.message)
    .filter((m) => m !== "" && !HOLLOW.test(m) && !NO_SUBJECT.test(m));
  const subject = around.findLast((m) => SUBJECT.test(m)) ?? around.at(-1);
  return subject === undefined ? last : { ...last, message: joined(subject, last.message) };
}

/** The outermost message of a stack trace; "": it has none. */
export const outermost = (stack: string): string => {
  const [first] = chainOf(stack);
  return first === undefined ? "" : causeOf(first).message;
};

/** The classes of a chain of causes, without packages, outermost first. */
export const classesOf = (stack: string): readonly string[] =>
  chainOf(stack).flatMap(({ className }) => (className === null ? [] : [simpleName(className)]));

/** A cause as one sentence without a class name. For an exception without a message, the class name in words. */
export function sentenceOf({ className, message, language }: Cause): string {
  if (className === null) return message;
  if (language === "python") return message === "" ? className : `${className}: ${message}`;
  if (message === "") return `${inWords(className)} without a message`;
  const isName = !/\s/u.test(message);
  return isName ? `${inWords(className).replace(/ (?:exception|error)$/u, "")}: ${message}` : message;
}

/** `org.apache.flink.FooException` -> `FooException`. */
export const simpleName = (className: string): string => className.slice(className.lastIndexOf(".") + 1);

function joined(around: string, message: string): string {
  if (message === "" || around.toLowerCase().includes(message.toLowerCase())) return around;
  const host = REFUSED.test(message) ? HOST.exec(around)?.[0] : undefined;
  if (host !== undefined) return TELLS.test(around) ? around : `${host} refused the connection`;
  return `${around.replace(/[.:]$/u, "")}: ${message}`;
}

/** The chain of causes, outermost first, without suppressed exceptions. */
function chainOf(stack: string): readonly Thrown[] {
  const chain: { className: string | null; lines: string[] }[] = [];
  let part: "message" | "frames" | "suppressed" = "message";
  const begin = (line: string): void => {
    const { className, rest } = strip(line, HEAD);
    chain.push({ className, lines: [rest] });
    part = "message";
  };
  for (const whole of stack.split(/\r\n?|\n/u)) {
    // nobody reads longer lines, and the patterns would take minutes on a line of a megabyte
    const line = whole.slice(0, LONGEST_LINE);
    if (AROUND.test(line)) continue;
    const caused = /^Caused by: (.*)$/u.exec(line.trimEnd())?.[1];
    if (caused !== undefined) begin(caused);
    else if (SUPPRESSED.test(line)) part = "suppressed";
    else if (FRAME.test(line)) part = part === "suppressed" ? part : "frames";
    else if (chain.length === 0) {
      if (line.trim() !== "") begin(line);
    } else if (part === "message") chain.at(-1)?.lines.push(line);
  }
  return chain;
}

/** Removes class names at the beginning; the last one counts. */
function strip(line: string, first: RegExp): { className: string | null; rest: string } {
  let className: string | null = null;
  let rest = line;
  for (let head = first; ; head = NESTED) {
    const found = head.exec(rest);
    if (found === null) return { className, rest: rest.trim() };
    className = found[2] ?? found[1] ?? className;
    rest = rest.slice(found[0].length);
  }
}

function causeOf({ className, lines }: Thrown): Cause {
  const python = pythonCause(lines);
  if (python !== null) return python;
  const told = lines.map((l) => l.trim()).filter((l) => l !== "");
  let inner = className;
  for (let line = told.shift(); line !== undefined; line = told.shift()) {
    const found = strip(line, NESTED);
    inner = found.className ?? inner;
    if (found.rest === "" || BARE_FRAME.test(found.rest)) continue;
    // a line that ends with a colon is a heading and needs the next line
    const whole = found.rest.endsWith(":") && told[0] !== undefined ? `${found.rest} ${told[0]}` : found.rest;
    return { className: nameOf(inner), message: clean(whole), language: "java" };
  }
  return { className: nameOf(inner), message: "", language: "java" };
}

/** Reads the last line of a traceback, the only one without indentation. */
function pythonCause(lines: readonly string[]): Cause | null {
  const at = lines.findLastIndex((l) => l.includes(PYTHON));
  if (at === -1) return null;
  const told = lines.slice(at + 1).find((l) => /^\S/u.test(l));
  const parts = told === undefined ? null : /^([A-Za-z_][\w.]*)(?:: ?(.*))?$/u.exec(told.trim());
  if (parts === null)
    return told === undefined ? null : { className: null, message: told.trim(), language: "python" };
  return { className: simpleName(parts[1] ?? ""), message: parts[2] ?? "", language: "python" };
}

const nameOf = (className: string | null): string | null =>
  className === null ? null : simpleName(className);

/** Removes class names, and the advice at the end of Hadoop's network errors. */
const clean = (text: string): string =>
  text
    .replaceAll(ANYWHERE, "")
    .replace(/;? *For more details see: .*$/u, "")
    .replace(/:? *Traceback \(most recent call last\):$/u, "")
    // Flink never fills in this one: "Another update to the job [%s] resource requirements is in progress."
    .replace("the job [%s] resource", "the job's resource")
    .trim();

/** `NullPointerException` -> "null pointer exception", `SQLException` -> "SQL exception". */
function inWords(className: string): string {
  const simple = className.slice(className.lastIndexOf("$") + 1);
  const words = simple.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/gu) ?? [simple];
  return words.map((w) => (/^[A-Z]{2,}$/u.test(w) ? w : w.toLowerCase())).join(" ");
}
