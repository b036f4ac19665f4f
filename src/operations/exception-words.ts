import type { JobException } from "../flink/reads.ts";
import { shown } from "./job-words.ts";
import { b, code, type Text, t } from "./text.ts";

const LONGEST_MESSAGE = 300;
const LONGEST_FRAME = 160;
const FRAME = /^\s+at \S+\(/u;
const FOREIGN = /^\s+at (?:\S*\/)?(?:org\.apache\.flink|java|javax|jdk|sun|scala)\./u;

/** The same failure, again and again. */
export interface ExceptionGroup {
  last: JobException;
  times: number;
  firstAt: number;
}

/** Newest first; equal are those of one class, message and task, whichever subtask it was. */
export function grouped(exceptions: readonly JobException[]): readonly ExceptionGroup[] {
  const groups = new Map<string, ExceptionGroup>();
  for (const e of exceptions.toSorted((a, z) => z.at - a.at)) {
    const key = JSON.stringify([e.cause, e.message, taskOf(e)]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { last: e, times: 1, firstAt: e.at });
    else groups.set(key, { ...known, times: known.times + 1, firstAt: e.at });
  }
  return [...groups.values()];
}

/** "Map (1/4) - execution #0" is "Map". */
const taskOf = (e: JobException): string | null =>
  e.task === null ? null : e.task.replace(/ \(\d+\/\d+\).*$/su, "");

/** "NullPointerException", or "IllegalStateException: out of order". */
export const cause = (e: JobException): Text =>
  e.message === "" || e.message === e.cause
    ? t`${b(e.cause)}`
    : t`${b(e.cause)}: ${code(shown(e.message, LONGEST_MESSAGE))}`;

/** The task and its host; the adaptive scheduler tells neither, so the line of the job's own code it came from. */
export function where({ task, host, stack }: JobException): Text {
  const on = host === null ? "" : ` on ${shown(host)}`;
  if (task !== null) return ` in ${shown(task)}${on}`;
  const frame = ownFrame(stack);
  return frame === null ? on : t` at ${code(shown(frame, LONGEST_FRAME))}${on}`;
}

/** Of the root cause, the first frame that is neither Flink's nor Java's. */
function ownFrame(stack: string): string | null {
  const lines = stack.split("\n");
  const root = lines.findLastIndex((line) => line.startsWith("Caused by: "));
  const own = lines.slice(root + 1).find((line) => FRAME.test(line) && !FOREIGN.test(line));
  return own === undefined ? null : own.trim().replace(/^at (?:\S*\/)?/u, "");
}
