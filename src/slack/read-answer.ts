import { z } from "zod";
import { SlackUnavailable } from "../model/errors.ts";

/** Slack leaves a field out, or sends null, where there is nothing to say. */
export const text = z.string().nullish();
export const flag = z.boolean().nullish();

/**
 * The fields of an answer of Slack that are read. Throws SlackUnavailable where one has another type: who a person is and
 * who listens in a channel is not decided by an answer that is half understood.
 */
export function readAnswer<T>(schema: z.ZodType<T>, answer: unknown, method: string): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new SlackUnavailable(`slack answered ${method} in a form that flinkops cannot read (${where})`, 0);
}
