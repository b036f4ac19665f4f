import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN, INCIDENT } from "../../playground/slack/workspace-seed.ts";
import { backOptions, connectRedis } from "../../src/redis/connect.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);
const SENTENCE = "flinkops cannot reach its Redis, so nothing was accepted and nothing was changed.";

suite("a Redis that is away is said in one sentence, and nothing has to be mended afterwards", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    await world.flink.control.addJob({ name: "orders" });
    // who people are and which channel this is has been looked up
    await world.people.ask(ANA, "help");
    await world.people.ask(ANA, "list", INCIDENT);
  });
  afterAll(async () => await world.stop());

  /** The ack's own answer, or what was told after it. */
  const answer = async (words: string, channel = INCIDENT): Promise<{ plain: string; ms: number }> => {
    const before = new Set((await world.driver.ephemerals(ANA, channel)).map((one) => one.ts));
    const began = performance.now();
    const typed = await world.people.type(ANA, words, channel);
    expect(typed.error).toBeNull();
    if (typed.reply !== null) return { plain: typed.reply, ms: performance.now() - began };
    const told = await world.driver.waitForEphemeral(ANA, channel, (one) => !before.has(one.ts));
    return { plain: told.plain, ms: performance.now() - began };
  };
  const isReady = async (): Promise<boolean> =>
    (await fetch(`${world.products[0]?.healthUrl}/readyz`)).status === 200;
  const logged = (msg: string): string[] => world.lines.filter((line) => line.includes(`"msg":"${msg}"`));
  const EVERY = [
    "list",
    "requests",
    "requests --open",
    "savepoint orders",
    "status orders",
    "withdraw r123456",
  ];

  it("in a second, by every kind of command but help, and not ready", async () => {
    await world.redis.kill();
    await until("it is not ready", async () => ((await isReady()) ? null : true), 1500);
    for (const words of EVERY) {
      const { plain, ms } = await answer(words);
      expect(`${words}: ${plain}`).toContain(SENTENCE);
      expect(ms).toBeLessThan(1500);
    }
    expect((await answer("help")).plain).toContain("What you can do");
  });

  it("with one line in the log, and one when it is over; the first command after it works", async () => {
    await world.redis.restart();
    const typed = await world.people.change(ANA, "savepoint orders");
    expect(typed.typed).toMatchObject({ error: null, reply: null });
    await until("it is ready", async () => ((await isReady()) ? true : null), 1000);
    await typed.outcome();
    expect(logged("redis is not available")).toHaveLength(1);
    expect(logged("redis is available again")).toHaveLength(1);
    expect(world.lines.filter((line) => line.includes("node_modules"))).toEqual([]);
    expect(world.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  it("also where it hangs: an answer in a second, and none that is not so", async () => {
    const queued = (await world.stored.queued()).length;
    world.redis.signal("SIGSTOP");
    try {
      for (const words of EVERY) {
        const { plain, ms } = await answer(words);
        expect(`${words}: ${plain}`).toContain(SENTENCE);
        // besides Redis: the stand-in, and this test's own polling
        expect(ms).toBeLessThan(1500);
      }
      expect((await answer("help")).plain).toContain("What you can do");
      await until("it is not ready", async () => ((await isReady()) ? null : true), 2000);
    } finally {
      world.redis.signal("SIGCONT");
    }
    expect((await answer("requests")).plain).toContain("request");
    expect(await world.stored.queued()).toHaveLength(queued);
    await until("it is ready", async () => ((await isReady()) ? true : null), 1000);
  });

  it("is not said of one that is full: its own word is, and it takes the next command once it has room", async () => {
    const redis = connectRedis(backOptions(world.redis), () => undefined);
    try {
      await redis.config("SET", "maxmemory", "1");
      const { plain } = await answer("savepoint orders");
      expect(plain).toContain("Redis refuses what flinkops asks of it (OOM), so nothing was accepted");
      await redis.config("SET", "maxmemory", "0");
      const typed = await world.people.change(ANA, "savepoint orders");
      expect(typed.typed).toMatchObject({ error: null });
      await typed.outcome();
    } finally {
      await redis.config("SET", "maxmemory", "0");
      redis.disconnect();
    }
  });

  it("takes the first click after an outage too", async () => {
    await world.flink.control.addJob({ name: "clicked" });
    const asked = await world.people.change(ANA, "stop clicked");
    const card = await asked.headed("Waiting for approval");
    await world.redis.kill();
    await world.redis.restart();
    await world.driver.click(BEN, card, "Approve stop");
    await asked.outcome();
    await judge(world);
  });
});
