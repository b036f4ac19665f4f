import { isTyped, type Operation } from "../model/operation.ts";
import { OPERATION_CLASSES } from "../model/target.ts";
import { code, type Text, t } from "../model/text.ts";
import { type Argument, argumentsOf } from "./argument-spec.ts";

/** The usage line: `/flink scale <job> <parallelism> [--vertex name]...`. */
export function usageLine(operation: Operation, command: string): string {
  return [command, operation.name, ...argumentsOf(operation).map(shape)].join(" ").trim();
}

/** An operation's examples, ready to paste. */
export const examplesOf = (operation: Operation, command: string): readonly string[] =>
  operation.examples.map((e) => `${command} ${e}`.trim());

/** The help lines of an operation, one per argument. */
export function argumentLines(operation: Operation): readonly Text[] {
  return argumentsOf(operation).map((a) => t`${code(label(a))} ${a.description}`);
}

/** The `usage_hint` that Slack shows while somebody types the command. Slack allows at most 1,000 characters. */
export function usageHint(operations: readonly Operation[]): string {
  return operations
    .filter(isTyped)
    .map((r) => r.name)
    .join(" | ");
}

/**
 * Puts the operations' usage hint into a Slack app manifest. The rest of the manifest, including comments, is
 * unchanged.
 */
export function withUsageHint(manifest: string, operations: readonly Operation[]): string {
  return manifest.replace(
    /^(\s*usage_hint:).*$/mu,
    (_line, key: string) => `${key} ${JSON.stringify(usageHint(operations))}`,
  );
}

/** The section of one operation in docs/operations.md. */
export function docsSection(operation: Operation, command: string): string {
  const rules = [
    operation.class === "destructive" ? "destructive: needs another person's approval" : operation.class,
    ...(operation.kind === "change"
      ? [`job state: ${operation.allowedIn === "any" ? "any" : operation.allowedIn.join(", ")}`]
      : []),
  ];
  const args = argumentsOf(operation);
  return [
    `## ${operation.name}`,
    "",
    `${operation.summary}.`,
    "",
    `Class: ${rules.join("; ")}.`,
    "",
    "```",
    usageLine(operation, command),
    "```",
    "",
    ...(args.length === 0
      ? []
      : [
          "| argument | |",
          "|---|---|",
          ...args.map((a) => `| \`${cell(label(a))}\` | ${cell(a.description)} |`),
          "",
        ]),
    "Examples:",
    "",
    "```",
    ...examplesOf(operation, command),
    "```",
    "",
  ].join("\n");
}

/** The whole of docs/operations.md. */
export function docsPage(all: readonly Operation[], command: string): string {
  const operations = all.filter(isTyped);
  return [
    "# Operations",
    "",
    "Generated from `src/operations/` by `npm run generate`; do not edit.",
    "",
    `A command is \`${command} <operation> ...\`, or a mention of the bot followed by the same words.`,
    "`<job>` is a name, an id, an id prefix of 6 or more characters, or `cluster/job`.",
    "",
    "| operation | what it does | class |",
    "|---|---|---|",
    ...operations.map((r) => `| [${r.name}](#${r.name}) | ${cell(r.summary)} | ${r.class} |`),
    "",
    ...operations.map((r) => docsSection(r, command)),
  ].join("\n");
}

/**
 * Puts the table of operations, sorted by class from view to destructive, into README.md. The rest of the file is
 * unchanged.
 */
export function withOperations(readme: string, all: readonly Operation[]): string {
  const sorted = all
    .filter(isTyped)
    .toSorted((a, z) => OPERATION_CLASSES.indexOf(a.class) - OPERATION_CLASSES.indexOf(z.class));
  const table = [
    "| command | what it does | class |",
    "|---|---|---|",
    ...sorted.map((o) => {
      const words = [
        o.name,
        ...argumentsOf(o)
          .filter((a) => a.positional)
          .map(shape),
      ].join(" ");
      return `| \`${cell(words)}\` | ${cell(o.summary)} | ${o.class} |`;
    }),
  ];
  return readme.replace(
    /(<!-- operations, by npm run generate -->)[\s\S]*?(<!-- end -->)/u,
    (_all, start: string, end: string) => [start, "", ...table, "", end].join("\n"),
  );
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** An argument's name in help texts: `<job>`, `--vertex`. */
const label = (a: Argument): string => (a.positional ? `<${a.key}>${dots(a)}` : a.flag);

const dots = (a: Argument): string => (a.kind === "many" ? "..." : "");

function shape(a: Argument): string {
  if (a.positional) return `${a.required ? `<${a.key}>` : `[${a.key}]`}${dots(a)}`;
  const value =
    a.kind === "switch"
      ? ""
      : a.key === "reason" || a.key === "breakGlass"
        ? ' "..."'
        : ` ${a.kind === "choice" && a.choices.length < 5 ? a.choices.join("|") : (a.value ?? a.key)}`;
  const one = `${a.flag}${value}`;
  return a.required ? one : `[${one}]${dots(a)}`;
}
