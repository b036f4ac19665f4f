import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { done, type Stepping } from "../requests/ports/engine.ts";
import type { Queues } from "./queues.ts";

/**
 * Pause before a hand-over. During a deployment two workers may disagree about a cluster's zone; this limits how fast
 * they pass a request to and fro. In ms.
 */
const PAUSE_MS = 250;

export interface HandOverOptions {
  /** The zone that a cluster is in now; null: in none. */
  zoneOf: (cluster: string) => string | null;
  queues: Pick<Queues, "ensure">;
  log: Log;
  clock: Clock;
}

/**
 * Runs the steps of requests whose clusters are in this zone. A request whose cluster has moved is handed over to the
 * cluster's current zone.
 * A request whose cluster is in no zone is passed to `step`, which ends it.
 */
export const inZone =
  (zone: string, { zoneOf, queues, log, clock }: HandOverOptions) =>
  (step: Stepping): Stepping =>
  async (intake, last) => {
    const now = zoneOf(intake.cluster);
    if (now === null || now === zone) return await step(intake, last);
    await clock.sleep(PAUSE_MS);
    await queues.ensure(now, intake);
    log.info({ requestId: intake.requestId, from: zone, to: now }, "request handed over");
    return done;
  };
