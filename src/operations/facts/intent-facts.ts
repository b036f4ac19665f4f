import { z } from "zod";
import { StoredDataInvalid } from "../../model/errors.ts";
import type { KeptArgs, Launch } from "../../model/effect.ts";
import type { Intent } from "../../model/intent.ts";

/**
 * The facts that operations leave in an intent for their later phases. They are persisted, so they are validated like
 * external input.
 */
type Facts = Intent["facts"];

/** Throws StoredDataInvalid if the fact is not valid: another version of flinkops, or something else, wrote it. */
function read<T>(schema: z.ZodType<T>, facts: Facts, key: string): T {
  const parsed = schema.safeParse(facts[key]);
  if (parsed.success) return parsed.data;
  throw new StoredDataInvalid(`reading the fact ${key} of a request: ${z.prettifyError(parsed.error)}`);
}

const keptArgs: z.ZodType<KeptArgs> = z.union([
  z.array(z.string()),
  z.object({ entry: z.string(), shown: z.array(z.string()), sha256: z.string() }),
]);
/** How a job is started, as it is stored in facts. */
export const launchOf: z.ZodType<Launch> = z.object({
  jar: z.string(),
  entryClass: z.string().nullable(),
  args: keptArgs,
  parallelism: z.number().nullable(),
  allowNonRestoredState: z.boolean(),
  as: z.string().exactOptional(),
});

/**
 * How a job will be started, and from which state. `from` null: empty state. It must be stored explicitly and is
 * never a default.
 */
export interface PlannedStart {
  launch: Launch;
  from: string | null;
}

export const plannedStart = (facts: Facts): PlannedStart => ({
  launch: read(launchOf, facts, "launch"),
  from: read(z.string().nullable(), facts, "from"),
});

const ways = z.object({ forward: launchOf, back: launchOf, backJar: z.string() });

/** Both ways of a restart: the requested one, and the way back. `backJar`: the name of the jar for the way back. */
export type BothWays = z.infer<typeof ways>;

/** Ids of other jobs of the same name that ran when the request was made. */
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

/** One vertex of the change; `from` equals `to` if its maximum keeps it where it is. */
export type Step = z.infer<typeof step>;
/** A change of parallelism: the requirements before and after it, and the checkpoint interval, ms. */
export type ScaleFacts = z.infer<typeof scale>;

export const scaleFacts = (facts: Facts): ScaleFacts => read(scale, facts, "scale");

const frozenJob = z.object({ jobId: z.string(), name: z.string() });

/** One job of the list that was frozen when a request for many jobs was made. */
export type FrozenJob = z.infer<typeof frozenJob>;

export const frozenJobs = (facts: Facts): readonly FrozenJob[] => read(z.array(frozenJob), facts, "jobs");

/** In words, each with the reason why it is not on that list. */
export const leftOutJobs = (facts: Facts): readonly string[] =>
  read(z.array(z.string()).default([]), facts, "leftOut");
