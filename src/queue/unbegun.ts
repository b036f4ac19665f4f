import type { Unbegun } from "../requests/record/summaries.ts";
import type { Queues } from "./queues.ts";

export interface UnbegunOptions {
  queues: Pick<Queues, "waiting">;
  /** How many workers serve each zone now. */
  workers: () => Promise<ReadonlyMap<string, number>>;
}

/**
 * Accepted requests that have no record yet. A read that a live worker has taken is left out, because it is answered
 * in a moment.
 */
export const createUnbegun =
  ({ queues, workers }: UnbegunOptions) =>
  async (known: ReadonlySet<string>): Promise<readonly Unbegun[]> => {
    const [waiting, alive] = await Promise.all([queues.waiting(known), workers()]);
    return waiting.flatMap(({ zone, lane, intake, taken }) => {
      const inHand = taken && (alive.get(zone) ?? 0) > 0;
      return lane === "reads" && inHand ? [] : [{ intake, inHand }];
    });
  };
