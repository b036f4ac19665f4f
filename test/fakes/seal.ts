import { createSeal, newKey, type NotOurs, type Seal } from "../../src/platform/seal.ts";

/** A seal under a key of its own, and what it was told of. */
export function aSeal(keys: readonly string[] = [newKey()]): Seal & { told: NotOurs[] } {
  const told: NotOurs[] = [];
  return { ...createSeal(keys, (found) => void told.push(found)), told };
}
