import { z } from "zod";
import type { Verdict } from "../model/verdict.ts";
import { parseDuration } from "./duration.ts";

const LITERAL_SECRET = "a secret must not be in this file; write { env: NAME } or { file: /path }";
export const secretRef = z.union(
  [
    z.strictObject({
      env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, "must be the name of an environment variable"),
    }),
    z.strictObject({ file: z.string().min(1, "must be a path") }),
  ],
  { error: LITERAL_SECRET },
);
/** The same for editors, which do not know schemas chosen by shape. */
const REF_SHAPES = ["env", "file"].map((key) => ({
  type: "object" as const,
  properties: { [key]: { type: "string" as const } },
  required: [key],
  additionalProperties: false,
}));
/** A reference to a secret: an environment variable or a file. */
export type SecretRef = z.infer<typeof secretRef>;
export const isRef = (x: unknown): x is SecretRef => secretRef.safeParse(x).success;

export const url = (check: (text: string) => Verdict<string>) =>
  z.string().superRefine((text, ctx) => {
    const verdict = check(text);
    if (verdict.is === "may not") ctx.addIssue({ code: "custom", message: verdict.why });
  });
export const orRef = <T extends z.ZodType>(schema: T) =>
  // a union would report that no member fits; choosing the schema by shape keeps the exact message
  z
    .unknown()
    .transform((value, ctx): z.infer<T> | SecretRef => {
      const parsed = (typeof value === "object" && value !== null ? secretRef : schema).safeParse(value);
      if (parsed.success) return parsed.data;
      for (const issue of parsed.error.issues) ctx.addIssue({ ...issue });
      return z.NEVER;
    })
    .meta({ anyOf: [{ type: "string" }, ...REF_SHAPES] });

const written = z.union([z.string(), z.number()], { error: "must be a duration like 50ms, 10s, 5m, 1h" });

function inMs(text: string | number, ctx: z.RefinementCtx): number {
  const ms = parseDuration(String(text));
  if (ms !== null && ms > 0) return ms;
  ctx.addIssue({
    code: "custom",
    message: "must be a duration with its unit, like 50ms, 10s, 5m, 1h, above 0",
  });
  return z.NEVER;
}

export const duration = (standard: string) => written.default(standard).transform(inMs);
export const optionalDuration = written.transform(inMs).optional();

const SECRET_HEADER = /auth|cookie|token|secret|key|password|session/iu;
export const headers = z
  .record(
    z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/u, "is not a header name"),
    orRef(z.string().regex(/^[\t\u0020-\u007e]*$/u, "a header may contain only printable ASCII")),
  )
  .superRefine((all, ctx) => {
    for (const [name, value] of Object.entries(all))
      if (typeof value === "string" && SECRET_HEADER.test(name))
        ctx.addIssue({ code: "custom", path: [name], message: LITERAL_SECRET });
  });

export const word = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/u,
    "may contain letters, digits, dot, dash and underscore, at most 63",
  );
