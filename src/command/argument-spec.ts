import { z } from "zod";
import { isFitForBreakGlass, type Operation } from "../model/operation.ts";

/** One argument of an operation, read from its zod schema. */
export interface Argument {
  /** The name in the parsed arguments. */
  key: string;
  /** `--with-savepoint` for `withSavepoint`. */
  flag: string;
  /** What stands for the value in the usage line; the key where left out. */
  value?: string;
  kind: "text" | "number" | "switch" | "choice" | "many";
  description: string;
  required: boolean;
  positional: boolean;
  /** The allowed values where `kind` is "choice"; otherwise empty. */
  choices: readonly string[];
  /** The inclusive range where `kind` is "number"; otherwise null. */
  range: readonly [least: number, most: number] | null;
}

/** Arguments that operations accept in addition to their own: changes, cluster operations and answers respectively. */
export const COMMON: Readonly<Record<"reason" | "dryRun" | "breakGlass" | "cluster" | "post", Argument>> = {
  reason: {
    key: "reason",
    flag: "--reason",
    kind: "text",
    description: 'why, shown on the card: --reason "..."',
    required: false,
    positional: false,
    choices: [],
    range: null,
  },
  dryRun: {
    key: "dryRun",
    flag: "--dry-run",
    kind: "switch",
    description: "show what it would do and who must approve, and change nothing",
    required: false,
    positional: false,
    choices: [],
    range: null,
  },
  breakGlass: {
    key: "breakGlass",
    flag: "--break-glass",
    kind: "text",
    description: 'in an emergency, at once and reviewed afterwards; say why: --break-glass "..."',
    required: false,
    positional: false,
    choices: [],
    range: null,
  },
  cluster: {
    key: "cluster",
    flag: "--cluster",
    kind: "text",
    description: "the job's cluster",
    required: false,
    positional: false,
    choices: [],
    range: null,
  },
  post: {
    key: "post",
    flag: "--post",
    kind: "switch",
    description: "show the answer to the whole channel",
    required: false,
    positional: false,
    choices: [],
    range: null,
  },
};

/** Reading them from the schema takes half of the time of parsing a command. */
const known = new WeakMap<Operation, readonly Argument[]>();

/** Positional arguments in their order, then the operation's own flags, then the common flags. */
export function argumentsOf(operation: Operation): readonly Argument[] {
  const before = known.get(operation);
  if (before !== undefined) return before;
  const all = readArguments(operation);
  known.set(operation, all);
  return all;
}

function readArguments(operation: Operation): readonly Argument[] {
  const positionals: readonly string[] = operation.positionals;
  const shape: Readonly<Record<string, z.ZodType>> = operation.args.shape;
  const own = Object.entries(shape).map(([key, schema]) => ({
    ...read(key, schema),
    positional: positionals.includes(key),
  }));
  const ordered = [
    ...positionals.flatMap((key) => own.filter((a) => a.key === key)),
    ...own.filter((a) => !a.positional),
  ];
  return [...ordered, ...commonOf(operation).filter((c) => !(c.key in shape))];
}

/** The common flags that this operation accepts. */
export function commonOf(operation: Operation): readonly Argument[] {
  return [
    ...(operation.kind === "change" || operation.kind === "alias" ? [COMMON.reason, COMMON.dryRun] : []),
    ...(isFitForBreakGlass(operation) ? [COMMON.breakGlass] : []),
    // Local operations answer from Redis; the others act on one job, which is on one cluster.
    ...(operation.kind === "local" ? [] : [COMMON.cluster]),
    ...(operation.kind === "read" || (operation.kind === "local" && operation.personal !== true)
      ? [COMMON.post]
      : []),
  ];
}

const flagOf = (key: string): string => `--${key.replace(/[A-Z]/gu, (c) => `-${c.toLowerCase()}`)}`;

function read(key: string, schema: z.ZodType): Omit<Argument, "positional"> {
  let inner: unknown = schema;
  let required = true;
  let description = schema.description;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault) {
    required = false;
    inner = inner.unwrap();
    if (inner instanceof z.ZodType) description ??= inner.description;
  }
  const value = schema.meta()?.["value"];
  const base = {
    key,
    flag: flagOf(key),
    ...(typeof value === "string" && { value }),
    description: description ?? "",
    required,
    choices: [],
    range: null,
  };
  if (inner instanceof z.ZodNumber)
    return { ...base, kind: "number", range: [inner.minValue ?? -Infinity, inner.maxValue ?? Infinity] };
  if (inner instanceof z.ZodBoolean) return { ...base, kind: "switch" };
  if (inner instanceof z.ZodEnum) return { ...base, kind: "choice", choices: inner.options.map(String) };
  if (inner instanceof z.ZodArray) return { ...base, kind: "many" };
  return { ...base, kind: "text" };
}
