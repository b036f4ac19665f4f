import type { Intent } from "../../model/intent.ts";
import type { Json } from "../../model/json.ts";
import { canonical, sha256 } from "./audit.ts";
import type { RequestRecord } from "./record.ts";

/** Everything that decides what a request will do: the digest stands for all of it. */
export type Agreed = Pick<RequestRecord, "id" | "operation" | "class" | "args" | "target" | "intent">;

/**
 * What an approver saw and agrees to; rides in the button and in the vote. Another operation, class, target or argument,
 * another list, launch, directory or word on the card is another digest.
 */
export const digestOf = ({ id, operation, class: operationClass, args, target, intent }: Agreed): string =>
  sha256(canonical([id, operation, operationClass, args, target, intent])).slice(0, 32);

/** Whether what was agreed to is still so. */
export const sameBinds = (before: Intent, after: Intent): boolean =>
  canonical(before.binds) === canonical(after.binds);

/** Names of what differs between them, as words: `startTime` is "start time", `launch.args` is "launch args". */
export function changedBinds(before: Intent, after: Intent): readonly string[] {
  const old = fields(before.binds);
  const fresh = fields(after.binds);
  const keys = [...new Set([...Object.keys(old), ...Object.keys(fresh)])];
  return keys
    .filter((key) => key in old !== key in fresh || canonical(old[key]) !== canonical(fresh[key]))
    .flatMap((key) => inside(key, fields(old[key]), fields(fresh[key])))
    .map((key) => key.replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`));
}

/** What differs one level deeper, where both are made of parts. */
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
