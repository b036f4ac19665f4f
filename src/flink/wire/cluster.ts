import type { FlinkCall } from "../../model/effect.ts";
import { z } from "zod";
import type { Aggregate, CheckpointTrigger, Edge } from "../../model/flink-jobs.ts";
import type { Jar, TaskManager } from "../../model/flink-cluster.ts";
import { number } from "./jobs.ts";
import { innermostCause } from "../rest/error-text.ts";
import { isJarId } from "../rest/paths.ts";

/** Java's double: one that is not a number is written as the string "NaN". */
const figure = z.union([z.number(), z.literal(["NaN", "Infinity", "-Infinity"]).transform(() => Number.NaN)]);

/** A bare array of names, unlike in Flink's OpenAPI description. */
export const metricNames = z
  .array(z.looseObject({ id: z.string() }))
  .transform((all): string[] => all.map((m) => m.id));

/** Numbers, unlike the strings of a single task's metrics. */
export const aggregates = z
  .array(z.looseObject({ id: z.string(), min: figure, max: figure, avg: figure, sum: figure }))
  .transform((all) =>
    Object.fromEntries(
      all
        // busy time is NaN while a task does not measure it
        .filter((m) => Number.isFinite(m.max))
        .map(({ id, min, max, avg, sum }): [string, Aggregate] => [id, { min, max, avg, sum }]),
    ),
  );

export const plan = z
  .looseObject({
    plan: z.looseObject({
      nodes: z.array(
        z.looseObject({
          id: z.string(),
          inputs: z.array(z.looseObject({ id: z.string(), ship_strategy: z.string().nullish() })).nullish(),
        }),
      ),
    }),
  })
  .transform(({ plan: { nodes } }): Edge[] =>
    nodes.flatMap((to) =>
      (to.inputs ?? []).map((from) => ({ from: from.id, to: to.id, ship: from.ship_strategy ?? "" })),
    ),
  );

export const jars = z
  .looseObject({
    files: z.array(
      z.looseObject({
        id: z.string().refine(isJarId),
        name: z.string(),
        uploaded: number,
        entry: z.array(z.looseObject({ name: z.string() })).nullish(),
      }),
    ),
  })
  .transform(({ files }): Jar[] =>
    files
      .map((f) => ({
        id: f.id,
        name: f.name,
        uploadedAt: f.uploaded,
        entryClasses: (f.entry ?? []).map((e) => e.name),
      }))
      .toSorted((a, z) => z.uploadedAt - a.uploadedAt),
  );

export const taskManagers = z
  .looseObject({
    taskmanagers: z.array(
      z.looseObject({
        id: z.string(),
        path: z.string().nullish(),
        slotsNumber: number,
        freeSlots: number,
        timeSinceLastHeartbeat: number.nullish(),
        hardware: z.looseObject({ cpuCores: number.nullish() }).nullish(),
      }),
    ),
  })
  .transform(({ taskmanagers }): TaskManager[] =>
    taskmanagers.map((t) => ({
      id: t.id,
      // pekko.tcp://flink@10.0.0.7:6122/user/rpc/taskmanager_0
      host: /@([^/@]+):\d{1,5}\//u.exec(t.path ?? "")?.[1] ?? "",
      slots: t.slotsNumber,
      freeSlots: t.freeSlots,
      // an instant despite its name. flink-runtime, ResourceManager.requestTaskManagerInfo
      heartbeatAt: t.timeSinceLastHeartbeat ?? null,
      cpuCores: t.hardware?.cpuCores ?? null,
    })),
  );

/** Flink uses camel case here and kebab case for savepoints: `failureCause`. There is no FAILED status. */
export const checkpointTrigger = z
  .looseObject({
    status: z.looseObject({ id: z.enum(["IN_PROGRESS", "COMPLETED"]) }),
    operation: z
      .looseObject({
        checkpointId: number.nullish(),
        failureCause: z.looseObject({ class: z.string(), "stack-trace": z.string().nullish() }).nullish(),
      })
      .nullish(),
  })
  .transform(({ status, operation }, context): CheckpointTrigger => {
    if (status.id === "IN_PROGRESS") return { is: "in_progress" };
    const cause = operation?.failureCause;
    if (cause != null) return { is: "failed", reason: innermostCause(cause["stack-trace"] ?? cause.class) };
    if (operation?.checkpointId != null) return { is: "completed", checkpointId: operation.checkpointId };
    context.addIssue({ code: "custom", message: "neither id nor cause", path: ["operation"] });
    return z.NEVER;
  });

export const checkpointBody = (e: { full: boolean; triggerId: string }): FlinkCall["body"] => ({
  checkpointType: e.full ? "FULL" : "CONFIGURED",
  triggerId: e.triggerId,
});
