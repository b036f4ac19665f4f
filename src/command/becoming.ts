import type { Operation } from "../model/operation.ts";
import { type Parsed, parseArgs } from "./validate.ts";

/** Some arguments turn an operation into another one. The common arguments, such as the reason, are kept. */
export function becoming(asked: Parsed, operations: readonly Operation[], command: string): Parsed {
  if (asked.is === "problem") return asked;
  const meaning = asked.operation.becomes?.(asked.args) ?? null;
  const operation = operations.find((r) => r.name === meaning?.operation);
  if (meaning === null || operation === undefined) return asked;
  return becoming(parseArgs(operation, { ...asked.common, ...meaning.args }, command), operations, command);
}
