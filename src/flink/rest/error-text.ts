import { redact } from "../../platform/redact.ts";
import { outermost, rootCause, sentenceOf } from "./causes.ts";
import type { JobException } from "../../model/flink-jobs.ts";

const LONGEST = 300;
/** Carries no information: the failure in main() is its cause (flink-runtime-web, JarRunHandler). */
const SAYS_NOTHING = /^Could not execute application\.?$/u;
/** Its innermost cause is only the class name (flink-clients, PackagedProgram.loadMainClass). */
const NO_ENTRY_CLASS = /The program's entry point class '[^'\n]*' was not found in the jar file\./u;

/**
 * The one readable line of Flink's `errors`: no class name, no stack, no credentials, at most 300 characters. Flink
 * puts a whole Java stack trace into `errors[0]`, and for a 500 into `errors[1]`.
 */
export function firstSentence({ errors, status }: { errors: readonly string[]; status: number }): string {
  const [first = "", ...others] = errors;
  const text = first.startsWith("Internal server error") && others.length > 0 ? others.join("\n") : first;
  const noClass = NO_ENTRY_CLASS.exec(text);
  if (noClass !== null) return forPeople(noClass[0]);
  const sentence = outermost(text);
  const causeTells =
    sentence === "" || SAYS_NOTHING.test(sentence) || text.includes("Exception on server side");
  const words = causeTells ? innermostCause(text) : forPeople(sentence);
  return words === "" ? `HTTP ${status} without a reason` : words;
}

/** The root cause of a Java stack trace, as one sentence without a class name. */
export const innermostCause = (stack: string): string => forPeople(sentenceOf(rootCause(stack)));

/** The root cause in two parts: the class without its package (or `fallback`), and the message; "": no message. */
export function causeParts(stack: string, fallback: string): Pick<JobException, "cause" | "message"> {
  const { className, message } = rootCause(stack);
  return { cause: className ?? fallback, message: forPeople(message) };
}

/** One line of at most 300 characters, without secrets. */
export function forPeople(text: string): string {
  const clean = redact(text)
    .replaceAll(/\p{C}+/gu, " ")
    .trim();
  return clean.length <= LONGEST ? clean : `${clean.slice(0, LONGEST - 1)}…`;
}

/**
 * The path inside "A savepoint has been created at: <path>, but the corresponding job <id> failed during stopping": the
 * job FAILED, but the savepoint is good (flink-runtime `StopWithSavepointStoppingException`). The path is unvalidated
 * text; null: no such message.
 */
export function usableSavepoint(stack: string): string | null {
  return (
    /A savepoint has been created at: (.{1,2000}?),? but the corresponding job/u.exec(stack)?.[1] ?? null
  );
}
