import { z } from "zod";
import { StoredDataInvalid } from "../model/errors.ts";
import type { Genuine, Seal } from "../platform/seal.ts";
import { actor, json, place } from "../requests/record/schema.ts";
import type { Intake } from "../requests/record/record.ts";

/** The data of a queue job. Unknown keys are tolerated: a newer bot may have written more than this worker knows. */
const fields = {
  v: z.literal(1),
  requestId: z.string(),
  operation: z.string(),
  args: z.record(z.string(), json),
  cluster: z.string(),
  find: z.enum(["job", "cluster", "name", "path"]),
  job: z.string(),
  bound: z.object({ jobId: z.string(), name: z.string() }).nullable(),
  actor,
  place,
  reason: z.string().nullable(),
  askedAt: z.number(),
  post: z.boolean().default(false),
  dryRun: z.enum(["calls", "rights"]).exactOptional(),
  breakGlass: z.literal(true).exactOptional(),
  parent: z.string().nullable(),
  // a field that is missing here would be lost on the way
} satisfies Record<keyof Intake, z.ZodType>;
const intakeSchema: z.ZodType<Intake> = z.object(fields);

/** An intake as stored in its queue job. */
export interface SealedIntake {
  json: string;
  seal: string;
}

const sealedSchema: z.ZodType<SealedIntake> = z.object({ json: z.string(), seal: z.string() });

export function sealedIntake(seal: Seal, intake: Intake): SealedIntake {
  const json = JSON.stringify(intake);
  return { json, seal: seal.of({ kind: "intake", id: intake.requestId, rev: 0 }, json) };
}

/**
 * Reads the intake of a queue job, or returns why its seal is not ours. Throws StoredDataInvalid where another
 * version wrote it.
 */
export function readIntake(seal: Seal, jobId: string, data: unknown): Intake | Exclude<Genuine, "ours"> {
  const sealed = sealedSchema.safeParse(data);
  if (!sealed.success) {
    seal.tell({ kind: "intake", id: jobId, why: "no seal" });
    return "no seal";
  }
  const { json } = sealed.data;
  const genuine = seal.genuine({ kind: "intake", id: jobId, rev: 0 }, json, sealed.data.seal);
  if (genuine !== "ours") return genuine;
  const parsed = intakeSchema.safeParse(JSON.parse(json));
  if (!parsed.success) throw new StoredDataInvalid(`reading a queue job: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Like `readIntake`; null where the seal is not ours or another version wrote it. */
export function intakeIn(seal: Seal, jobId: string, data: unknown): Intake | null {
  try {
    const read = readIntake(seal, jobId, data);
    return typeof read === "string" ? null : read;
  } catch (error) {
    if (error instanceof StoredDataInvalid) return null;
    throw error;
  }
}
