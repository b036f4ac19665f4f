import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { type RealWorld, startRealWorld } from "../harness/real.ts";

const suite = await suiteWith(["redis", "flink"]);

const CHECKPOINT = /file:\/\S+\/chk-\d+/u;
const SLOTS = 16;
/** More than a job that starts over could have counted by the time somebody looks. */
const MANY = 1000;

suite("a real Flink 2.3.0 without high availability: what is wrong, and coming back", () => {
  let world: RealWorld;
  beforeAll(async () => {
    world = await startRealWorld({
      slots: SLOTS,
      flink: {
        // its TaskManager would miss a JobManager that died only after 50 s
        "heartbeat.interval": "500",
        "heartbeat.timeout": "4000",
      },
      config: {
        jobs: [
          {
            name: "orders",
            cluster: "live",
            jar: { newest: "orders-*.jar" },
            args: ["--name", "orders", "--rate", "200", "--keys", "1"],
          },
        ],
      },
    });
    await world.cluster.upload("orders-1.0.jar");
  });
  afterAll(async () => await world.stop());

  const ask = async (words: string): Promise<string> => (await world.people.ask(ANA, words)).plain;
  /** Looks until it says so: Flink's figures come some seconds after a job. */
  const finds = async (job: string, ...wanted: RegExp[]): Promise<void> => {
    await until(
      `diagnose finds what is wrong with ${job}`,
      async () => {
        const said = await ask(`diagnose ${job}`);
        return wanted.every((one) => one.test(said)) ? true : null;
      },
      60_000,
    );
  };

  it("diagnose finds each fault that the playground's job can be told to have, and nothing on a healthy one", async () => {
    const { cluster, truth } = world;
    const [healthy] = await Promise.all([
      cluster.submit({ name: "healthy", rate: 20 }),
      cluster.submit({ name: "slow", rate: 2000, workMs: 20 }),
      cluster.submit({ name: "skewed", rate: 400, keys: 1000, skew: true, parallelism: 2 }),
      cluster.submit({ name: "failing", failRecordEvery: 40 }),
      cluster.submit({ name: "unwritable", failSnapshot: true }),
      cluster.submit({ name: "forgetful", noCheckpoints: true }),
      cluster.submit({ name: "full", parallelism: 2, maxParallelism: 2 }),
    ]);
    // whoever comes last takes what is left
    await cluster.submit({ name: "wide", parallelism: 40 }, { wait: false });
    await truth.checkpointed(healthy);
    await finds("slow", /Back-pressure starts at count/u);
    await finds("skewed", /Skew in count/u);
    await finds("failing", /root cause IllegalStateException: .*cannot be counted/u);
    await finds("unwritable", /The last (?:\d+ checkpoints|checkpoint) failed/u);
    await finds("forgetful", /Periodic checkpoints are off/u);
    await finds("full", /runs at its maximum parallelism, 2/u);
    await finds("wide", /Parallelism 40 is asked, it runs at \d+: \d+ of 16 slots/u);
    expect(await ask("diagnose healthy")).toContain("Nothing found: healthy is RUNNING");
    await Promise.all((await truth.alive()).map(async ({ id }) => await cluster.cancel(id)));
    // Flink answers a cancel before the job has ended and its slots are free
    await until("every slot is free", async () => {
      const said = (await cluster.get("/overview")) as Record<string, number> | null;
      return said?.["slots-available"] === SLOTS ? true : null;
    });
  });

  it("resume after the JobManager died: from its last checkpoint, with one command and one click of someone else", async () => {
    expect(headOf(await started())).toContain("✅");
    const before = await one();
    const counted = await until("it has counted many", async () => {
      const now = await world.truth.metric(before, "counted");
      return now >= MANY ? now : null;
    });
    await world.truth.checkpointed(before);
    const noted = await until(
      "its checkpoint is noted down",
      async () => CHECKPOINT.exec(await ask("savepoints orders"))?.[0] ?? null,
    );
    expect(noted).toContain(before);

    await world.cluster.killJobManager();
    await world.cluster.startJobManager();
    await until("flinkops sees that nothing runs there", async () =>
      (await ask("list")).startsWith("0 jobs") ? true : null,
    );
    const over = await resumed();
    expect(headOf(over)).toContain("✅");
    expect(over.plain).toMatch(/Started from: \S+\/chk-\d+/u);
    const after = await one();
    expect(await world.truth.restoredFrom(after)).toMatch(new RegExp(`${before}/chk-\\d+$`, "u"));
    // it began at its last checkpoint, which is less than an interval before the end
    expect(await world.truth.metric(after, "counted")).toBeGreaterThan(counted / 2);
    expect(await world.truth.metric(after, "misses")).toBe(0);
  });

  it("resume after bot, Redis and Flink were all restarted", async () => {
    const before = await one();
    const counted = await until("it has counted many", async () => {
      const now = await world.truth.metric(before, "counted");
      return now >= 2 * MANY ? now : null;
    });
    await world.truth.checkpointed(before);
    await until("its checkpoint is noted down", async () =>
      (await ask("savepoints orders")).includes(`${before}/chk-`) ? true : null,
    );
    await Promise.all(world.products.map(async (product) => await product.stop()));
    await world.redis.kill();
    await world.cluster.killJobManager();
    await world.cluster.killTaskManager();

    await world.redis.restart();
    await world.cluster.startTaskManager();
    await world.cluster.startJobManager();
    await world.start();
    await until("flinkops sees that nothing runs there", async () =>
      (await ask("list")).startsWith("0 jobs") ? true : null,
    );
    const over = await resumed();
    expect(headOf(over)).toContain("✅");
    const after = await one();
    expect(await world.truth.restoredFrom(after)).toContain(`${before}/chk-`);
    expect(await world.truth.metric(after, "counted")).toBeGreaterThan(counted / 2);
    await world.stored.atRest();
  });

  /** It ran a moment ago and is not listed: whether it comes back nobody knows, so someone else must approve. */
  async function resumed() {
    const asked = await world.people.change(ANA, "resume orders");
    const card = await asked.headed("Waiting for approval");
    expect(card.plain).toContain(
      "was alive when flinkops last saw it, and Flink did not list it when this was asked",
    );
    // Flink can no longer tell how large its state was: the job cache can
    expect(card.plain).toMatch(/takes all of the state: \d+ of \d+ vertices/u);
    expect(card.plain).toMatch(/the sizes are as last seen .+ before this was asked/u);
    await world.people.approve(BEN, card);
    return await asked.outcome(90_000);
  }
  async function started() {
    const asked = await world.people.change(ANA, "run orders --from none");
    await world.people.approve(BEN, await asked.headed("Waiting for approval"));
    return await asked.outcome(60_000);
  }
  async function one(): Promise<string> {
    const [job, ...others] = await world.truth.alive("orders");
    expect(others).toEqual([]);
    return job?.id ?? "";
  }
});
