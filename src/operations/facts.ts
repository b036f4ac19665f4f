import { z } from "zod";
import { StoredDataInvalid } from "../errors.ts";
import type { Intent } from "./operation.ts";

/** What rows leave in an intent for their later phases. It is persisted, so it is read as what comes from outside. */
type Facts = Intent["facts"];

/** Throws StoredDataInvalid: another version of flinkops has written it, or somebody else. */
function read<T>(schema: z.ZodType<T>, facts: Facts, key: string): T {
  const parsed = schema.safeParse(facts[key]);
  if (parsed.success) return parsed.data;
  throw new StoredDataInvalid(`reading the fact ${key} of a request: ${z.prettifyError(parsed.error)}`);
}

const frozenJob = z.object({ jobId: z.string(), name: z.string() });

/** One job of the list that was frozen when many were asked for. */
export type FrozenJob = z.infer<typeof frozenJob>;

export const frozenJobs = (facts: Facts): readonly FrozenJob[] => read(z.array(frozenJob), facts, "jobs");

/** In words, each with why it is not on that list. */
export const leftOutJobs = (facts: Facts): readonly string[] =>
  read(z.array(z.string()).default([]), facts, "leftOut");
