import { must } from "./subject.ts";
import { clean } from "./words.ts";

/** What zod says where flinkops has no words of its own. */
const RAW = /expected \w+, received|Invalid (?:input|option|string)|Unrecognized|\bundefined\b/u;

/** Each line of a ConfigError names a path and says what to write. Returns the kind of the first. */
export function problemKind(message: string): string {
  const lines = message.split("\n");
  for (const line of lines) {
    must(/^- \S.*: \S/su.test(line), () => `a problem without its path: ${line.slice(0, 300)}`);
    clean(line, { most: 1_000, echo: true });
    must(!RAW.test(line), () => `a machine's words: ${line.slice(0, 300)}`);
  }
  const [first = ""] = lines;
  return first.slice(first.lastIndexOf(": ") + 2);
}
