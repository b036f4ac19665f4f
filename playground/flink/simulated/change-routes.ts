import { randomBytes } from "node:crypto";
import { type Bounds, cancel, rescale, trigger } from "./changes.ts";
import type { SimulatedCluster } from "./cluster.ts";
import type { SimulatedJob } from "./job.ts";
import { HEX_32, ok, requirementsRoute, type SimulatedRequest } from "./requirements.ts";
import { no, plainNo, type SimulatedAnswer } from "./words.ts";

/** PATCH /jobs/:id */
export function cancelRoute(
  cluster: SimulatedCluster,
  job: SimulatedJob | undefined,
  request: SimulatedRequest,
): SimulatedAnswer {
  if (request.query.get("mode") === "stop") return no(308, 'The termination mode "stop" has been removed.');
  if (job === undefined) return no(404, "Job could not be found.");
  if (job.state === "FINISHED" || job.state === "FAILED") {
    return no(
      409,
      `Job cancellation failed because the job has already reached another terminal state (${job.state}).`,
    );
  }
  cancel(cluster, job);
  return ok({}, 202);
}

/** POST savepoints and stop: 202 for any job id */
export function triggerRoute(
  cluster: SimulatedCluster,
  jobId: string,
  request: SimulatedRequest,
  stop: boolean,
): SimulatedAnswer {
  const body = object(request.text);
  const className = stop ? "StopWithSavepointRequestBody" : "SavepointTriggerRequestBody";
  const triggerId = body?.["triggerId"] ?? randomBytes(16).toString("hex");
  const format = body?.["formatType"] ?? "CANONICAL";
  const known =
    typeof triggerId === "string" &&
    HEX_32.test(triggerId) &&
    (format === "CANONICAL" || format === "NATIVE");
  if (body === null || !known) return plainNo(400, `Request did not match expected format ${className}.`);
  // each door has its own spelling and drops the other's without a word
  const field = stop ? "targetDirectory" : "target-directory";
  const given = body[field];
  const directory = typeof given === "string" ? given : cluster.options.savepointDirectory;
  if (directory === null) {
    return no(
      400,
      `Config key [execution.checkpointing.savepoint-dir] is not set. Property [${field}] must be provided.`,
    );
  }
  trigger(cluster, { jobId, triggerId, directory, format, drain: stop ? body["drain"] === true : null });
  return ok({ "request-id": triggerId }, 202);
}

/** PUT resource-requirements: all vertices or nothing */
export function rescaleRoute(
  cluster: SimulatedCluster,
  jobId: string,
  job: SimulatedJob | undefined,
  request: SimulatedRequest,
): SimulatedAnswer {
  const body = object(request.text);
  const entries = Object.entries(body ?? {}).filter(([id]) => HEX_32.test(id));
  if (body === null || entries.length !== Object.keys(body).length) {
    return plainNo(400, "Request did not match expected format JobResourceRequirementsBody.");
  }
  if (entries.length === 0) return no(400, "Request body does not specify resource requirements.");
  const readable = requirementsRoute(jobId, job);
  if (job === undefined || readable.status !== 200) return readable;
  const target: Bounds = Object.fromEntries(entries.map(([id, value]) => [id, bounds(job, id, value)]));
  const problems = [
    ...Object.keys(target)
      .filter((id) => !job.vertices.some((v) => v.id === id))
      .map((id) => `Job vertex [${id}] was not found in the JobGraph.`),
    ...job.vertices.flatMap((v) => problem(v, target[v.id])),
  ];
  if (problems.length > 0) return no(400, problems.join("\n"));
  rescale(cluster, job, target);
  return ok({});
}

function bounds(job: SimulatedJob, id: string, value: unknown): Bounds[string] {
  const p = typeof value === "object" && value !== null && "parallelism" in value ? value.parallelism : {};
  const { lowerBound = 0, upperBound = 0 } = p as { lowerBound?: number; upperBound?: number };
  const highest = job.vertices.find((v) => v.id === id)?.maxParallelism ?? 1;
  return {
    lowerBound: lowerBound === -1 ? 1 : lowerBound,
    upperBound: upperBound === -1 ? highest : upperBound,
  };
}

function problem(v: SimulatedJob["vertices"][number], b: Bounds[string] | undefined): string[] {
  if (b === undefined)
    return [`The request is incomplete, missing job vertex [${v.id}] resource requirements.`];
  if (b.lowerBound < 1 || b.upperBound < 1) {
    return [
      `Both, the requested lower bound [${b.lowerBound}] and upper bound [${b.upperBound}] for job vertex [${v.id}] must be greater than zero.`,
    ];
  }
  if (b.lowerBound > b.upperBound) {
    return [
      `The requested lower bound [${b.lowerBound}] for job vertex [${v.id}] is higher than the upper bound [${b.upperBound}].`,
    ];
  }
  if (b.upperBound > v.maxParallelism) {
    return [
      `The newly requested parallelism ${b.upperBound} for the job vertex ${v.id} exceeds its maximum parallelism ${v.maxParallelism}.`,
    ];
  }
  return [];
}

/** The body of a request; null: it is no JSON object. */
export function object(text: string): Record<string, unknown> | null {
  try {
    const body: unknown = text === "" ? {} : JSON.parse(text);
    return typeof body === "object" && body !== null && !Array.isArray(body)
      ? (body as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
