import { noticeLine } from "../model/audit-entry.ts";
import { sha256 } from "../platform/canonical.ts";
import type { Seal } from "../platform/seal.ts";
import { jsonObject } from "./chain.ts";
import type { Waiting } from "./stream.ts";

/** How long after the chain began entries of older versions, which have no seal, may still arrive, ms. */
const UPGRADE_MS = 24 * 3_600_000;

/** An entry as it is chained. */
export interface Judged {
  entry: string;
  sealed: "yes" | "no";
}

/**
 * Decides what is chained of an entry. A sealed one as it is. One without a seal as it is, marked, while an upgrade may
 * be under way. For any other a note that someone else wrote to Redis, with the hash of what it said.
 */
export function judged({ id, entry, genuine }: Waiting, began: number, seal: Pick<Seal, "tell">): Judged {
  if (genuine === "ours") return { entry, sealed: "yes" };
  const at = Number(id.split("-")[0]);
  if (genuine === "no seal" && at < began + UPGRADE_MS && isOlder(entry)) return { entry, sealed: "no" };
  seal.tell({ kind: "audit", id: `entry ${id}`, why: genuine });
  return {
    entry: noticeLine("set aside", {
      at,
      headline: "An entry in Redis that flinkops did not write",
      detail: { id, why: genuine, sha256: sha256(entry), characters: entry.length },
    }),
    sealed: "yes",
  };
}

/** Whether an entry has the form that versions before the seal wrote. */
function isOlder(entry: string): boolean {
  const read = entry.includes("\n") ? null : jsonObject(entry);
  if (read === null || read["v"] !== 1 || typeof read["event"] !== "string") return false;
  return !["n", "prev", "hash", "sig", "unsealed"].some((key) => key in read);
}
