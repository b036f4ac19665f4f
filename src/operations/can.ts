import { z } from "zod";
import { parse } from "../command/parse.ts";
import { defineLocal } from "../model/operation.ts";
import { code, t } from "../model/text.ts";

/** Whether the person may use a command here, by which rule, and who would have to approve it. */
export const can = defineLocal({
  kind: "local",
  personal: true,
  name: "can",
  summary: "Tell whether you may use a command here, and who must approve it",
  examples: ["can stop orders", "can scale orders 8"],
  args: z.strictObject({
    command: z.string().trim().min(1).max(1000).describe("the command, as you would type it"),
  }),
  positionals: ["command"],
  takesCommand: true,
  class: "view",
  find: () => ({ find: "none" }),

  async answer(c) {
    const parsed = parse(c.args.command, c.operations, c.command);
    if (parsed.is === "problem") return parsed.refusal;
    const { operation } = parsed;
    if (operation.kind === "change" || operation.kind === "alias") return { may: c.args.command };
    return c.may(operation)
      ? { outcome: "done", headline: t`Yes, you may use ${code(operation.name)} here.`, lines: [] }
      : { refuse: t`No, you may not use ${code(operation.name)} here.` };
  },
});
