import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../../playground/processes.ts";
import { type PrivateRedis, startRedis } from "../../../playground/redis.ts";
import { createDirectory, type Directory } from "../../../src/directory/directory.ts";
import { startReader } from "../../../src/directory/reader.ts";
import { createLog } from "../../../src/log.ts";
import { backOptions, connectRedis, type RedisClient } from "../../../src/redis/connect.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { createStates } from "../../../src/directory/states.ts";
import { FakeFlinkReads } from "../../fakes/flink-reads.ts";
import { systemClock } from "../../../src/clock.ts";

const keys = keysUnder("{test}");
let server: PrivateRedis;
let redis: RedisClient;
let directory: Directory;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(backOptions(server.url), () => undefined);
  directory = createDirectory(redis, keys, [{ name: "prod", label: "Prod" }]);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** Counts how often the cluster's jobs are read. */
class CountedReads extends FakeFlinkReads {
  readings = 0;
  override overview() {
    this.readings += 1;
    return super.overview();
  }
}

it("reads more often while somebody looks, and never keeps itself looking", async () => {
  const reads = new CountedReads();
  const reader = startReader({
    redis,
    keys,
    directory,
    clusters: [reads],
    worker: "w1",
    idle: 60_000,
    watched: 20,
    states: createStates(redis, keys),
    everyState: 60_000,
    log: createLog("silent"),
    clock: systemClock,
  });
  try {
    await until("the first reading", async () =>
      (await directory.peek(["prod"])).has("prod") ? true : null,
    );
    expect(await directory.isWatched("prod")).toBe(false);
    expect(reads.readings).toBe(1);
    const before = Date.now();
    redis
      .set(
        keys.directory("prod"),
        JSON.stringify({ ...(await directory.peek(["prod"])).get("prod"), readAt: before - 20_000 }),
      )
      .catch(() => undefined);
    // what is old is read anew before it is shown
    expect((await directory.clusters())[0]?.readAt).toBeGreaterThanOrEqual(before);
    await until("more readings", () => Promise.resolve(reads.readings > 3 ? true : null));
    expect(await directory.isWatched("prod")).toBe(true);
  } finally {
    await reader.close();
  }
});
