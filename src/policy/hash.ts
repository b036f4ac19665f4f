import { createHash } from "node:crypto";
import type { Policy } from "./policy.ts";

/** The policy with its hash, over everything that decides. Equal policies give equal hashes in every process. */
export function hashed(policy: Omit<Policy, "hash">): Policy {
  const { noChanges: _keys, nothingDestructive: _reload, ...decides } = policy;
  const text = JSON.stringify(decides, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return { ...policy, hash: createHash("sha256").update(text).digest("hex").slice(0, 12) };
}
