import { z } from "zod";
import { defineLocal } from "../model/operation.ts";
import { lockScope, scopeArgument } from "./wording/arguments.ts";

/** Ends a lock before its time. Whose locks a person may lift is decided where locks are stored. */
export const unlock = defineLocal({
  kind: "local",
  name: "unlock",
  summary: "Lift your lock, or as an approver someone else's",
  examples: ["unlock prod/orders", "unlock prod"],
  args: z.strictObject({ where: scopeArgument }),
  positionals: ["where"],
  class: "lock",
  find: (args) => ({ find: "name", name: args.where }),
  answer: async (c) => await Promise.resolve({ move: "lift", scope: lockScope(c.target) }),
});
