import { z } from "zod";
import { defineChange } from "../../model/operation.ts";
import { followUp, phases, sharedArgs } from "./change.ts";
import type { RestartPhase } from "./phases.ts";
import { openRestart } from "./plan.ts";

const args = z.strictObject({
  ...sharedArgs,
  rehearse: z.boolean().default(false).describe("rehearse it first; if that fails, nothing is stopped"),
});

/** Stops with a savepoint and starts from it. Rolls back if the new job fails and nothing has been committed. */
export const restart = defineChange<z.infer<typeof args>, RestartPhase>({
  kind: "change",
  name: "restart",
  summary: "Stop a job with a savepoint and start it from there; roll back if the new version fails",
  examples: [
    "restart orders",
    "restart orders --parallelism 8",
    'restart orders --jar newest --reason "release 1.4"',
    "restart orders --jar newest --rehearse",
  ],
  args,
  positionals: ["job", "directory"],
  class: "destructive",
  find: (a) => ({ find: "job", job: a.job }),
  becomes: ({ rehearse, directory, parallelism, ...others }) =>
    rehearse
      ? {
          operation: "rehearsed-restart",
          args: {
            ...others,
            ...(directory === undefined ? {} : { directory }),
            ...(parallelism === undefined ? {} : { parallelism }),
          },
        }
      : null,
  allowedIn: ["RUNNING"],
  holds: (c) => [{ job: c.target.jobId }, { name: c.target.name }],
  open: openRestart,

  first: "stop",
  phases,
  followUp,
});
