import { redact } from "../../platform/redact.ts";

/** Longer lines are cut. */
const LONGEST_LINE = 2000;

/** A whole Java stack trace to show, line by line, without secrets, including secrets that span lines. */
export const stackForPeople = (stack: string): string =>
  redact(stack)
    .trimEnd()
    .split(/\r\n?|\n/u)
    .map(visible)
    .join("\n");

function visible(line: string): string {
  const shown = line
    .replace(/^\s+/u, (blank) => blank.replaceAll("\t", "    "))
    .replaceAll(/\p{C}+/gu, " ")
    .trimEnd();
  return shown.length <= LONGEST_LINE ? shown : `${shown.slice(0, LONGEST_LINE - 1)}…`;
}
