import type { RedisClient } from "./connect.ts";

/** How long one WAIT waits, and how many of them a write is given. */
const ONE_MS = 1000;
const MOST = 3;

/** Whether what was written is on the replicas too. */
export interface Replication {
  /**
   * The value of a hash's field once as many replicas as configured have everything that was written before this call;
   * null where that is not so in time. The value is the evidence: after a fail-over in between, the new master may never
   * have seen the write that is asked about.
   */
  confirmed(key: string, field: string): Promise<string | null>;
}

/**
 * `client` is for this alone, because WAIT holds up whatever comes behind it. Replication keeps the order, so one more
 * write to `written` stands for all before it, by whichever connection, and callers that come meanwhile share the next
 * round. https://redis.io/docs/latest/commands/wait/
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
  // the round under way may have begun before the caller's write
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
