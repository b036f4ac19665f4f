import { expect, it } from "vitest";
import { createSeal } from "../../../src/platform/seal.ts";
import { createGlance } from "../../../src/queue/glance.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { seen } from "../../bench/list.ts";
import { suiteWith } from "../../harness/needs.ts";
import { ownRedis } from "../../harness/own-redis.ts";

const suite = await suiteWith(["redis"]);
const { redis } = await ownRedis();
const keys = keysUnder("{glance}");

suite("a glance at the job cache", () => {
  it("parses an entry once for many commands, and again as soon as it changes", async () => {
    const found: string[] = [];
    const seal = createSeal(["a key"], ({ why }) => void found.push(why));
    const glance = createGlance({ redis, keys, seal, watch: () => undefined });
    const write = async (jobs: number): Promise<void> => {
      const json = JSON.stringify(seen(0, 1_000_000 + jobs, jobs));
      await redis.set(keys.directory("prod"), seal.close({ kind: "directory", id: "prod", rev: 0 }, json));
    };
    const look = async () => (await glance({ name: "prod", zone: "east" })).seen;

    expect(await look()).toBeNull();
    await write(3);
    const first = await look();
    expect(first?.jobs).toHaveLength(3);
    expect(await look()).toBe(first);
    await write(4);
    expect((await look())?.jobs).toHaveLength(4);
    await redis.set(keys.directory("prod"), '{"json":"made up"}');
    expect(await look()).toBeNull();
    expect(found.length).toBeGreaterThan(0);
  });
});
