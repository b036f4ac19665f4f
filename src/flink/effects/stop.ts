import type { Anchor, Asked, Effect, Lease } from "../../model/effect.ts";
import type { Access } from "../facts/settings.ts";
import { jobPath, triggerPath } from "../rest/paths.ts";
import { read, stopBody, triggered } from "../wire/jobs.ts";
import { type Performed, send } from "./change.ts";
import { askTriggered } from "./triggered.ts";

type Stop = Extract<Effect, { do: "stop" }>;

/** A failed stop leaves the job running; the trigger's status and the job's state show the result. */
export function perform(access: Access, effect: Stop, effectId: string, lease: Lease): Promise<Performed> {
  const path = `${jobPath(effect.jobId)}/stop`;
  const body = stopBody({ ...effect, triggerId: triggerPath(effectId) });
  const accepted = (answer: unknown) => ({ triggerId: read(triggered, answer, `sending ${path}`) });
  return send(access, { method: "POST", path, body, accepted }, lease);
}

/** Whether Flink already has the stop. An ended job that is still listed keeps its checkpoints, so they count too. */
export const ask = (
  access: Access,
  effect: Stop,
  effectId: string,
  saved: { anchor: Anchor; sent: "no" | "perhaps" },
): Promise<Asked> => askTriggered(access, effect, effectId, saved);
