const LONGEST = 300;
/** `org.apache.flink.runtime.rest.NotFoundException: ` before the words; often several in a row. */
const CLASS_NAME = /^\s*(?:[\w$]+\.)*[A-Z][\w$]*(?:Exception|Error|Throwable|Failure): /u;
/** Says nothing by itself: what went wrong in main() is its cause (flink-runtime-web, JarRunHandler). */
const SAYS_NOTHING = /^Could not execute application\.?$/u;
/** The innermost cause of this one is the bare name of the class (flink-clients, PackagedProgram.loadMainClass). */
const NO_ENTRY_CLASS = /The program's entry point class '[^'\n]*' was not found in the jar file\./u;

/**
 * The one line of Flink's `errors` that is meant for people: no class name, no stack, no credentials, at most 300
 * characters. Flink puts a whole Java stack trace into `errors[0]`, and for a 500 into `errors[1]`.
 */
export function firstSentence(errors: readonly string[]): string {
  const [first = "", ...others] = errors;
  const text = first.startsWith("Internal server error") && others.length > 0 ? others.join("\n") : first;
  const noClass = NO_ENTRY_CLASS.exec(text);
  if (noClass !== null) return forPeople(noClass[0]);
  const sentence = stripClass(text.split("\n")[0] ?? "");
  const causeTells = SAYS_NOTHING.test(sentence) || text.includes("Exception on server side");
  return causeTells ? innermostCause(text) : forPeople(sentence);
}

/** The message of the last `Caused by:` of a Java stack trace, or of its first line. */
export function innermostCause(stack: string): string {
  const lines = stack.split("\n").map((l) => l.trim());
  const caused = lines.findLast((l) => l.startsWith("Caused by: "));
  const line = caused ?? lines.find((l) => l !== "" && !l.startsWith("<Exception on server side")) ?? "";
  const whole = line.replace(/^Caused by: /u, "");
  const words = stripClass(whole);
  // an exception without a message is only a class name, as in "java.lang.NullPointerException"
  return forPeople(words === whole && /^[\w.$]+$/u.test(words) ? simpleName(words) : words);
}

/** The simple class name of the last `Caused by:`, or of the first line; null where none stands there. */
export function innermostClass(stack: string): string | null {
  const lines = stack.split("\n").map((l) => l.trim());
  const line = lines.findLast((l) => l.startsWith("Caused by: ")) ?? lines[0] ?? "";
  const found = /^((?:[\w$]+\.)*[\w$]+)(?::|$)/u.exec(line.replace(/^Caused by: /u, ""))?.[1];
  return found === undefined ? null : simpleName(found);
}

/** `org.apache.flink.FooException` -> `FooException`. */
export const simpleName = (className: string): string => className.slice(className.lastIndexOf(".") + 1);

/** One line, capped, without what must not be shown. */
export function forPeople(text: string): string {
  const clean = withoutSecrets(text).trim();
  return clean.length <= LONGEST ? clean : `${clean.slice(0, LONGEST - 1)}…`;
}

/**
 * Takes out what must not be shown: user info of URLs, values that look secret, long encoded runs. One line, of any length:
 * what is repeated before something else has a bound, or a line of a megabyte would take minutes.
 */
export const withoutSecrets = (text: string): string =>
  text
    .replaceAll(/\p{C}+/gu, " ")
    .replaceAll(/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@]*:[^\s/@]*@/giu, "$1")
    .replaceAll(/\b(authorization)\b["']?[:= ]+(?:bearer\s+|basic\s+)?\S+/giu, "$1 ***")
    .replaceAll(/\b(bearer) +[\w.~+/=-]{8,}/giu, "$1 ***")
    .replaceAll(
      /((?:password|passwd|secret|token|credential|(?:access|account|api|private)[.-]?key|\bsig\b|signature)[\w.-]{0,100}["']?\s{0,9}[=:]\s{0,9})(?:"[^"]*(?:"|$)|'[^']*(?:'|$)|[^\s,;&]+)/giu,
      "$1***",
    )
    // how a serialized Java object begins in base64, however short
    .replaceAll(/rO0AB[A-Za-z0-9+/=_-]*/gu, "…")
    .replaceAll(/[A-Za-z0-9+/=_-]{120,}/gu, "…");

/**
 * The path inside "A savepoint has been created at: <path>, but the corresponding job <id> failed during stopping": the
 * job FAILED, the savepoint is good (flink-runtime `StopWithSavepointStoppingException`).
 */
export function usableSavepoint(stack: string): string | null {
  return /A savepoint has been created at: (\S+?),? but the corresponding job/u.exec(stack)?.[1] ?? null;
}

function stripClass(line: string): string {
  let words = line;
  while (CLASS_NAME.test(words)) words = words.replace(CLASS_NAME, "");
  // upstream never formats this one: "Another update to the job [%s] resource requirements is in progress."
  return words.replace("the job [%s] resource", "the job's resource").trim();
}
