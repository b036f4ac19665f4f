import { z } from "zod";
import { formatArgument } from "./wording/arguments.ts";
import { type FanOutPhases, fanOutArgs, fanOutPhases, openFanOut } from "./phases/fan-out.ts";
import type { ClusterTarget } from "../model/target.ts";
import { defineChangeOf } from "../model/operation.ts";
import { t } from "../model/text.ts";
import { count } from "../model/units.ts";

const args = z.strictObject({ ...fanOutArgs, format: formatArgument });

/** `savepoint --all`, for example before maintenance. One request, with a line and a result for each job. */
export const savepointAll = defineChangeOf<ClusterTarget>()<z.infer<typeof args>, FanOutPhases>({
  kind: "change",
  name: "savepoint-all",
  under: "savepoint",
  summary: "Write a savepoint of every running job of a cluster; the jobs continue",
  examples: ["savepoint-all --cluster prod"],
  args,
  positionals: [],
  class: "operate",
  find: (a) => ({ find: "cluster", cluster: a.cluster ?? null }),
  allowedIn: "any",
  fitForManaged: true,
  open: (c) => openFanOut(c, { headline: (n) => t`Savepoints of ${count(n, "job")}`, loses: [] }),
  first: "begin",
  phases: fanOutPhases({
    each: (c, job) => ({ operation: "savepoint", args: { job, format: c.args.format } }),
    over: (done, of) => t`${done} of ${count(of, "savepoint")} complete`,
  }),
});
