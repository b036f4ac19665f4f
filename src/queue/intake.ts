import { z } from "zod";
import { StoredDataInvalid } from "../errors.ts";
import type { Json } from "../operations/operation.ts";
import type { Intake } from "../requests/record.ts";

const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)]),
);

/** What lies in the BullMQ job. Loose: a newer bot may have written more than this worker knows. */
const intakeSchema: z.ZodType<Intake> = z.object({
  v: z.literal(1),
  requestId: z.string(),
  operation: z.string(),
  args: z.record(z.string(), json),
  cluster: z.string(),
  find: z.enum(["job", "cluster", "name", "path"]),
  job: z.string(),
  bound: z.object({ jobId: z.string(), name: z.string() }).nullable(),
  actor: z.object({ user: z.string(), team: z.string() }),
  place: z.object({
    channel: z.string(),
    thread: z.string().nullable(),
    door: z.enum(["command", "mention", "button"]),
  }),
  reason: z.string().nullable(),
  askedAt: z.number(),
  post: z.boolean().default(false),
  parent: z.string().nullable(),
});

/** Throws StoredDataInvalid: an evicted or foreign job has no data. */
export function parseIntake(data: unknown): Intake {
  const parsed = intakeSchema.safeParse(data);
  if (!parsed.success) throw new StoredDataInvalid(`reading a queue job: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Null where it is none. */
export function intakeIn(data: unknown): Intake | null {
  const parsed = intakeSchema.safeParse(data);
  return parsed.success ? parsed.data : null;
}
