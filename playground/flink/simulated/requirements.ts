import { type SimulatedJob, TERMINAL } from "./job.ts";
import { initializing, serverError, type SimulatedAnswer, unknownJob500 } from "./words.ts";

/** A request with its body as text. */
export interface SimulatedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  text: string;
}

/** An id as Flink reads it. */
export const HEX_32 = /^[0-9a-fA-F]{32}$/u;
export const ok = (body: unknown, status = 200): SimulatedAnswer => ({ status, body });

const UNSUPPORTED =
  "The DefaultScheduler does not support changing the parallelism without a job restart. This feature is currently only expected to work with the AdaptiveScheduler.";

/** Reading them fails in the same ways as writing them. */
export function requirementsRoute(jobId: string, job: SimulatedJob | undefined): SimulatedAnswer {
  if (job === undefined || TERMINAL.has(job.state)) return unknownJob500(jobId);
  if (job.scheduler === "Default") return serverError("java.lang.UnsupportedOperationException", UNSUPPORTED);
  if (job.state === "INITIALIZING") return initializing();
  return ok(
    Object.fromEntries(
      job.vertices.map((v) => [
        v.id,
        { parallelism: { lowerBound: v.lowerBound, upperBound: v.upperBound } },
      ]),
    ),
  );
}
