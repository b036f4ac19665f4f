import { redact } from "../../platform/redact.ts";

/** Nobody reads a longer line to its end. */
const LONGEST_LINE = 2000;

/** A whole Java stack for people, line by line, without secrets: also those that take several lines. */
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
