import { z } from "zod";
import { formatArgument } from "./wording/arguments.ts";
import { type FanOutPhases, fanOutArgs, fanOutPhases, openFanOut } from "./phases/fan-out.ts";
import type { ClusterTarget } from "../model/target.ts";
import { defineChangeOf } from "../model/operation.ts";
import { t } from "../model/text.ts";
import { count } from "../model/units.ts";

const args = z.strictObject({ ...fanOutArgs, format: formatArgument });

/**
 * `stop --all`: stops each job with a savepoint, to be resumed later. One approval covers the list as it was
 * requested.
 */
export const stopAll = defineChangeOf<ClusterTarget>()<z.infer<typeof args>, FanOutPhases>({
  kind: "change",
  name: "stop-all",
  under: "stop",
  summary: "Stop every running job of a cluster with a savepoint",
  examples: ["stop-all --cluster prod"],
  args,
  positionals: [],
  class: "destructive",
  find: (a) => ({ find: "cluster", cluster: a.cluster ?? null }),
  allowedIn: "any",
  open: (c) =>
    openFanOut(c, {
      headline: (n) => t`Stop ${count(n, "job")} with a savepoint each`,
      loses: [],
    }),
  first: "begin",
  phases: fanOutPhases({
    each: (c, job) => ({ operation: "stop", args: { job, format: c.args.format } }),
    over: (done, of) => t`${done} of ${count(of, "job")} stopped`,
  }),
});
