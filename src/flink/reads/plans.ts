import { FlinkBusy, FlinkUnreachable } from "../../model/errors.ts";
import type { FlinkClusterReads } from "../../model/flink-reads.ts";
import type { Planned } from "../../model/planned-job.ts";
import type { Side } from "../facts/settings.ts";
import { jarPath, jobPath } from "../rest/paths.ts";
import { type FlinkNo, type FlinkResponse, isUnknownJob, StoppedBefore, why } from "../rest/response.ts";
import { read } from "../wire/jobs.ts";
import { jobGraph, planBody, stateSizes } from "../wire/plan.ts";
import type { Fetch } from "./cluster.ts";

/** How long Flink may take to plan a program, ms: somebody waits for the card. A start may take longer. */
const PLAN_MS = 10_000;

/** main() came to an end, but never to a job: it catches what Flink throws to stop it there, or starts none. */
const NOT_FETCHED = /The program plan could not be fetched/u;

/** Application mode, or `web.submit.enable: false`: there is no such path. */
const isNoRoute = ({ status, errors }: FlinkNo): boolean =>
  status === 404 && errors.some((e) => e.startsWith("Not found"));

/** The reads that tell before a start whether the program takes the state. */
export function createPlans(
  { config, starts }: Pick<Side, "config" | "starts">,
  fetch: Fetch,
): Pick<FlinkClusterReads, "planOf" | "graphOf" | "stateSizes"> {
  return {
    async planOf(program) {
      if (!config.changes) return notTold(`${config.name} is read-only here, and planning runs the program`);
      const path = `${jarPath(program.jar)}/plan`;
      const mayTakeMs = Math.min(PLAN_MS, config.timeouts.startMs);
      let answer: FlinkResponse;
      try {
        answer = await starts.call({
          method: "POST",
          path,
          body: planBody(program),
          lease: null,
          mayTakeMs,
        });
      } catch (error) {
        if (error instanceof FlinkBusy) return notTold("other starts keep Flink busy");
        // while it has not reached Flink, nothing else of the cluster can be read either
        if (error instanceof FlinkUnreachable && error.reached === "maybe")
          return notTold(`Flink had not planned it within ${mayTakeMs / 1000} s`);
        if (error instanceof StoppedBefore) return notTold(`the cluster ${error.did}`);
        throw error;
      }
      if (answer.ok)
        return { is: "planned", graph: read(jobGraph, answer.body, `reading ${path} of ${config.name}`) };
      if (isNoRoute(answer)) return notTold(`${config.name} does not plan jars`);
      if (answer.errors.some((e) => NOT_FETCHED.test(e)))
        return notTold("its main() ends before Flink has seen a job");
      return { is: "cannot start", why: why(answer) };
    },

    graphOf: async (jobId) =>
      fetch(`${jobPath(jobId)}/plan`, jobGraph, (answer) => (isUnknownJob(answer) ? null : undefined)),
    stateSizes: async (jobId, checkpointId) =>
      fetch(`${jobPath(jobId)}/checkpoints/details/${Math.trunc(checkpointId)}`, stateSizes, (answer) =>
        isUnknownJob(answer) || isNoCheckpoint(answer) ? null : undefined,
      ),
  };
}

const notTold = (reason: string): Planned => ({ is: "not told", why: reason });

/** flink-runtime, AbstractCheckpointHandler; or a job that takes none. */
const isNoCheckpoint = ({ status, errors }: FlinkNo): boolean =>
  status === 404 &&
  errors.some((e) => /Could not find checkpointing statistics|Checkpointing has not been enabled/u.test(e));
