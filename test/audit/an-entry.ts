import { GENESIS, type Head, link } from "../../src/audit/chain.ts";
import { noticeLine } from "../../src/model/audit-entry.ts";
import { auditSeal } from "../../src/requests/record/audit.ts";
import type { Keys } from "../../src/redis/keys.ts";
import type { RedisClient } from "../../src/redis/connect.ts";
import type { Seal } from "../../src/platform/seal.ts";
import type { Signer } from "../../src/platform/signing.ts";

/** An entry as a commit writes it, told apart by its number. */
export const anEntry = (i: number, at = 1_000_000 + i): string =>
  noticeLine("policy loaded", { at, headline: `entry ${i}`, detail: { i } });

/** Chained entries, from the first. */
export function aChain(entries: readonly string[], sign: Signer | null = null): string[] {
  let head: Head = GENESIS;
  return entries.map((entry) => {
    const next = link(entry, head, { sign, sealed: "yes" });
    head = next;
    return next.line;
  });
}

/** Writes entries as a commit does. */
export async function commitEntries(
  { redis, keys, seal }: { redis: RedisClient; keys: Keys; seal: Seal },
  entries: readonly string[],
): Promise<void> {
  for (const entry of entries)
    await redis.xadd(keys.audit, "*", "entry", entry, "seal", auditSeal(seal, entry));
}
