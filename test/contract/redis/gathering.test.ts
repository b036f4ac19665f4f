import { expect, it } from "vitest";
import { connectRedis, frontOptions, untilReady } from "../../../src/redis/connect.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { redisCounts } from "../../bench/meter.ts";
import { ownRedis } from "../../harness/own-redis.ts";
import { suiteWith } from "../../harness/needs.ts";

const suite = await suiteWith(["redis"]);
const { server, redis } = await ownRedis();

suite("commands of one turn of the event loop", () => {
  it("leave together, in their order, whoever issues them", async () => {
    const client = connectRedis(frontOptions(server), () => undefined);
    try {
      await untilReady(client, 3000, systemClock);
      client.defineCommand("append", {
        numberOfKeys: 1,
        lua: "return redis.call('RPUSH', KEYS[1], ARGV[1])",
      });
      const script = client as typeof client & { append(key: string, value: string): Promise<number> };
      await script.append("warm", "x");
      const before = await redisCounts(redis);
      const long = "y".repeat(100_000);
      const answers = await Promise.all([
        ...Array.from({ length: 50 }, async (_, i) => await client.rpush("list", `a${i}`)),
        Promise.resolve().then(async () => await script.append("list", "b")),
        client.multi().rpush("list", "c").rpush("list", long).exec(),
        client.pipeline().rpush("list", "d").exec(),
      ]);
      const after = await redisCounts(redis);
      expect(answers).toHaveLength(53);
      const pushed = await redis.lrange("list", 0, -1);
      expect(pushed.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, i) => `a${i}`));
      expect(pushed.slice(50).toSorted()).toEqual(["b", "c", "d", long]);
      // what is long is read by Redis in parts; the rest is the INFO of this test itself
      expect(after.roundTrips - before.roundTrips).toBeLessThan(15);
    } finally {
      client.disconnect();
    }
  });

  it("fail where the connection ends before they have left", async () => {
    const client = connectRedis(frontOptions(server), () => undefined);
    await untilReady(client, 3000, systemClock);
    const set = client.set("never", "1");
    client.stream.destroy();
    await expect(set).rejects.toThrow(/closed|aborted|retries/u);
    client.disconnect();
    expect(await redis.exists("never")).toBe(0);
  });
});
