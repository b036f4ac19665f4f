import type { RedisClient } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import { createSeat, type Turn } from "../redis/seat.ts";

export type { Turn } from "../redis/seat.ts";

/** The seats of the clusters' readers. `watched` of a turn: a person asked for the cluster recently. */
export interface Seats {
  /** Takes the seat, or renews it for another `ttlMs`. */
  take(cluster: string): Promise<Turn>;
  /** Gives the seat up if it is still held with `token`. */
  leave(cluster: string, token: string): Promise<void>;
}

export function createSeats(redis: RedisClient, keys: Keys, who: { worker: string; ttlMs: number }): Seats {
  const seat = createSeat(redis, who);
  return {
    take: async (cluster) =>
      await seat.take({
        seat: keys.reader(cluster),
        fence: keys.fence(cluster),
        watched: keys.watched(cluster),
      }),
    leave: async (cluster, token) => await seat.leave(keys.reader(cluster), token),
  };
}
