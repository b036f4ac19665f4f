import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { versionOf } from "../../playground/flink/assemble.ts";
import { type Kafka, startKafka } from "../../playground/kafka/kafka.ts";
import { until } from "../../playground/processes.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { killedAround, type RealBench, RESTART, ROLLED_BACK, startBench } from "../crash/real/bench.ts";
import { suiteWith } from "../harness/needs.ts";
import { truthOf } from "../harness/real.ts";

/** One change, and what its card says at the end. */
interface Step {
  words: string;
  approved: boolean;
  /** Each phase with an effect, and the call that is the effect. */
  effects: readonly { phase: string; call: string }[];
  outcome: RegExp;
  /** An upload before it: a newer version that runs, or one that does not. */
  newest?: "good" | "broken";
}

const RESCALE = { phase: "rescale", call: "PUT /jobs/:id/resource-requirements" };
const SAVEPOINT = { phase: "savepoint", call: "POST /jobs/:id/savepoints" };
const stop: Step = { words: "stop copier", approved: true, effects: [RESTART.stop], outcome: /^✅ /u };
const resume: Step = {
  words: "resume copier",
  approved: false,
  effects: [RESTART.run],
  outcome: /^✅ /u,
};
const scale = (to: number): Step => ({
  words: `scale copier ${to}`,
  approved: false,
  effects: [RESCALE],
  outcome: /^✅ /u,
});
const savepoint: Step = {
  words: "savepoint copier",
  approved: false,
  effects: [SAVEPOINT],
  outcome: /^✅ /u,
};
const restart: Step = {
  words: "restart copier --jar newest",
  approved: true,
  effects: [RESTART.stop, RESTART.run],
  outcome: /^✅ /u,
  newest: "good",
};
const rolledBack: Step = {
  words: "restart copier --jar newest",
  approved: true,
  effects: ROLLED_BACK,
  outcome: /^❌ .*the old version runs again/su,
  newest: "broken",
};

/** Each change with the worker killed before and after each of its calls. */
const cases = [
  ...killedAround([savepoint]),
  ...killedAround([scale(2)]).slice(0, 1),
  ...killedAround([scale(1)]).slice(1),
  ...killedAround([stop]).flatMap((one, i) => [one, ...killedAround([resume]).slice(i, i + 1)]),
  ...killedAround([restart]),
  ...killedAround([rolledBack]),
].map((one, n) => [n + 1, ...one] as const);

const suite = await suiteWith(["redis", "flink"]);
suite("from Kafka to Kafka exactly once, through flinkops and its crashes", () => {
  let kafka: Kafka;
  let bench: RealBench;
  let copier = "";
  let feed: Awaited<ReturnType<Kafka["feed"]>>;
  let uploads = 0;

  beforeAll(async () => {
    kafka = await startKafka();
    await kafka.topics("in", "out");
    const args = [kafka.broker, "in", "out", "copier"];
    bench = await startBench({ slots: 4, lib: kafka.lib }, [
      { name: "copier", jar: { newest: "copier-*.jar" }, args, parallelism: 1 },
    ]);
    copier = await kafka.copier(bench.flink.lib);
    await upload("good");
    feed = await kafka.feed("in", 500);
    const { product } = await bench.start();
    const asked = await bench.world.people.change(ANA, "run copier --from none");
    await bench.world.driver.click(BEN, await asked.card(), "approval.approve");
    await asked.headed("✅", 60_000);
    await product.stop();
  }, 300_000);
  afterEach(async () => await Promise.all(bench.world.products.map(async (p) => await p.stop())));
  afterAll(async () => {
    await bench?.stop();
    await kafka?.stop();
  });

  /** Under a later name each time: the newest is the one that was uploaded last. */
  async function upload(version: "good" | "broken"): Promise<void> {
    uploads += 1;
    const file = version === "good" ? copier : await versionOf(copier, { fail: "true" });
    await bench.flink.uploadJar(file, `copier-${uploads}.jar`);
  }

  it.each(cases)("%i: %s %s of %s", async (_n, _when, _call, words, step, point) => {
    const { flink, world } = bench;
    const before = (await truthOf(flink).alive("copier"))[0];
    if (before !== undefined) await truthOf(flink).checkpointed(before.id);
    if (step.newest !== undefined) await upload(step.newest);
    const first = await bench.start(point);
    const asked = await world.people.change(ANA, words);
    if (step.approved) await world.driver.click(BEN, await asked.card(), "approval.approve");
    await until("it is dead", async () => (first.reached() ? true : null), 60_000);
    await first.product.exited;
    await bench.start();
    expect((await asked.outcome(90_000)).plain).toMatch(step.outcome);
    // what failed is not the newest any more
    if (step.newest === "broken") await upload("good");
  });

  it("then each record has come out once, and was counted once", async () => {
    const count = await feed.stop();
    const { id } = await until(
      "it runs",
      async () => (await truthOf(bench.flink).alive("copier"))[0] ?? null,
    );
    await until(
      "all of it has come through",
      async () => ((await kafka.check("out", count)).read >= count ? true : null),
      120_000,
    );
    await bench.start();
    const asked = await bench.world.people.change(ANA, "stop copier");
    await bench.world.driver.click(BEN, await asked.card(), "approval.approve");
    expect((await asked.outcome(60_000)).plain).toMatch(/^✅ /u);
    expect(await truthOf(bench.flink).state(id)).toBe("FINISHED");
    const found = await kafka.check("out", count);
    console.log(`${count} records in, ${JSON.stringify(found)}`);
    expect(found).toEqual({ read: count, missing: 0, twice: 0, countedTwice: 0 });
  });
});
