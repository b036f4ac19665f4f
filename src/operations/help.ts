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
          ...rows.map((row) => t`${code(firstExample(row, c.command))} ${row.summary}`),
          t`Details: ${code(`${c.command} help <operation>`)}. In a thread, mention the bot with the same words.`,
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

const firstExample = (row: Operation, command: string): string => examplesOf(row, command)[0] ?? command;
