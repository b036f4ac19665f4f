import { z } from "zod";
import { FlinkUnexpected } from "../../model/errors.ts";
import {
  type Requirements,
  JOB_STATES,
  type JobDetail,
  type JobException,
  type JobState,
  type JobSummary,
} from "../../model/flink-jobs.ts";
import type { FlinkCall, SavepointFormat } from "../../model/effect.ts";
import { stackForPeople } from "../rest/stack-text.ts";
import { isFlinkId } from "../rest/paths.ts";
import { simpleName } from "../rest/causes.ts";
import { causeParts, forPeople } from "../rest/error-text.ts";

/**
 * Schemas that translate Flink's names into ours. They read only the fields that flinkops uses, because Flink adds
 * fields in every minor version. Flink's OpenAPI description is wrong in places; these follow its serializers.
 */

/** A count, a size or a time: Java's int or long, which is always a number. */
export const number = z.number();
const state = z.enum(JOB_STATES);
const whenSet = (at: number): number | null => (at > 0 ? at : null);
/** An id that flinkops puts into a path later. */
export const hex32 = z.string().refine(isFlinkId);

export const errorsSchema = z.looseObject({ errors: z.array(z.string()) });

/** Throws FlinkUnexpected with a message that names the first invalid field. */
export function read<T>(schema: z.ZodType<T>, body: unknown, doing: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? "the answer" : issue.path.join(".");
  throw new FlinkUnexpected(`${doing}: ${forPeople(where)} is not what Flink answers`, {
    cause: parsed.error,
  });
}

// z.object copies only the named fields: these answers are the longest
const overviewRow = z.object({
  jid: hex32,
  name: z.string(),
  "start-time": number,
  "end-time": number,
  duration: number,
  state,
  "last-modification": number,
  tasks: z.object({ total: number, running: number, finished: number, failed: number }),
  "pending-operators": number.optional(),
  jobType: z.string().nullish(),
  schedulerType: z.string().nullish(),
});

/** A summary, and Flink's clock at that moment; null once the job has ended. */
export interface JobRow {
  summary: JobSummary;
  now: number | null;
}

export const jobsOverview = z.object({ jobs: z.array(overviewRow) }).transform(({ jobs }): JobRow[] =>
  jobs.map((j) => ({
    summary: {
      jobId: j.jid,
      name: j.name,
      state: j.state,
      startedAt: j["start-time"],
      endedAt: whenSet(j["end-time"]),
      lastModifiedAt: j["last-modification"],
      ageMs: j.duration,
      tasks: {
        total: j.tasks.total,
        running: j.tasks.running,
        finished: j.tasks.finished,
        failed: j.tasks.failed,
      },
      pendingOperators: j["pending-operators"] ?? 0,
      scheduler: j.schedulerType ?? null,
      jobType: j.jobType ?? null,
    },
    // uncached, unlike `now` of /jobs/:id, which comes with a cached graph
    now: j["end-time"] > 0 ? null : j["start-time"] + j.duration,
  })),
);

const vertex = z.looseObject({
  id: hex32,
  name: z.string(),
  maxParallelism: number,
  parallelism: number,
  status: z.string(),
  slotSharingGroupId: z.string().nullish(),
  tasks: z.record(z.string(), number),
});

export const jobDetail = z
  .looseObject({
    jid: hex32,
    name: z.string(),
    state,
    "start-time": number,
    "end-time": number,
    now: number,
    timestamps: z.record(z.string(), number),
    "job-type": z.string().nullish(),
    schedulerType: z.string().nullish(),
    "pending-operators": number.optional(),
    vertices: z.array(vertex),
  })
  .transform(
    (j): JobDetail => ({
      jobId: j.jid,
      name: j.name,
      state: j.state,
      startedAt: j["start-time"],
      endedAt: whenSet(j["end-time"]),
      now: j.now,
      stateSince: whenSet(j.timestamps[j.state] ?? 0),
      scheduler: j.schedulerType ?? null,
      jobType: j["job-type"] ?? null,
      pendingOperators: j["pending-operators"] ?? 0,
      vertices: j.vertices.map((v) => ({
        id: v.id,
        name: v.name,
        parallelism: v.parallelism,
        maxParallelism: v.maxParallelism,
        state: v.status,
        slotGroup: v.slotSharingGroupId ?? null,
        tasksRunning: v.tasks["RUNNING"] ?? 0,
        tasksFinished: v.tasks["FINISHED"] ?? 0,
        tasksTotal: Object.values(v.tasks).reduce((sum, n) => sum + n, 0),
      })),
    }),
  );

