import { z } from "zod";
import { policySchema } from "./policy-schema.ts";
import { fileSchema } from "./schema.ts";

/** What editors check a file against (https://json-schema.org). */
export type JsonSchema = Readonly<Record<string, unknown>>;

const isNoAuth = ({ properties }: z.core.JSONSchema.BaseSchema): boolean => {
  const kind = properties?.["kind"];
  return typeof kind === "object" && kind.const === "none";
};

const inputOf = (schema: z.ZodType, title: string): JsonSchema => ({
  title,
  ...z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override({ jsonSchema }) {
      // not every editor reads classes of Unicode in a pattern, and a wrong mark is worse than none
      if (jsonSchema.pattern?.includes("\\p{") === true) delete jsonSchema.pattern;
      // `auth: none`, which the program reads as `{ kind: none }`; called twice, for the choice and for what wraps it
      if (
        jsonSchema.oneOf?.some(isNoAuth) === true &&
        !jsonSchema.oneOf.some(({ const: one }) => one === "none")
      )
        jsonSchema.oneOf.push({ type: "string", const: "none" });
    },
  }),
});

/** The schema of config.yml; `changes`: names of the operations that change something. */
export const configJsonSchema = (changes: readonly string[]): JsonSchema =>
  inputOf(fileSchema(changes), "Configuration of flinkops");

/** The schema of a policy file. */
export const policyJsonSchema = (): JsonSchema => inputOf(policySchema, "Policy of flinkops");
