import type { Unbegun } from "../requests/record/summaries.ts";
import type { Queues } from "./queues.ts";

export interface UnbegunOptions {
  queues: Pick<Queues, "waiting">;
  /** How many workers serve each zone now. */
  workers: () => Promise<ReadonlyMap<string, number>>;
}

/** What was accepted and is no record yet. A question that a worker has in hand is answered in a moment, and is not told. */
export const createUnbegun =
  ({ queues, workers }: UnbegunOptions) =>
  async (known: ReadonlySet<string>): Promise<readonly Unbegun[]> => {
    const [waiting, alive] = await Promise.all([queues.waiting(known), workers()]);
    return waiting.flatMap(({ zone, lane, intake, taken }) => {
      const inHand = taken && (alive.get(zone) ?? 0) > 0;
      return lane === "reads" && inHand ? [] : [{ intake, inHand }];
    });
  };
