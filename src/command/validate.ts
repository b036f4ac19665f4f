import type { z } from "zod";
import { secretIn } from "../platform/redact.ts";
import type { Json } from "../model/json.ts";
import type { Refusal } from "../model/report.ts";
import type { Operation } from "../model/operation.ts";
import { code, type Span, type Text, t } from "../model/text.ts";
import { type Argument, argumentsOf, COMMON, commonOf } from "./argument-spec.ts";
import { closest } from "./closest.ts";
import { examplesOf, usageLine } from "./usage.ts";
import { invisible } from "./tokenize.ts";

export type Args = { readonly [key: string]: Json };

/**
 * Arguments that every operation of a kind shares. `cluster` is also set where the operation has its own argument of
 * that name.
 */
export interface Common {
  cluster: string | null;
  reason: string | null;
  /** The answer is posted to the whole channel; null where it is for the requester alone. */
  post: true | null;
  /** Only what it would do is wanted; null: it is to be done. */
  dryRun: true | null;
  /** At once, without approval and during a freeze; `reason` then says why. */
  breakGlass: true | null;
}

export type Parsed =
  | { is: "parsed"; operation: Operation; args: Args; common: Common }
  /** `operation` is set where the operation was recognised but its arguments were not. */
  | {
      is: "problem";
      refusal: Refusal;
      operation?: Operation /** If it is a job's name, this is meant. */;
      bare?: Asked;
    };

/** The operation that was typed, after which slash command. */
export interface Typed {
  operation: Operation;
  command: string;
}

/** A command that was understood. */
export type Asked = Extract<Parsed, { is: "parsed" }>;

const LONGEST_REASON = 500;
const LONGEST_CLUSTER = 100;

/** Without a reason nobody could review it. */
export const SAY_WHY: Text = t`Say why: ${code('--break-glass "<reason>"')}.`;

/**
 * Validates arguments that were parsed, stored, or carried in a button. `json` may hold the common
 * arguments in addition to the operation's own. `breakGlass` is the typed reason, or `true` where `reason` has it.
 * Never throws. Idempotent: parsing the result again gives the same result.
 */
export function parseArgs(operation: Operation, json: Args, command = "/flink"): Parsed {
  const common = commonOf(operation).filter((c) => !(c.key in operation.args.shape));
  const isCommon = (key: string): boolean => common.some((c) => c.key === key);
  // Stored arguments use null for "not given"; no operation accepts null as a value.
  const own = Object.fromEntries(
    Object.entries(json).filter(([key, value]) => !isCommon(key) && value !== null),
  );
  for (const [key, value] of Object.entries(json)) {
    const texts = [value].flat().filter((v) => typeof v === "string");
    if (texts.some((text) => invisible(text) !== null))
      return problem({ operation, command }, t`${code(short(key))} contains an invisible character.`);
    const secret = secretIn(texts);
    if (secret !== null) return { is: "problem", operation, refusal: noSecrets(operation, key, secret) };
  }
  const { breakGlass, reason } = reasonOf(json, isCommon);
  if ("problem" in reason) return problem({ operation, command }, reason.problem);
  const cluster = commonText(json, isCommon, { key: "cluster", most: LONGEST_CLUSTER });
  if ("problem" in cluster) return problem({ operation, command }, cluster.problem);
  const [post, dryRun] = (["post", "dryRun"] as const).map((key) => isCommon(key) && (json[key] ?? false));
  if (typeof post !== "boolean") return problem({ operation, command }, t`${code("--post")} takes no value.`);
  if (typeof dryRun !== "boolean")
    return problem({ operation, command }, t`${code("--dry-run")} takes no value.`);
  // The registry erases the operation's argument type; the schema guarantees flat scalars and string arrays.
  const schema: z.ZodType<Args> = operation.args;
  const read = schema.safeParse(own);
  if (!read.success) return problem({ operation, command }, words(operation, read.error.issues[0], own));
  const many = breakGlass ? MANY.find((key) => (read.data[key] ?? false) !== false) : undefined;
  if (many !== undefined)
    return problem(
      { operation, command },
      t`${code("--break-glass")} is for one job: name it, and leave ${code(`--${many}`)} out.`,
    );
  const named = read.data["cluster"];
  return {
    is: "parsed",
    operation,
    args: read.data,
    common: {
      cluster: typeof named === "string" ? named : cluster.text,
      reason: reason.text,
      post: post || null,
      dryRun: dryRun || null,
      breakGlass: breakGlass || null,
    },
  };
}

/** Arguments that stand for several jobs. */
const MANY = ["all", "match"];

/** The reason, by whichever flag it was given. */
function reasonOf(
  json: Args,
  isCommon: (key: string) => boolean,
): { breakGlass: boolean; reason: ReturnType<typeof commonText> } {
  const reason = commonText(json, isCommon, { key: "reason", most: LONGEST_REASON });
  const given = isCommon("breakGlass") ? (json["breakGlass"] ?? false) : false;
  if (given === false || "problem" in reason) return { breakGlass: false, reason };
  if (given === true)
    return { breakGlass: true, reason: reason.text === null ? { problem: SAY_WHY } : reason };
  const twice = t`${code("--break-glass")} has the reason already: leave ${code("--reason")} out.`;
  const typed = commonText(json, isCommon, { key: "breakGlass", most: LONGEST_REASON });
  return { breakGlass: true, reason: reason.text === null ? typed : { problem: twice } };
}

