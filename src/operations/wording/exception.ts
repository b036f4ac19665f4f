import type { JobException } from "../../model/flink-jobs.ts";
import { shown } from "./job.ts";
import { b, code, type Text, t } from "../../model/text.ts";

const LONGEST_MESSAGE = 300;
const LONGEST_FRAME = 160;
const FRAME = /^\s+at \S+\(/u;
const MORE = /^\s+\.\.\. \d+ /u;
const FOREIGN = /^\s+at (?:\S*\/)?(?:org\.apache\.flink|java|javax|jdk|sun|scala)\./u;

/** Repeated occurrences of the same failure. */
export interface ExceptionGroup {
  last: JobException;
  times: number;
  firstAt: number;
}

/**
 * Groups exceptions by failure, newest first. Two are the same if root cause, full message and task are equal, apart
 * from numbers and ids that differ between attempts. Exceptions without a message are told apart by where they were
 * thrown.
 */
export function grouped(exceptions: readonly JobException[]): readonly ExceptionGroup[] {
  const groups = new Map<string, ExceptionGroup>();
  for (const e of exceptions.toSorted((a, z) => z.at - a.at)) {
    const key = sameness(e);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { last: e, times: 1, firstAt: e.at });
    else groups.set(key, { ...known, times: known.times + 1, firstAt: e.at });
  }
  return [...groups.values()];
}

function sameness(e: JobException): string {
  const words = [e.message, rootMessage(e.stack)].map(lasting);
  return JSON.stringify([e.cause, words, taskOf(e), e.message === "" ? ownFrame(e.stack) : null]);
}

/** "Map (1/4) - execution #0" is "Map". */
const taskOf = (e: JobException): string | null =>
  e.task === null ? null : e.task.replace(/ \(\d+\/\d+\).*$/su, "");

/**
 * Removes the parts that change between occurrences of one failure: ids, addresses, numbers of attempts and subtasks.
 */
const lasting = (text: string): string =>
  text
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/giu, "<id>")
    .replaceAll(/\b0x[0-9a-f]+\b|@[0-9a-f]{4,16}\b/giu, "<address>")
    .replaceAll(/\b(?=[a-f]*\d)[0-9a-f]{8,}\b/giu, "<id>")
    .replaceAll(/ \(\d+\/\d+\)/gu, "")
    .replaceAll(/\b(instruction|attempt|execution|checkpoint|savepoint)([ #-]+)\d+\b/giu, "$1$2<n>")
    .replaceAll(/#\d+\b/gu, "#<n>");

/** All lines of the root cause except its stack frames. */
function rootMessage(stack: string): string {
  const lines = stack.split("\n");
  const at = lines.findLastIndex((line) => line.startsWith("Caused by: "));
  const root = lines.slice(Math.max(0, at));
  const end = root.findIndex((line) => FRAME.test(line) || MORE.test(line));
  return (end === -1 ? root : root.slice(0, end)).join("\n");
}

/** "NullPointerException", or "IllegalStateException: out of order". */
export const cause = (e: JobException): Text =>
  e.message === "" || e.message === e.cause
    ? t`${b(e.cause)}`
    : t`${b(e.cause)}: ${code(shown(e.message, LONGEST_MESSAGE))}`;

/**
 * The task and its host. The adaptive scheduler reports neither, so the first frame of the job's own code is used
 * instead.
 */
export function where({ task, host, stack }: JobException): Text {
  const on = host === null ? "" : ` on ${shown(host)}`;
  if (task !== null) return ` in ${shown(task)}${on}`;
  const frame = ownFrame(stack);
  return frame === null ? on : t` at ${code(shown(frame, LONGEST_FRAME))}${on}`;
}

/** The first frame of the root cause that is neither Flink's nor Java's; null: there is none. */
function ownFrame(stack: string): string | null {
  const lines = stack.split("\n");
  const root = lines.findLastIndex((line) => line.startsWith("Caused by: "));
  const own = lines.slice(root + 1).find((line) => FRAME.test(line) && !FOREIGN.test(line));
  return own === undefined ? null : own.trim().replace(/^at (?:\S*\/)?/u, "");
}
