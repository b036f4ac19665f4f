import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import type { SeenMessage } from "../../playground/slack/driver.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { type Hdfs, startHdfs } from "../../playground/storage/hdfs.ts";
import { headOf } from "../harness/cards.ts";
import { FORBIDDEN } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { type RealWorld, startRealWorld } from "../harness/real.ts";

const suite = await suiteWith(["redis", "flink"]);

const ARGS = ["--name", "orders", "--rate", "200", "--keys", "1"];
const SAVEPOINT = /hdfs:\S+\/savepoint-[0-9a-f]{6}-[0-9a-f]{12}/u;
const savepointIn = (said: SeenMessage): string => SAVEPOINT.exec(said.plain)?.[0] ?? said.plain;

suite("state on a real HDFS", () => {
  let hdfs: Hdfs;
  let world: RealWorld;
  beforeAll(async () => {
    hdfs = await startHdfs();
    [world] = await Promise.all([
      startRealWorld({
        slots: 2,
        jvms: hdfs.jvms,
        flink: hdfs.flink,
        savepointRoots: ["hdfs:///user/flink/savepoints", "hdfs:/user/other"],
        timings: { healthyWithin: "15s" },
        config: { jobs: [{ name: "orders", cluster: "live", jar: { newest: "orders-*.jar" }, args: ARGS }] },
      }),
      hdfs.ready(),
    ]);
    await world.cluster.upload("orders-1.0.jar");
  });
  afterAll(async () => {
    await world?.stop();
    await hdfs?.stop();
  });

  async function done(words: string, approved = false): Promise<SeenMessage> {
    const asked = await world.people.change(ANA, words);
    if (approved) await world.driver.click(BEN, await asked.card(), "approval.approve");
    const over = await asked.outcome(60_000);
    expect(over.plain).not.toMatch(FORBIDDEN);
    return over;
  }
  const running = async (): Promise<string> => {
    const { id } = await until("orders runs", async () => (await world.truth.alive("orders"))[0] ?? null);
    return id;
  };
  /** The three ways to write one path. */
  const spellings = (path: string): readonly string[] => {
    const rest = path.replace(/^hdfs:(?:\/\/[^/]*)?\//u, "/");
    return [`hdfs://${rest}`, `hdfs:${rest}`, `${hdfs.url}${rest}`];
  };
  let first = "";

  it("starts a job, and saves it where Flink is told by default", async () => {
    expect(headOf(await done("run orders --from none", true))).toContain("✅");
    await world.truth.checkpointed(await running());
    const over = await done("savepoint orders");
    expect(headOf(over)).toContain("✅");
    first = savepointIn(over);
    expect(first).toContain(`${hdfs.url}/user/flink/savepoints/r`);
    expect(await hdfs.files(first)).toContain(`${first}/_metadata`);
  });

  it("takes a directory in each spelling of its root", async () => {
    for (const directory of spellings("hdfs:///user/flink/savepoints/nightly")) {
      const over = await done(`savepoint orders ${directory}`);
      expect(savepointIn(over)).toContain(`${hdfs.url}/user/flink/savepoints/nightly/r`);
    }
    expect((await world.people.ask(ANA, "savepoint orders hdfs:///user/flink")).plain).toContain(
      "This directory cannot be used",
    );
  });

  it("stops, and comes back from the savepoint; its count continues", async () => {
    const before = await running();
    const over = await done("stop orders", true);
    const saved = savepointIn(over);
    expect(headOf(over)).toContain("✅ orders is stopped");
    expect(await hdfs.files(saved)).toContain(`${saved}/_metadata`);
    expect(await world.truth.state(before)).toBe("FINISHED");
    expect(headOf(await done("resume orders"))).toContain("✅");
    const after = await running();
    expect(await world.truth.restoredFrom(after)).toBe(saved);
    expect(await world.truth.metric(after, "misses")).toBe(0);
  });

  it("starts from its own state in another spelling, without asking how old it is", async () => {
    const listed = (await world.people.ask(ANA, "savepoints orders")).plain;
    const checkpoint = /hdfs:\S+\/chk-\d+/u.exec(listed)?.[0] ?? listed;
    expect(checkpoint).toMatch(/^hdfs:\/user\/flink\/checkpoints\//u);
    await done("cancel orders", true);
    const { 0: bare = "" } = spellings(first);
    expect(headOf(await done(`run orders --from ${bare}`))).toContain("✅");
    expect(await world.truth.restoredFrom(await running())).toBe(first);
    await done("cancel orders", true);
    // the newest checkpoint now, and one of a job that has ended
    const over = await done("resume orders");
    expect(over.plain).toMatch(/Started from: hdfs:\/user\/flink\/checkpoints\/\S+\/chk-\d+/u);
  });

  it("deletes one that is named in another spelling, and forgets it", async () => {
    const [, other = ""] = spellings(first);
    expect(headOf(await done(`dispose ${other}`, true))).toContain("✅");
    expect(await hdfs.files("/user/flink/savepoints")).not.toContain(`${first}/_metadata`);
    expect((await world.people.ask(ANA, "savepoints orders")).plain).not.toContain(first);
  });

  it("says what HDFS does not let it do", async () => {
    await hdfs.safeMode("on");
    expect((await done("savepoint orders")).plain).toContain("HDFS is in safe mode and takes no writes.");
    await hdfs.safeMode("off");
    expect((await done("savepoint orders hdfs:///user/other")).plain).toContain(
      "HDFS denies user flink the access",
    );
    await hdfs.nameNode("down");
    expect((await done("savepoint orders")).plain).toContain(
      `HDFS at localhost:${new URL(hdfs.url).port} refused the connection.`,
    );
    await hdfs.nameNode("up");
    expect(headOf(await done("savepoint orders"))).toContain("✅");
  });
});