/** Rejects arguments that look like secrets, because accepted arguments are stored and shown in a channel. */
function noSecrets(operation: Operation, key: string, secret: string): Refusal {
  const many = argumentsOf(operation).some((a) => a.key === key && a.kind === "many");
  return {
    refuse: t`${code(short(secret))} looks like a secret, which must not be typed in Slack. Nothing was accepted.`,
    instead: [
      many
        ? t`Put it in the catalog (${code("jobs")} in the configuration), as an environment variable or a file.`
        : t`Try again without it.`,
      "If it is a real secret, replace it: Slack has stored it.",
    ],
  };
}

/** A problem with the arguments of a known operation: what is wrong, the usage line, and an example to copy. */
export function problem({ operation, command }: Typed, refuse: Text, hint?: Text): Parsed {
  const example = examplesOf(operation, command)[0];
  return {
    is: "problem",
    operation,
    refusal: {
      refuse,
      instead: [
        ...(hint === undefined ? [] : [hint]),
        t`Usage: ${code(usageLine(operation, command))}`,
        ...(example === undefined ? [] : [t`For example: ${code(example)}`]),
      ],
    },
  };
}

/** Shortens a typed word to 60 characters, so that a message can quote it. */
export const short = (word: string): string => {
  const points = Array.from(word);
  return points.length > 60 ? `${points.slice(0, 59).join("")}…` : word;
};

/** The problem for an unknown flag, with the closest known flag as a hint. */
export function unknownArgument(operation: Operation, command: string, flag: string): Parsed {
  if (flag.toLowerCase() === COMMON.breakGlass.flag)
    return problem({ operation, command }, t`Break-glass is never for ${code(operation.name)}.`);
  const flags = argumentsOf(operation)
    .filter((a) => !a.positional || a.kind === "many")
    .map((a) => a.flag);
  const [near] = closest(flag, flags, 1);
  const hint = near === undefined ? undefined : t`Did you mean ${code(near)}?`;
  return problem({ operation, command }, t`${code(operation.name)} takes no ${code(short(flag))}.`, hint);
}

function commonText(
  json: Args,
  isCommon: (key: string) => boolean,
  { key, most }: { key: "reason" | "breakGlass" | "cluster"; most: number },
): { text: string | null } | { problem: Text } {
  const value = isCommon(key) ? json[key] : undefined;
  if (value === undefined || value === null) return { text: null };
  const { flag } = COMMON[key];
  if (typeof value !== "string") return { problem: t`${code(flag)} is text.` };
  const text = value.trim();
  if (text === "") return { problem: key === "breakGlass" ? SAY_WHY : t`${code(flag)} is empty.` };
  if (text.length > most)
    return { problem: t`${code(flag)} has at most ${most} characters, this one has ${text.length}.` };
  return { text };
}

type Issue = z.core.$ZodIssue;

function words(operation: Operation, issue: Issue | undefined, given: Args): Text {
  if (issue === undefined) return "These arguments are invalid.";
  if (issue.code === "unrecognized_keys")
    return t`${code(operation.name)} takes no ${code(short(issue.keys[0] ?? ""))}.`;
  const key = String(issue.path[0] ?? "");
  const argument = argumentsOf(operation).find((a) => a.key === key);
  if (argument === undefined || issue.code === "custom") return issue.message;
  const name = code(argument.positional ? `<${key}>` : argument.flag);
  const value = given[key];
  if (value === undefined) return t`${name} is missing: ${argument.description}.`;
  if (argument.kind === "number" || argument.kind === "choice")
    return t`${name} must be ${allowed(argument)}, not ${code(short(typeof value === "string" ? value : JSON.stringify(value)))}.`;
  if (argument.kind === "switch") return t`${name} takes no value.`;
  if (issue.code === "too_big") return t`${name} has at most ${Number(issue.maximum)} ${unit(issue)}.`;
  if (issue.code === "too_small") {
    const [, at] = issue.path;
    const item = Array.isArray(value) && typeof at === "number" ? value[at] : value;
    return typeof item !== "string" || item.trim() === ""
      ? t`${name} is empty: ${argument.description}.`
      : t`${code(short(item))} is too short: ${argument.description}, at least ${Number(issue.minimum)} ${unit(issue)}.`;
  }
  return t`${name}: ${issue.message}.`;
}

const unit = (issue: Extract<Issue, { code: "too_big" | "too_small" }>): string =>
  issue.origin === "array" ? "values" : "characters";

function allowed(a: Argument): Text {
  if (a.kind === "number") {
    const [least, most] = a.range ?? [-Infinity, Infinity];
    return `a whole number from ${least} to ${most}`;
  }
  const spans: Span[] = a.choices.flatMap((c, i): Span[] =>
    i === 0 ? [code(c)] : [i === a.choices.length - 1 ? " or " : ", ", code(c)],
  );
  return spans;
}
