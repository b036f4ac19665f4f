import { FlinkProblem } from "../errors.ts";

/**
 * What an answer is complete without: null where Flink does not give it. Meant for `flink.decoration`, which gives up soon.
 * Throws only what is no problem of Flink's.
 */
export async function optional<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof FlinkProblem) return null;
    throw error;
  }
}
