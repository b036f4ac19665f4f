import type { z } from "zod";
import { shown } from "../model/text.ts";
import { redact } from "../platform/redact.ts";

type Issue = z.core.$ZodIssue;

/**
 * Every issue as `path: problem`, worded as what to write. Never repeats a value, because it may be a secret.
 * `example`: the file that shows all keys.
 */
export const problemsOf = (error: z.ZodError, example = "config.example.yml"): string[] => [
  ...new Set(
    error.issues.flatMap((issue) =>
      words(issue, example).map(([path, problem]) => `${at(path)}: ${problem}`),
    ),
  ),
];

const at = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? "(the whole file)" : path.map(named).join(".");

/** In quotes where one could not see where it begins or ends. */
const named = (key: PropertyKey): string =>
  typeof key === "string" && key.trim() !== (key || " ") ? JSON.stringify(key) : String(key);

/** Names in a file are repeated, and may be of any length. Characters. */
const LONGEST = 300;

/** A problem, `path: problem`, as its line of a ConfigError. The names that it repeats may hold anything. */
export function problemLine(problem: string): string {
  const end = problem.indexOf(": ");
  // apart, because a path like `auth.password` says of the words behind it that they are one
  const parts = end === -1 ? [problem] : [problem.slice(0, end), problem.slice(end + 2)];
  return `- ${parts.map((part) => shown(redact(part), LONGEST)).join(": ")}`;
}

function words(issue: Issue, example: string): [path: readonly PropertyKey[], problem: string][] {
  const { path } = issue;
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others carry words of our own
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => [[...path, key], `is an unknown key; ${example} shows all keys`]);
    case "invalid_key":
      return [[path, issue.issues[0]?.message ?? "is not a valid name here"]];
    case "invalid_type":
      return [
        [
          path,
          issue.message.endsWith("received undefined")
            ? "is missing"
            : `must be ${NOUN[issue.expected] ?? issue.expected}`,
        ],
      ];
    case "invalid_value":
      return [[path, `must be ${issue.values.map(String).join(" or ")}`]];
    case "invalid_union":
      // a discriminated union reports its discriminator and has no message of ours
      return [
        [path, "discriminator" in issue ? `must be one of those that ${example} shows` : issue.message],
      ];
    case "too_small":
    case "too_big":
      return [[path, tooMuch(issue)]];
    default:
      return [[path, issue.message]];
  }
}

const NOUN: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping of keys",
  record: "a mapping of keys",
};

function tooMuch(issue: Extract<Issue, { code: "too_small" | "too_big" }>): string {
  const must = issue.origin === "array" ? "must list" : "must be";
  const unit = issue.origin === "string" ? " characters" : "";
  return issue.code === "too_small"
    ? `${must} at least ${issue.minimum}${unit}`
    : `${must} at most ${issue.maximum}${unit}`;
}
