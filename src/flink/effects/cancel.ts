import type { Asked, Effect, Lease } from "../../operations/effect.ts";
import type { Access } from "../access.ts";
import { jobPath } from "../ids.ts";
import { isTerminal } from "../reads.ts";
import { type Performed, send } from "./change.ts";

type Cancel = Extract<Effect, { do: "cancel" }>;

/** Idempotent in Flink while the job is CANCELLING or CANCELED. */
export function perform(access: Access, effect: Cancel, lease: Lease): Promise<Performed> {
  const path = `${jobPath(effect.jobId)}?mode=cancel`;
  return send(access, { method: "PATCH", path, body: {}, accepted: () => null }, lease);
}

/** By the job's state alone: a cancel that a fail-over lost reads as "not" and may be sent again. */
export async function ask(access: Access, effect: Cancel): Promise<Asked> {
  const state = await access.reads.state(effect.jobId);
  if (state === null) {
    return { is: "unknown", looked: "Flink no longer knows the job; look whether its work has stopped" };
  }
  return state === "CANCELLING" || isTerminal(state) ? { is: "accepted", answer: { state } } : { is: "not" };
}
