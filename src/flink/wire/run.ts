import { z } from "zod";
import type { FlinkCall, FlinkEffect } from "../../model/effect.ts";
import type { Disposal } from "../../model/flink-cluster.ts";
import { hex32 } from "./jobs.ts";
import { innermostCause } from "../rest/error-text.ts";

/**
 * The state does not exist. FileNotFoundException alone is no proof: an unreadable file throws it too.
 * flink-runtime, AbstractFsCheckpointStorageAccess.resolveCheckpointPointer
 */
const NOTHING_THERE = /Cannot find (?:checkpoint or savepoint file\/directory|meta data file)/u;

const cause = z.looseObject({ class: z.string(), "stack-trace": z.string().nullish() });

/**
 * Sets NO_CLAIM for a restore, so the cluster's `execution.state-recovery.claim-mode` does not decide who owns the
 * state.
 */
export const runBody = (e: Extract<FlinkEffect, { do: "run" }>): FlinkCall["body"] => ({
  jobId: e.jobId,
  ...(e.entryClass === null ? {} : { entryClass: e.entryClass }),
  programArgsList: e.args,
  ...(e.parallelism === null ? {} : { parallelism: e.parallelism }),
  ...(e.from === null ? {} : { savepointPath: e.from, claimMode: "NO_CLAIM" }),
  allowNonRestoredState: e.allowNonRestoredState,
  ...rehearsing(e.as),
});

/**
 * For a rehearsal. The name counts where the program gives the job none. Its checkpoints are deleted however it ends, where
 * the program does not say otherwise. flink-core, PipelineOptions.NAME and CheckpointingOptions
 */
export const rehearsing = (as: string | undefined): FlinkCall["body"] =>
  as === undefined
    ? {}
    : {
        flinkConfiguration: {
          "pipeline.name": as,
          "execution.checkpointing.externalized-checkpoint-retention": "NO_EXTERNALIZED_CHECKPOINTS",
        },
      };

/** The job's id: the one we sent, unless the program chose another. */
export const ran = z.looseObject({ jobid: hex32 }).transform((r) => r.jobid);

/** Why a job failed, even before it had any exceptions; null: it is running or did not fail. */
export const executionResult = z
  .looseObject({
    "job-execution-result": z.looseObject({ "failure-cause": cause.nullish() }).nullish(),
  })
  .transform((r): string | null => {
    const failure = r["job-execution-result"]?.["failure-cause"];
    return failure == null ? null : innermostCause(failure["stack-trace"] ?? failure.class);
  });

export const disposalStarted = z.looseObject({ "request-id": hex32 }).transform((d) => d["request-id"]);

/** A success has no cause; Flink has no FAILED status. */
export const disposal = z
  .looseObject({
    status: z.looseObject({ id: z.enum(["IN_PROGRESS", "COMPLETED"]) }),
    operation: z.looseObject({ "failure-cause": cause.nullish() }).nullish(),
  })
  .transform(({ status, operation }): Disposal => {
    if (status.id === "IN_PROGRESS") return { is: "in_progress" };
    const failure = operation?.["failure-cause"];
    if (failure == null) return { is: "done" };
    const stack = failure["stack-trace"] ?? failure.class;
    return { is: "failed", reason: innermostCause(stack), missing: NOTHING_THERE.test(stack) };
  });
