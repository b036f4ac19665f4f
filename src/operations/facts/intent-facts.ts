import { z } from "zod";
import { StoredDataInvalid } from "../../model/errors.ts";
import type { KeptArgs, Launch } from "../../model/effect.ts";
import type { Intent } from "../../model/intent.ts";

/** What rows leave in an intent for their later phases. It is persisted, so it is read as what comes from outside. */
type Facts = Intent["facts"];

/** Throws StoredDataInvalid: another version of flinkops has written it, or somebody else. */
function read<T>(schema: z.ZodType<T>, facts: Facts, key: string): T {
  const parsed = schema.safeParse(facts[key]);
  if (parsed.success) return parsed.data;
  throw new StoredDataInvalid(`reading the fact ${key} of a request: ${z.prettifyError(parsed.error)}`);
}

const keptArgs: z.ZodType<KeptArgs> = z.union([
  z.array(z.string()),
  z.object({ entry: z.string(), shown: z.array(z.string()), sha256: z.string() }),
]);
const launch: z.ZodType<Launch> = z.object({
  jar: z.string(),
  entryClass: z.string().nullable(),
  args: keptArgs,
  parallelism: z.number().nullable(),
  allowNonRestoredState: z.boolean(),
});

/** How a job will be started, and from what; null: from nothing, which is never taken for granted. */
export interface PlannedStart {
  launch: Launch;
  from: string | null;
}

export const plannedStart = (facts: Facts): PlannedStart => ({
  launch: read(launch, facts, "launch"),
  from: read(z.string().nullable(), facts, "from"),
});

const ways = z.object({ forward: launch, back: launch, backJar: z.string() });

/** Both ways of a restart: the one that was asked for, and the one back. `backJar`: of the way back, as people know it. */
export type BothWays = z.infer<typeof ways>;

/** Jobs of the same name that ran beside the one when this was asked. */
export const besideJobs = (facts: Facts): readonly string[] =>
  read(z.array(z.string()).default([]), facts, "beside");

export const bothWays = (facts: Facts): BothWays => read(ways, facts, "ways");

const requirements = z.record(z.string(), z.object({ lowerBound: z.number(), upperBound: z.number() }));
const step = z.object({ id: z.string(), name: z.string(), from: z.number(), to: z.number() });
const scale = z.object({
  before: requirements,
  target: requirements,
  steps: z.array(step),
  intervalMs: z.number(),
});

/** One vertex that is to change, or stays where its own maximum holds it. */
export type Step = z.infer<typeof step>;
/** A change of parallelism: what Flink was asked for before and is asked for now, and how often a checkpoint is due. */
export type ScaleFacts = z.infer<typeof scale>;

export const scaleFacts = (facts: Facts): ScaleFacts => read(scale, facts, "scale");

const frozenJob = z.object({ jobId: z.string(), name: z.string() });

/** One job of the list that was frozen when many were asked for. */
export type FrozenJob = z.infer<typeof frozenJob>;

export const frozenJobs = (facts: Facts): readonly FrozenJob[] => read(z.array(frozenJob), facts, "jobs");

/** In words, each with why it is not on that list. */
export const leftOutJobs = (facts: Facts): readonly string[] =>
  read(z.array(z.string()).default([]), facts, "leftOut");
