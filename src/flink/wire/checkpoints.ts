import { z } from "zod";
import type { Checkpoint, CheckpointConfig, Checkpoints, TriggerStatus } from "../../model/flink-jobs.ts";
import { holdsCredentials } from "../../model/state-path.ts";
import { number } from "./jobs.ts";
import { innermostCause, usableSavepoint } from "../rest/error-text.ts";

/** Null for "<checkpoint-not-externally-addressable>" and for a path with credentials, which must not be stored. */
const addressable = (path: string | null | undefined): string | null =>
  path == null || path.startsWith("<") || holdsCredentials(path) ? null : path;

const checkpoint = z
  .looseObject({
    className: z.enum(["completed", "failed", "in_progress"]),
    id: number,
    is_savepoint: z.boolean(),
    trigger_timestamp: number,
    end_to_end_duration: number,
    checkpointed_size: number.optional(),
    state_size: number,
    num_subtasks: number,
    num_acknowledged_subtasks: number,
    checkpoint_type: z.string().nullish(),
    external_path: z.string().nullish(),
    discarded: z.boolean().nullish(),
    savepointFormat: z.string().nullish(),
    failure_message: z.string().nullish(),
  })
  .transform(
    (c): Checkpoint => ({
      id: c.id,
      kind: c.className,
      isSavepoint: c.is_savepoint,
      triggeredAt: c.trigger_timestamp,
      endToEndMs: c.className === "in_progress" ? null : c.end_to_end_duration,
      sizeBytes: c.state_size,
      acknowledged: c.num_acknowledged_subtasks,
      subtasks: c.num_subtasks,
      path: addressable(c.external_path),
      failure: c.failure_message == null ? null : innermostCause(c.failure_message),
      discarded: c.discarded ?? false,
      format: c.savepointFormat ?? null,
      type: c.checkpoint_type ?? (c.is_savepoint ? "SAVEPOINT" : "CHECKPOINT"),
    }),
  );

export const checkpoints = z
  .looseObject({
    counts: z.looseObject({ completed: number, failed: number, in_progress: number.optional() }),
    latest: z.looseObject({
      completed: checkpoint.nullish(),
      savepoint: checkpoint.nullish(),
      failed: checkpoint.nullish(),
      restored: z
        .looseObject({
          restore_timestamp: number,
          is_savepoint: z.boolean(),
          external_path: z.string().nullish(),
        })
        .nullish(),
    }),
    history: z.array(checkpoint),
  })
  .transform(
    (c): Checkpoints => ({
      completed: c.counts.completed,
      failed: c.counts.failed,
      inProgress: c.counts.in_progress ?? 0,
      latestCompleted: c.latest.completed ?? null,
      latestSavepoint: c.latest.savepoint ?? null,
      latestFailed: c.latest.failed ?? null,
      latestRestored:
        c.latest.restored == null
          ? null
          : {
              path: addressable(c.latest.restored.external_path),
              isSavepoint: c.latest.restored.is_savepoint,
              at: c.latest.restored.restore_timestamp,
            },
      history: c.history,
    }),
  );

export const checkpointConfig = z
  .looseObject({
    interval: number,
    timeout: number,
    externalization: z.looseObject({ enabled: z.boolean(), delete_on_cancellation: z.boolean() }),
  })
  .transform(
    (c): CheckpointConfig => ({
      // Long.MAX_VALUE means that periodic checkpoints are off
      intervalMs: c.interval >= Number.MAX_SAFE_INTEGER ? null : c.interval,
      timeoutMs: c.timeout,
      retainedOnCancel: c.externalization.enabled && !c.externalization.delete_on_cancellation,
      retainedOnFailure: c.externalization.enabled,
    }),
  );

/** Flink has no FAILED status: a failure is COMPLETED with a cause. */
export const triggerStatus = z
  .looseObject({
    status: z.looseObject({ id: z.enum(["IN_PROGRESS", "COMPLETED"]) }),
    operation: z
      .looseObject({
        location: z.string().nullish(),
        "failure-cause": z.looseObject({ class: z.string(), "stack-trace": z.string().nullish() }).nullish(),
      })
      .nullish(),
  })
  .transform(({ status, operation }, context): TriggerStatus => {
    if (status.id === "IN_PROGRESS") return { is: "in_progress" };
    const cause = operation?.["failure-cause"];
    if (cause != null) {
      const stack = cause["stack-trace"] ?? cause.class;
      return { is: "failed", reason: innermostCause(stack), usable: usableSavepoint(stack) };
    }
    if (operation?.location != null) return { is: "completed", location: operation.location };
    context.addIssue({ code: "custom", message: "neither location nor cause", path: ["operation"] });
    return z.NEVER;
  });

const inProgress = z.looseObject({ status: z.looseObject({ id: z.literal("IN_PROGRESS") }) });
/** Whether this is the answer about an asynchronous operation, of any kind, that is in progress. */
export const isInProgress = (body: unknown): boolean => inProgress.safeParse(body).success;
