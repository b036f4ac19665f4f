import { withoutSecrets } from "./words.ts";

/** Nobody reads a longer line to its end. */
const LONGEST_LINE = 2000;
/** Names and line numbers alone. `Assigner.java:87` would look like a value to hide. */
const FRAME =
  /^\s*at (?:[\w.$@-]*\/)*[\w.$<>-]+\((?:[\w$.-]+\.(?:java|scala|kt)(?::\d+)?|Native Method|Unknown Source|<generated>)\)(?: ~?\[[\w.+:-]*\])?$/u;
/** `Caused by: a.b.TokenExpiredException: `, which looks like the name of a value, too. */
const HEAD =
  /^\s*(?:Caused by: |Suppressed: )?(?:[\w$]+\.)+[A-Z][\w$]*(?:Exception|Error|Throwable|Failure): /u;
/** A line of nothing else, as keys and certificates are broken into. */
const ENCODED = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9+/=_-]{40,}$/u;
const LAST_OF_ENCODED = /^[A-Za-z0-9+/_-]+={0,2}$/u;

/** A whole Java stack for people, line by line: what `forPeople` takes out of one line is taken out of each. */
export function stackForPeople(stack: string): string {
  const lines: string[] = [];
  let encoded = false;
  for (const line of stack.trimEnd().split(/\r\n?|\n/u)) {
    const words = line.trim();
    const goesOn = encoded && LAST_OF_ENCODED.test(words);
    if (goesOn || ENCODED.test(words)) {
      if (!encoded) lines.push("…");
      encoded = true;
      continue;
    }
    encoded = false;
    lines.push(clean(line));
  }
  return lines.join("\n");
}

function clean(line: string): string {
  const indented = line.replace(/^\s+/u, (blank) => blank.replaceAll("\t", "    "));
  if (FRAME.test(indented)) return indented;
  const head = HEAD.exec(indented)?.[0] ?? "";
  const shown = (head + withoutSecrets(indented.slice(head.length))).trimEnd();
  return shown.length <= LONGEST_LINE ? shown : `${shown.slice(0, LONGEST_LINE - 1)}…`;
}
