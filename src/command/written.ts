import type { z } from "zod";
import type { Operation } from "../model/operation.ts";
import { argumentsOf } from "./argument-spec.ts";
import { asTyped } from "./tokenize.ts";
import type { Args } from "./validate.ts";

/**
 * The command that stands for these arguments, without the slash command: `scale orders 6 --vertex "Window"`. What holds
 * anyway is left out.
 */
export function written(operation: Operation, given: Args): string {
  const { breakGlass, reason = null, ...own } = given;
  // the reason is typed once, behind the flag that it belongs to
  const args: Args = breakGlass === true ? { ...own, breakGlass: reason } : given;
  const shape: Readonly<Record<string, z.ZodType>> = operation.args.shape;
  const words = argumentsOf(operation).flatMap(({ key, flag, kind, positional }) => {
    const value = args[key] ?? null;
    const standard = shape[key]?.safeParse(undefined).data ?? null;
    if (JSON.stringify(standard) === JSON.stringify(value)) return [];
    if (kind === "switch") return value === true ? [flag] : [];
    const values = (Array.isArray(value) ? value : [value]).filter((one) => one !== null).map(String);
    return values.flatMap((one) => (positional ? [asTyped(one)] : [flag, asTyped(one)]));
  });
  return [operation.name, ...words].join(" ");
}
