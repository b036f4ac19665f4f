import type { Asked, Effect, FlinkCall } from "../../model/effect.ts";
import { type Access, readMoment } from "../facts/settings.ts";
import { jobPath, triggerPath } from "../rest/paths.ts";
import { triggerMemoryMs } from "../facts/deployment-kind.ts";
import { read, triggered } from "../wire/jobs.ts";
import { checkpointBody } from "../wire/cluster.ts";
import { type Performed, send, type Sending } from "./change.ts";
import { provesAbsence, type Saved } from "./triggered.ts";

type Checkpoint = Extract<Effect, { do: "checkpoint" }>;

export const call = (effect: Checkpoint, effectId: string): FlinkCall => ({
  method: "POST",
  path: `${jobPath(effect.jobId)}/checkpoints`,
  body: checkpointBody({ full: effect.full, triggerId: triggerPath(effectId) }),
});

/** A 202 does not prove that the job exists: later errors appear in the trigger's status. */
export function perform(
  access: Access,
  effect: Checkpoint,
  { effectId, lease }: Sending,
): Promise<Performed> {
  const what = call(effect, effectId);
  const accepted = (answer: unknown) => ({ triggerId: read(triggered, answer, `sending ${what.path}`) });
  return send(access, { ...what, accepted }, lease);
}

/**
 * Whether Flink already has the checkpoint. Flink keeps trigger ids of checkpoints in a cache of their own, as long as
 * those of savepoints. After that a checkpoint cannot be found, because it carries no name of ours.
 */
export async function ask(
  access: Access,
  effect: Checkpoint,
  { effectId, anchor, sent }: Saved,
): Promise<Asked> {
  const status = await access.reads.checkpointTrigger(effect.jobId, effectId);
  if (status.is !== "forgotten") return { is: "accepted", answer: { triggerId: effectId } };
  // an effect that was never sent needs no proof
  if (sent === "no") return { is: "not" };
  const moment = await readMoment(access, effect.jobId);
  const proof = provesAbsence(moment, anchor, triggerMemoryMs(await access.settings()));
  if (proof.is === "may") return { is: "not" };
  return { is: "unknown", looked: `${proof.why}; its list of checkpoints does not say who asked for one` };
}
