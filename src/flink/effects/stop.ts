import type { Asked, Effect, FlinkCall } from "../../model/effect.ts";
import type { Access } from "../facts/settings.ts";
import { jobPath, triggerPath } from "../rest/paths.ts";
import { read, stopBody, triggered } from "../wire/jobs.ts";
import { type Performed, send, type Sending } from "./change.ts";
import { askTriggered, type Saved } from "./triggered.ts";

type Stop = Extract<Effect, { do: "stop" }>;

export const call = (effect: Stop, effectId: string): FlinkCall => ({
  method: "POST",
  path: `${jobPath(effect.jobId)}/stop`,
  body: stopBody({ ...effect, triggerId: triggerPath(effectId) }),
});

/** A failed stop leaves the job running; the trigger's status and the job's state show the result. */
export function perform(access: Access, effect: Stop, { effectId, lease }: Sending): Promise<Performed> {
  const what = call(effect, effectId);
  const accepted = (answer: unknown) => ({ triggerId: read(triggered, answer, `sending ${what.path}`) });
  return send(access, { ...what, accepted }, lease);
}

/** Whether Flink already has the stop. An ended job that is still listed keeps its checkpoints, so they count too. */
export const ask = (access: Access, effect: Stop, saved: Saved): Promise<Asked> =>
  askTriggered(access, effect, saved);
