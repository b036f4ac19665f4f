import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import type { SeenMessage } from "../../playground/slack/driver.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { requestOf } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { type RealBench, startBench, withoutResends } from "./real/bench.ts";
import { type FlinkTruth, isWriting, lookAt } from "./real/flink-truth.ts";
import { told } from "./real/slack-truth.ts";

/** Long enough to be killed in the middle of. */
const SNAPSHOT_MS = 4000;

const suite = await suiteWith(["redis", "flink"]);
suite("the JobManager dies and another one takes over", () => {
  let bench: RealBench;
  beforeAll(async () => {
    bench = await startBench({
      slots: 4,
      ha: true,
      config: { "high-availability.zookeeper.client.session-timeout": "4s" },
    });
  });
  afterEach(async () => await Promise.all(bench.world.products.map(async (p) => await p.stop())));
  afterAll(async () => await bench.stop());

  const takeOver = async (): Promise<void> => {
    await bench.flink.killJobManager();
    await bench.flink.startJobManager();
  };
  const runs = async (jobId: string): Promise<FlinkTruth> =>
    await until(`job ${jobId} runs again`, async () => {
      const seen = await lookAt(bench.flink, jobId, "nothing");
      return seen.state === "RUNNING" && seen.parallelisms.length > 0 && !seen.parallelisms.includes(0)
        ? seen
        : null;
    });

  it("in the middle of a savepoint and of a stop", async () => {
    const { flink, world } = bench;
    const [one, two, watched] = await Promise.all([
      flink.submit({ name: "saved", snapshotMs: SNAPSHOT_MS }),
      flink.submit({ name: "stopped", snapshotMs: SNAPSHOT_MS }),
      bench.start(),
    ]);
    const stop = await world.people.change(ANA, "stop stopped");
    await world.driver.click(BEN, await stop.card(), "approval.approve");
    const savepoint = await world.people.change(ANA, "savepoint saved");
    await until("both are being written", async () =>
      (await isWriting(flink, one)) && (await isWriting(flink, two)) ? true : null,
    );
    await takeOver();

    const saved = await told(world, savepoint, { approved: false, effects: 1 });
    const stopped = await told(world, stop, { approved: true, effects: 1 });
    await expectTrue(saved, one);
    await expectTrue(stopped, two);
    expect(watched.changes().toSorted()).toEqual(["POST /jobs/:id/savepoints", "POST /jobs/:id/stop"]);
  });

  it.each([
    { words: "savepoint", approved: false, call: "POST /jobs/:id/savepoints", until: "complete" },
    { words: "stop", approved: true, call: "POST /jobs/:id/stop", until: "being written" },
  ] as const)("while flinkops is dead, and what it sent is a $words", async (asks) => {
    const { flink, world } = bench;
    const name = `forgotten-${asks.words}`;
    const complete = asks.until === "complete";
    const [jobId, first] = await Promise.all([
      flink.submit({ name, snapshotMs: complete ? 0 : SNAPSHOT_MS }),
      bench.start({ name: `running ${asks.words}.0 sending leased | ${asks.call} #1`, when: "after" }),
    ]);
    const asked = await world.people.change(ANA, `${asks.words} ${name}`);
    if (asks.approved) await world.driver.click(BEN, await asked.card(), "approval.approve");
    const id = await asked.id();
    await until("it is dead", async () => (first.reached() ? true : null));
    await first.product.exited;
    await until(`it is ${asks.until}`, async () => {
      const is = complete
        ? (await lookAt(flink, jobId, id)).onDisk.length > 0
        : await isWriting(flink, jobId);
      return is ? true : null;
    });
    await takeOver();
    const second = await bench.start();

    const outcome = await told(world, asked, { approved: asks.approved, effects: 1 });
    expect((await expectTrue(outcome, jobId)).onDisk).toHaveLength(complete ? 1 : 0);
    expect(withoutResends([...first.changes(), ...second.changes()])).toEqual([asks.call]);
  });

  /** A location that is there and whole, or where to look for what may be there; and the job as the card has it. */
  async function expectTrue(outcome: SeenMessage, jobId: string): Promise<FlinkTruth> {
    const id = requestOf(outcome);
    const { plain } = outcome;
    await runs(jobId);
    const seen = await lookAt(bench.flink, jobId, id);
    expect(seen.onDisk.length).toBeLessThanOrEqual(1);
    if (plain.startsWith("✅ ")) {
      expect(seen.onDisk.filter((path) => plain.includes(path))).toHaveLength(1);
    } else {
      expect(plain).toContain("outcome is unknown");
      // as Flink spells local paths
      const directory = bench.flink.savepointsDir.replace("file:///", "file:/");
      expect(plain).toContain(`it is in ${directory}/${id}`);
      // alive, and not said to have ended
      expect(plain).not.toMatch(/The job is (?:FINISHED|FAILED|CANCELED)|does not know the job/u);
    }
    // what it wrote before was forgotten; nothing was asked of the new one
    expect(seen.listed).toEqual([]);
    return seen;
  }
});
