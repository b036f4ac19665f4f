import { no, STACK, type SimulatedAnswer } from "./words.ts";

/** What Flink says of programs that cannot be started and of state that cannot be restored or disposed. */

/** The uid `count`, as Flink hashes it. */
const OPERATOR = "b71731f1c0df9c3076c4a455334d0ad6";

const caused = (lines: readonly string[]): string =>
  lines.map((line) => `Caused by: ${line}\n${STACK}\n`).join("");

/** Whatever goes wrong in main() or in what it calls: `causes` from the outside in, each with its class. */
export function mainFailed(words: string, causes: readonly string[]): SimulatedAnswer {
  const outer = "org.apache.flink.util.FlinkRuntimeException: Could not execute application.";
  const main = `org.apache.flink.client.program.ProgramInvocationException: The main method caused an error: ${words}`;
  return no(
    400,
    `Could not execute application.\n${STACK}\n${caused([`java.util.concurrent.CompletionException: ${outer}`, outer, main, ...causes])}`,
  );
}

/** Flink takes a job id once; in Flink 2 by the application that a job is part of. */
export function duplicate(name: string, version: string): SimulatedAnswer {
  const what = version.startsWith("1.") ? "Job" : "Application";
  const words = `Failed to execute job '${name}'.`;
  return mainFailed(words, [
    `org.apache.flink.util.FlinkException: ${words}`,
    `org.apache.flink.runtime.client.Duplicate${what}SubmissionException: ${what} has already been submitted.`,
  ]);
}

/** Of a job that FAILED before it had a task. */
const restoring = (cause: string): string => {
  const wrapped = `java.util.concurrent.CompletionException: ${cause}`;
  return `java.util.concurrent.CompletionException: ${wrapped}\n${STACK}\n${caused([wrapped, cause])}`;
};

const missing = (path: string): string =>
  `java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory '${path}' on file system 'file'.`;

export const noSnapshot = (path: string): string => restoring(missing(path));

export const notMapped = (path: string): string =>
  restoring(
    `java.lang.IllegalStateException: Failed to rollback to checkpoint/savepoint ${path}. Cannot map checkpoint/savepoint state for operator ${OPERATOR} to the new program, because the operator is not available in the new program. If you want to allow to skip this, you can set the --allowNonRestoredState option on the CLI.`,
  );

/** Of state that its operator reads as another type, where the state backend is the heap. */
const UNREADABLE =
  "For heap backends, the new state serializer (org.apache.flink.api.common.typeutils.base.StringSerializer@5a5cdee9) must not be incompatible with the old state serializer (org.apache.flink.api.common.typeutils.base.LongSerializer@8c9303f).";

export const NOT_READABLE = {
  message: UNREADABLE,
  stack: `java.lang.RuntimeException: Error while getting state\n\tat org.apache.flink.runtime.state.DefaultKeyedStateStore.getState(DefaultKeyedStateStore.java:91)\n${caused([`org.apache.flink.util.StateMigrationException: ${UNREADABLE}`])}`,
};

export const notDisposed = (path: string): string =>
  `org.apache.flink.util.FlinkException: Could not dispose savepoint ${path}.\n${STACK}\n${caused([missing(path)])}`;
