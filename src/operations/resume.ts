import { z } from "zod";
import { nameArgument } from "./wording/arguments.ts";
import { defineAlias } from "../model/operation.ts";
import { LAST } from "./plans/start-state.ts";

/** The usual choice at night: the newest state, and the jar that the job ran with. */
export const resume = defineAlias({
  kind: "alias",
  name: "resume",
  summary: "Start a job again from its newest savepoint or checkpoint, with the jar that it ran with",
  examples: ["resume orders", 'resume orders --reason "it failed at night"'],
  args: z.strictObject({ job: nameArgument }),
  positionals: ["job"],
  class: "operate",
  under: "run",
  find: (args) => ({ find: "name", name: args.job }),
  becomes: (args) => ({ operation: "run", args: { job: args.job, from: LAST, jar: "same" } }),
});
