import type { Asked, Effect, FlinkCall, Lease } from "../../model/effect.ts";
import type { Access } from "../facts/settings.ts";
import { jobPath } from "../rest/paths.ts";
import { answered } from "./answered.ts";
import { type Performed, send } from "./change.ts";

type Cancel = Extract<Effect, { do: "cancel" }>;

export const call = (effect: Cancel): FlinkCall => ({
  method: "PATCH",
  path: `${jobPath(effect.jobId)}?mode=cancel`,
  body: {},
});

/** Idempotent in Flink while the job is CANCELLING or CANCELED. */
export function perform(access: Access, effect: Cancel, lease: Lease): Promise<Performed> {
  return send(access, { ...call(effect), accepted: () => null }, lease);
}

/** Judges by the job's state alone: a cancel lost in a failover reads as "not" and may be sent again. */
export async function ask(access: Access, effect: Cancel): Promise<Asked> {
  const seen = await answered(access, effect.jobId);
  switch (seen.is) {
    case "ended":
      return { is: "accepted", answer: { state: seen.state } };
    case "alive":
      return seen.state === "CANCELLING" ? { is: "accepted", answer: { state: seen.state } } : { is: "not" };
    case "absent":
      return { is: "unknown", looked: "Flink does not list the job; check whether its work has stopped" };
  }
}
