import type { RedisClient } from "./connect.ts";

/** For how long processes that find the same do not say it again, s. */
const TOLD_S = 600;

/**
 * Says something that several processes want to say, in one of them. Throws what Redis and `say` throw; what could not be
 * said may be said again.
 */
export async function tellOnce(redis: RedisClient, key: string, say: () => Promise<void>): Promise<void> {
  if ((await redis.set(key, "1", "EX", TOLD_S, "NX")) !== "OK") return;
  try {
    await say();
  } catch (error) {
    await redis.del(key);
    throw error;
  }
}
