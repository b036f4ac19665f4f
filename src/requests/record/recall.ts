import type { Log } from "../../platform/log.ts";
import type { RequestRecord } from "./record.ts";
import type { Store } from "./store.ts";

export interface RecallOptions {
  /** Makes the next step of a request due now. Never throws. */
  wake: (record: RequestRecord) => Promise<void>;
  log: Pick<Log, "warn">;
}

/**
 * A commit that also wakes the requests that it recalls: the first in line for each claim that became free. The
 * commit does not wait for the wake-up calls; the sweeper wakes a request whose call was lost with this process.
 */
export function recalling(
  store: Pick<Store, "commit" | "loadMany">,
  { wake, log }: RecallOptions,
): Store["commit"] {
  const recall = async (ids: readonly string[]): Promise<void> => {
    try {
      const held = await store.loadMany(ids);
      await Promise.all(held.map(async ({ record }) => await wake(record)));
    } catch (error) {
      log.warn({ err: error }, "requests in line were not woken");
    }
  };
  return async (moves, extras) => {
    const committed = await store.commit(moves, extras);
    // The committing request learns from the answer that its own turn has come, so only the others are woken.
    const others = committed.is === "ok" ? committed.recall.filter((id) => !isAmong(moves, id)) : [];
    if (others.length > 0) void recall(others);
    return committed;
  };
}

const isAmong = (moves: readonly { next: RequestRecord }[], id: string): boolean =>
  moves.some(({ next }) => next.id === id);
