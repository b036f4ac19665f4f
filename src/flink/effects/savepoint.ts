import type { Asked, Effect, FlinkCall } from "../../model/effect.ts";
import type { Access } from "../facts/settings.ts";
import { jobPath, triggerPath } from "../rest/paths.ts";
import { read, savepointBody, triggered } from "../wire/jobs.ts";
import { type Performed, send, type Sending } from "./change.ts";
import { askTriggered, type Saved } from "./triggered.ts";

type Savepoint = Extract<Effect, { do: "savepoint" }>;

export const call = (effect: Savepoint, effectId: string): FlinkCall => ({
  method: "POST",
  path: `${jobPath(effect.jobId)}/savepoints`,
  body: savepointBody({ ...effect, triggerId: triggerPath(effectId) }),
});

/** A 202 does not prove that the job exists: later errors appear in the trigger's status. */
export function perform(access: Access, effect: Savepoint, { effectId, lease }: Sending): Promise<Performed> {
  const what = call(effect, effectId);
  const accepted = (answer: unknown) => ({ triggerId: read(triggered, answer, `sending ${what.path}`) });
  return send(access, { ...what, accepted }, lease);
}

/** Whether Flink already has the savepoint. */
export const ask = (access: Access, effect: Savepoint, saved: Saved): Promise<Asked> =>
  askTriggered(access, effect, saved);
