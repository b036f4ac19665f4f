import { afterAll, beforeEach } from "vitest";
import { type PrivateRedis, startRedis } from "../../playground/redis.ts";
import { backOptions, connectRedis, type RedisClient } from "../../src/redis/connect.ts";

/** A Redis server for the tests of one file, empty before each of them, and a connection to it. */
export async function ownRedis(): Promise<{ server: PrivateRedis; redis: RedisClient }> {
  const server = await startRedis();
  const redis = connectRedis(backOptions(server), () => undefined);
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    await redis.flushall();
  });
  return { server, redis };
}
