import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { done, type Next } from "../requests/ports/engine.ts";
import type { Intake } from "../requests/record/record.ts";
import type { Queues } from "./queues.ts";

/** While two workers are not of one mind, as during a deployment, nothing is passed to and fro faster than this. */
const PAUSE_MS = 250;

export interface HandOverOptions {
  /** Zone that a cluster is in now; null: in none. */
  zoneOf: (cluster: string) => string | null;
  queues: Pick<Queues, "ensure">;
  log: Log;
  clock: Clock;
}

/**
 * Steps what belongs to this zone. What a cluster left behind in this zone's queues when it moved is handed over to the
 * zone that has it now; only a cluster that is in no zone is for `step` to give up.
 */
export const inZone =
  (zone: string, { zoneOf, queues, log, clock }: HandOverOptions) =>
  (step: (intake: Intake) => Promise<Next>) =>
  async (intake: Intake): Promise<Next> => {
    const now = zoneOf(intake.cluster);
    if (now === null || now === zone) return await step(intake);
    await clock.sleep(PAUSE_MS);
    await queues.ensure(now, intake);
    log.info({ requestId: intake.requestId, from: zone, to: now }, "request handed over");
    return done;
  };
