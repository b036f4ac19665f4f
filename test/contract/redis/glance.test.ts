import { once } from "node:events";
import { beforeEach, expect, it } from "vitest";
import { systemClock } from "../../../src/platform/clock.ts";
import { createSeal } from "../../../src/platform/seal.ts";
import { createGlance } from "../../../src/queue/glance.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { redisTime } from "../../../src/redis/replies.ts";
import { seen } from "../../bench/list.ts";
import { ManualClock } from "../../fakes/clock.ts";
import { suiteWith } from "../../harness/needs.ts";
import { ownRedis } from "../../harness/own-redis.ts";
import { until } from "../../../playground/processes.ts";

const suite = await suiteWith(["redis"]);
const { redis } = await ownRedis();
const keys = keysUnder("{glance}");
const found: string[] = [];
const seal = createSeal(["a key"], ({ why }) => void found.push(why));
const at = { name: "prod", zone: "east" };

const write = async (jobs: number): Promise<void> => {
  const json = JSON.stringify(seen(0, 1_000_000 + jobs, jobs));
  await redis.set(keys.directory("prod"), seal.close({ kind: "directory", id: "prod", rev: 0 }, json));
};
/** A worker that counts as alive for so many ms. */
const beat = async (forMs: number): Promise<void> => {
  const lapses = redisTime(await redis.time()) + forMs;
  await redis.zadd(keys.workers("east"), lapses, "w1");
};
const asked = async (): Promise<number> =>
  Number(/cmdstat_zrange:calls=(\d+)/u.exec(await redis.info("commandstats"))?.[1] ?? 0);

/** Glances by a clock that the test moves. */
function aGlance() {
  const clock = new ManualClock(5000);
  const watched: string[] = [];
  const glance = createGlance({ redis, keys, seal, watch: (name) => void watched.push(name), clock });
  return { clock, watched, glance: async () => await glance(at) };
}

suite("a glance at the job cache", () => {
  beforeEach(async () => {
    await redis.flushall();
    await redis.config("RESETSTAT");
  });

  it("parses an entry once for many commands, and again as soon as it changes", async () => {
    const { clock, glance } = aGlance();
    const look = async () => {
      clock.at += 500;
      return (await glance()).seen;
    };
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

  it("asks nothing for commands that follow at once, and asks again meanwhile while they keep coming", async () => {
    const { clock, watched, glance } = aGlance();
    await write(3);
    await beat(60_000);
    const first = await glance();
    for (let n = 0; n < 9; n += 1) {
      clock.at += 11;
      const next = await glance();
      expect(next).toMatchObject({ workers: 1, seen: first.seen });
      expect(next.now).toBe(first.now + 11 * (n + 1));
    }
    expect(await asked()).toBe(1);
    expect(watched).toHaveLength(10);
    await write(4);
    clock.at += 11;
    // once for all who come meanwhile
    const some = await Promise.all([glance(), glance(), glance()]);
    expect(some.map((one) => one.seen?.jobs.length)).toEqual([3, 3, 3]);
    await until("it was asked again", async () => ((await asked()) === 2 ? true : null));
    await until("what changed is known", async () =>
      (await glance()).seen?.jobs.length === 4 ? true : null,
    );
    expect(await asked()).toBe(2);
  });

  it("asks before it answers where the last answer is old, or there was no worker or no entry", async () => {
    const { clock, glance } = aGlance();
    expect(await glance()).toMatchObject({ workers: 0, seen: null });
    await beat(60_000);
    expect(await glance()).toMatchObject({ workers: 1, seen: null });
    await write(3);
    expect((await glance()).seen?.jobs).toHaveLength(3);
    expect(await asked()).toBe(3);
    await write(4);
    clock.at += 500;
    expect((await glance()).seen?.jobs).toHaveLength(4);
    expect(await asked()).toBe(4);
  });

  it("asks before it says that no worker is there, because one may have come", async () => {
    const { clock, glance } = aGlance();
    await write(3);
    await beat(200);
    expect((await glance()).workers).toBe(1);
    clock.at += 250;
    // by Redis's clock it still counts
    expect((await glance()).workers).toBe(1);
    expect(await asked()).toBe(2);
    await redis.del(keys.workers("east"));
    clock.at += 500;
    expect((await glance()).workers).toBe(0);
    await beat(60_000);
    expect((await glance()).workers).toBe(1);
  });

  it("has a time that is never behind Redis's, so what has to be younger than a command is younger", async () => {
    const glance = createGlance({ redis, keys, seal, watch: () => undefined, clock: systemClock });
    await write(3);
    await beat(60_000);
    for (let n = 0; n < 300; n += 1) {
      const before = redisTime(await redis.time());
      const { now } = await glance(at);
      expect(now).toBeGreaterThanOrEqual(before);
    }
    expect(await asked()).toBeLessThan(100);
  });

  it("does not tell the time by an answer that took long", async () => {
    const { clock, glance } = aGlance();
    await write(3);
    await beat(60_000);
    const slow = glance();
    clock.at += 101;
    await slow;
    const quick = glance();
    clock.at += 99;
    await quick;
    expect(await asked()).toBe(2);
    await glance();
    expect(await asked()).toBe(2);
  });

  it("forgets what it knows with the connection: another server has another clock, and perhaps none is there", async () => {
    const { glance } = aGlance();
    await write(3);
    await beat(60_000);
    await glance();
    const closed = once(redis, "close");
    redis.disconnect(true);
    await closed;
    await until("it is connected again", () => Promise.resolve(redis.status === "ready" ? true : null));
    await glance();
    expect(await asked()).toBe(2);
  });
});
