import type { z } from "zod";

const pointerOf = (prefix: string, path: readonly PropertyKey[]): string =>
  [prefix, ...path.map(String)].join("/");

const count = (value: number | bigint): string => String(value);

const tooBig = (issue: z.core.$ZodIssueTooBig): string =>
  issue.origin === "string"
    ? `must be less than ${count(BigInt(issue.maximum) + 1n)} characters`
    : issue.origin === "array"
      ? `no more than ${count(issue.maximum)} items allowed`
      : `must be at most ${count(issue.maximum)}`;

const tooSmall = (issue: z.core.$ZodIssueTooSmall): string =>
  issue.origin === "string"
    ? `must be more than ${count(BigInt(issue.minimum) - 1n)} characters`
    : issue.origin === "array"
      ? `no fewer than ${count(issue.minimum)} items allowed`
      : `must be at least ${count(issue.minimum)}`;

/**
 * What the schema complains about, in the words that Slack puts into `response_metadata.messages`:
 * `[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]`.
 */
export const slackProblems = (prefix: string, issues: readonly z.core.$ZodIssue[]): string[] =>
  issues.flatMap((issue): string[] => {
    const at = pointerOf(prefix, issue.path);
    const line = (problem: string, where = at) => `[ERROR] ${problem} [json-pointer:${where}]`;
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => line(`invalid additional property: ${key}`));
    }
    if (issue.code === "too_big") return [line(tooBig(issue))];
    if (issue.code === "too_small") return [line(tooSmall(issue))];
    if (issue.code === "invalid_type" && issue.input === undefined && issue.path.length > 0) {
      const field = String(issue.path.at(-1));
      return [line(`missing required field: ${field}`, pointerOf(prefix, issue.path.slice(0, -1)))];
    }
    if (issue.code === "invalid_union" && issue.path.at(-1) === "type") return [line("unsupported type")];
    if (issue.code === "invalid_type") return [line(`must provide a ${issue.expected}`)];
    return [line(issue.message)];
  });
