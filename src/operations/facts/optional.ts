import { FlinkProblem } from "../../model/errors.ts";
import type { NotYet } from "../../model/flink-jobs.ts";

/**
 * What an answer is complete without: null where Flink does not give it, or not yet. Meant for `flink.decoration`, which
 * gives up soon. Throws only what is no problem of Flink's.
 */
export async function optional<T>(reading: Promise<T | NotYet>): Promise<T | null> {
  try {
    const read = await reading;
    return read === "not yet" ? null : read;
  } catch (error) {
    if (error instanceof FlinkProblem) return null;
    throw error;
  }
}
