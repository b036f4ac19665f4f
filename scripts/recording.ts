import { HIDDEN, isSecretName, redact } from "../src/platform/redact.ts";

/** A text of a machine, and what a fixture has in its place. */
export type Place = readonly [here: string, there: string];

/** How many frames of a stack a fixture keeps. */
const MOST_FRAMES = 3;
const FRAME = /^\s+(?:at |\.\.\. \d+ (?:more|common))/u;
/** Begins the next entry of a log. */
const ENTRY = /^\d{4}-\d\d-\d\d /u;
const LONGEST_LINE = 400;

/** An answer without secrets, long stacks and the names of places of the machine that recorded it. */
export function normalised(value: unknown, places: readonly Place[], key = ""): unknown {
  if (typeof value === "string") {
    // enough to see that it is one, and for the redaction to be tested with
    if (key === "serialized-throwable") return value.slice(0, 24);
    return isSecretName(key) ? HIDDEN : cleaned(value, places);
  }
  if (Array.isArray(value)) return value.map((member: unknown) => normalised(member, places, key));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value);
  // {key, value}: how Flink shows its configuration
  const name = members.find(([k, v]) => k === "key" && typeof v === "string")?.[1];
  return Object.fromEntries(
    members.map(([k, v]) => [k, normalised(v, places, k === "value" && typeof name === "string" ? name : k)]),
  );
}

/** The last lines of a log; the first of them begins an entry. */
export function lastEntries(text: string, lines: number): string {
  const all = text.trimEnd().split("\n");
  const last = all.slice(-lines);
  const first = last.length === all.length ? 0 : last.findIndex((line) => ENTRY.test(line));
  return `${last.slice(Math.max(0, first)).join("\n")}\n`;
}

function cleaned(text: string, places: readonly Place[]): string {
  const named = places.reduce((so, [here, there]) => so.replaceAll(here, there), redact(text));
  let frames = 0;
  return (
    named
      .split("\n")
      .filter((line) => {
        if (ENTRY.test(line)) frames = 0;
        if (FRAME.test(line)) frames += 1;
        return !FRAME.test(line) || frames <= MOST_FRAMES;
      })
      // the path of a class in a log may be pages long
      .map((line) =>
        line.length > LONGEST_LINE && line !== named ? `${line.slice(0, LONGEST_LINE)}…` : line,
      )
      .join("\n")
  );
}

/** `/jobs/{job}/checkpoints/config?x=1` is recorded as `checkpoints-config`, `/jobmanager/log` as `jobmanager-log`. */
export function fixtureName(path: string): string {
  const [plain = ""] = path.split("?");
  const words = plain.replace(/^\/jobs\/\{job\}(?=.)/u, "").split("/");
  return words.filter((word) => word !== "" && !word.startsWith("{")).join("-");
}
