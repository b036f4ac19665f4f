import type { RedisClient } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import { createSeat, type Turn } from "../redis/seat.ts";

export type { Turn } from "../redis/seat.ts";

/** The seats of the clusters' readers. `watched` of a turn: a person asked for the cluster recently. */
export interface Seats {
  /** Takes the seats, or renews them for another `ttlMs`, in one call; the turns are in the order of the clusters. */
  take(clusters: readonly string[]): Promise<readonly Turn[]>;
  /** Gives the seat up if it is still held with `token`. */
  leave(cluster: string, token: string): Promise<void>;
}

export function createSeats(redis: RedisClient, keys: Keys, who: { worker: string; ttlMs: number }): Seats {
  const seat = createSeat(redis, who);
  return {
    take: async (clusters) =>
      await seat.takeAll(
        clusters.map((cluster) => ({
          seat: keys.reader(cluster),
          fence: keys.fence(cluster),
          watched: keys.watched(cluster),
        })),
      ),
    leave: async (cluster, token) => await seat.leave(keys.reader(cluster), token),
  };
}
