import { z } from "zod";
import { closest } from "../command/closest.ts";
import { argumentLines, examplesOf, usageLine } from "../command/usage.ts";
import { shown } from "./wording/job.ts";
import { defineLocal, isTyped, type Operation } from "../model/operation.ts";
import { b, code, t } from "../model/text.ts";

/** First in the list of operations, so it also answers an empty command. */
export const help = defineLocal({
  kind: "local",
  personal: true,
  name: "help",
  summary: "Show what you can do here, with examples to copy",
  examples: ["help", "help scale"],
  args: z.strictObject({
    operation: z
      .string()
      .trim()
      .toLowerCase()
      .min(1)
      .max(100)
      .optional()
      .describe("one operation, in detail"),
  }),
  positionals: ["operation"],
  class: "view",
  find: () => ({ find: "none" }),

  async answer(c) {
    const rows = c.operations.filter((row) => isTyped(row) && c.may(row));
    const { operation } = c.args;
    if (operation === undefined)
      return {
        outcome: "done",
        headline: "What you can do here",
        lines: [
          ...grouped(rows).flatMap(([title, some]) => [
            t`${b(title)}`,
            ...some.map((row) => t`${code(firstExample(row, c.command))} ${row.summary}`),
          ]),
          t`Details: ${code(`${c.command} help <operation>`)}.${c.command.startsWith("/") ? " In a thread, mention the bot with the same words." : ""}`,
        ],
      };
    const row = rows.find((r) => r.name === operation);
    if (row !== undefined)
      return {
        outcome: "done",
        headline: t`${b(row.name)}: ${row.summary}`,
        lines: [
          code(usageLine(row, c.command)),
          ...argumentLines(row),
          ...examplesOf(row, c.command).map((e) => code(e)),
          ...(row.class === "destructive" ? ["Needs another person's approval."] : []),
        ].map((line) => t`${line}`),
      };
    if (c.operations.some((r) => r.name === operation))
      return { refuse: t`You are not allowed to use ${code(operation)} here.` };
    const near = closest(
      operation,
      rows.map((r) => r.name),
    );
    return {
      refuse: t`There is no operation ${code(shown(operation))}.`,
      instead:
        near.length > 0
          ? near.map((n) => t`Did you mean ${code(`${c.command} help ${n}`)}?`)
          : [`The operations are: ${rows.map((r) => r.name).join(", ")}.`],
    };
  },
});

/** The operations by what people want to do. One that is in no group belongs to the first. */
const GROUPS: readonly (readonly [title: string, names: readonly string[]])[] = [
  ["Read", []],
  ["Change", ["scale", "savepoint", "checkpoint", "stop", "cancel", "dispose"]],
  ["Start and recover", ["resume", "run", "restart", "rollback", "watch"]],
  ["Requests", ["requests", "withdraw", "whoami", "can"]],
];

function grouped(rows: readonly Operation[]): readonly (readonly [string, readonly Operation[]])[] {
  const others = new Set(GROUPS.flatMap(([, names]) => names));
  return GROUPS.map(([title, names], i): readonly [string, readonly Operation[]] => [
    title,
    rows.filter((row) => (i === 0 ? !others.has(row.name) : names.includes(row.name))),
  ]).filter(([, some]) => some.length > 0);
}

const firstExample = (row: Operation, command: string): string => examplesOf(row, command)[0] ?? command;
