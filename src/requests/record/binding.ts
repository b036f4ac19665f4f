import type { Intent } from "../../model/intent.ts";
import type { Json } from "../../model/json.ts";
import { canonical, sha256 } from "../../platform/canonical.ts";
import type { RequestRecord } from "./record.ts";

/** The fields that decide what a request does; the digest covers all of them. */
export type Agreed = Pick<RequestRecord, "id" | "operation" | "class" | "args" | "target" | "intent">;

/**
 * The digest of what an approver saw, kept in the button and in the vote. It changes with every part of `Agreed`:
 * operation, class, target, arguments, and everything in the intent, including the words on the card. 32 hex digits.
 */
export const digestOf = ({ id, operation, class: operationClass, args, target, intent }: Agreed): string =>
  sha256(canonical([id, operation, operationClass, args, target, intent])).slice(0, 32);

/** Whether two intents bind the same facts. */
export const sameBinds = (before: Intent, after: Intent): boolean =>
  canonical(before.binds) === canonical(after.binds);

/** The names of the binds that differ, as words: `startTime` is "start time", `launch.args` is "launch args". */
export function changedBinds(before: Intent, after: Intent): readonly string[] {
  const old = fields(before.binds);
  const fresh = fields(after.binds);
  const keys = [...new Set([...Object.keys(old), ...Object.keys(fresh)])];
  return keys
    .filter((key) => key in old !== key in fresh || canonical(old[key]) !== canonical(fresh[key]))
    .flatMap((key) => inside(key, fields(old[key]), fields(fresh[key])))
    .map(asWords);
}

const asWords = (key: string): string => key.replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);

/** What an intent binds, each fact with its name as words. `value` null: the name says all, as `alive` does. */
export const boundFacts = ({
  binds,
}: Pick<Intent, "binds">): readonly { name: string; value: string | { at: number } | null }[] =>
  Object.entries(fields(binds)).map(([key, value]) => ({ name: asWords(key), value: factValue(key, value) }));

function factValue(key: string, value: Json | undefined): string | { at: number } | null {
  if (value === true) return null;
  if (typeof value === "number" && key.endsWith("Time")) return { at: value };
  return typeof value === "string" ? value : canonical(value);
}

/** The parts that differ one level deeper, where both values are objects. */
function inside(key: string, old: Fields, fresh: Fields): readonly string[] {
  const parts = Object.keys(fresh).filter(
    (part) => part in old && canonical(old[part]) !== canonical(fresh[part]),
  );
  return parts.length === 0 ? [key] : parts.map((part) => `${key} ${part}`);
}

type Fields = { readonly [key: string]: Json };
const fields = (binds: Json | undefined): Fields =>
  Object.fromEntries(
    typeof binds === "object" && binds !== null && !Array.isArray(binds) ? Object.entries(binds) : [],
  );
