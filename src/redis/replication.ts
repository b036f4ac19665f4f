import type { RedisClient } from "./connect.ts";

/** Time limit of one WAIT, ms, and the number of WAITs per write. */
const ONE_MS = 1000;
const MOST = 3;

/** Checks whether the replicas have a write. */
export interface Replication {
  /**
   * The value of a hash's field once the configured number of replicas have everything written before this call; null
   * if that takes too long. The value is the proof: after a failover in between, the new master may never have
   * received the write.
   */
  confirmed(key: string, field: string): Promise<string | null>;
}

/**
 * `client` must be used for nothing else, because WAIT blocks the commands behind it. Replication keeps the order, so
 * one more write to `written` covers all earlier writes of all connections. Callers that arrive during a round share
 * the next one. https://redis.io/docs/latest/commands/wait/
 */
export function createReplication(client: RedisClient, written: string, replicas: number): Replication {
  const once = async (): Promise<boolean> => {
    try {
      await client.set(written, 1);
      return (await client.wait(replicas, ONE_MS)) >= replicas;
    } catch {
      return false;
    }
  };
  let round: Promise<boolean> = Promise.resolve(true);
  let next: Promise<boolean> | null = null;
  // the current round may have begun before the caller's write
  const joined = (): Promise<boolean> =>
    (next ??= round.then(() => {
      next = null;
      round = once();
      return round;
    }));
  return {
    async confirmed(key, field) {
      for (let left = MOST; left > 0; left -= 1)
        if (await joined()) return await client.hget(key, field).catch(() => null);
      return null;
    },
  };
}
