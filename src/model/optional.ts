import { FlinkProblem } from "./errors.ts";
import type { NotYet } from "./flink-jobs.ts";

/**
 * Reads an optional part of an answer: null if Flink does not give it, or not yet. Meant for `flink.decoration`,
 * which gives up soon. Throws only errors that are no FlinkProblem.
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