export const jobStatus = z.looseObject({ status: state }).transform((s): JobState => s.status);

export const exceptions = z
  .looseObject({
    exceptionHistory: z.looseObject({
      entries: z.array(
        z.looseObject({
          exceptionName: z.string(),
          stacktrace: z.string(),
          timestamp: number,
          taskName: z.string().nullish(),
          endpoint: z.string().nullish(),
          taskManagerId: z.string().nullish(),
        }),
      ),
    }),
  })
  .transform(({ exceptionHistory }): JobException[] =>
    exceptionHistory.entries.map((e) => ({
      name: forPeople(simpleName(e.exceptionName)),
      ...causeParts(e.stacktrace, forPeople(simpleName(e.exceptionName))),
      at: e.timestamp,
      task: e.taskName ?? null,
      host: e.endpoint ?? null,
      taskManager: e.taskManagerId ?? null,
      stack: stackForPeople(e.stacktrace),
    })),
  );

/** A bare array, unlike in Flink's OpenAPI description. */
export const metrics = z
  .array(z.looseObject({ id: z.string(), value: z.string().optional() }))
  .transform((all) =>
    Object.fromEntries(all.flatMap((m) => (m.value === undefined ? [] : [[m.id, m.value] as const]))),
  );

const bounds = z.looseObject({ parallelism: z.looseObject({ lowerBound: number, upperBound: number }) });
export const requirements = z
  .record(z.string(), bounds)
  .transform(
    (all): Requirements =>
      Object.fromEntries(
        Object.entries(all).map(([id, { parallelism: p }]) => [
          id,
          { lowerBound: p.lowerBound, upperBound: p.upperBound },
        ]),
      ),
  );

export const requirementsBody = (all: Requirements): FlinkCall["body"] =>
  Object.fromEntries(Object.entries(all).map(([id, parallelism]) => [id, { parallelism }]));

export const triggered = z.looseObject({ "request-id": hex32 }).transform((t) => t["request-id"]);

/** Flink mixes naming styles here, and silently ignores unknown fields (FLINK-35302). */
export const savepointBody = (e: {
  directory: string | null;
  format: SavepointFormat;
  triggerId: string;
}): FlinkCall["body"] => ({
  ...(e.directory === null ? {} : { "target-directory": e.directory }),
  "cancel-job": false,
  formatType: e.format,
  triggerId: e.triggerId,
});

export const stopBody = (e: {
  directory: string | null;
  drain: boolean;
  format: SavepointFormat;
  triggerId: string;
}): FlinkCall["body"] => ({
  ...(e.directory === null ? {} : { targetDirectory: e.directory }),
  drain: e.drain,
  formatType: e.format,
  triggerId: e.triggerId,
});

export const clusterOverview = z
  .looseObject({
    taskmanagers: number,
    "slots-total": number,
    "slots-available": number,
    "flink-version": z.string(),
  })
  .transform((o) => ({
    version: o["flink-version"],
    slotsTotal: o["slots-total"],
    slotsFree: o["slots-available"],
    taskManagers: o.taskmanagers,
  }));

/** The features that Flink's web page offers. */
export interface Features {
  cancel: boolean;
  submit: boolean;
  rescale: boolean;
}

/** `web-rescale` exists since Flink 1.18. */
export const dashboardConfig = z
  .looseObject({
    features: z.looseObject({
      "web-cancel": z.boolean(),
      "web-submit": z.boolean(),
      "web-rescale": z.boolean().optional(),
    }),
  })
  .transform(
    ({ features }): Features => ({
      cancel: features["web-cancel"],
      submit: features["web-submit"],
      rescale: features["web-rescale"] ?? false,
    }),
  );

/** May hold secrets: read single keys, never show it. */
export const jobManagerConfig = z
  .array(z.looseObject({ key: z.string(), value: z.string().nullish() }))
  .transform((all): ReadonlyMap<string, string> => new Map(all.map((e) => [e.key, e.value ?? ""])));
