import { afterAll, beforeAll, expect, it } from "vitest";
import { ANA } from "../../playground/slack/workspace-seed.ts";
import { type Hdfs, startHdfs } from "../../playground/storage/hdfs.ts";
import { headOf } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { type OnStorage, savepointIn, startOnStorage } from "../harness/on-storage.ts";

const suite = await suiteWith(["redis", "flink"]);

suite("state on a real HDFS", () => {
  let hdfs: Hdfs;
  let on: OnStorage;
  beforeAll(async () => {
    hdfs = await startHdfs();
    on = await startOnStorage(hdfs, {
      savepointRoots: ["hdfs:///user/flink/savepoints", "hdfs:/user/other"],
    });
  });
  afterAll(async () => {
    await on?.world.stop();
    await hdfs?.stop();
  });

  /** The three ways to write one path. */
  const spellings = (path: string): readonly string[] => {
    const rest = path.replace(/^hdfs:(?:\/\/[^/]*)?\//u, "/");
    return [`hdfs://${rest}`, `hdfs:${rest}`, `${hdfs.url}${rest}`];
  };
  let first = "";

  it("starts a job, and saves it where Flink is told by default", async () => {
    expect(headOf(await on.done("run orders --from none", "approved"))).toContain("✅");
    await on.world.truth.checkpointed(await on.running());
    const over = await on.done("savepoint orders");
    expect(headOf(over)).toContain("✅");
    first = savepointIn(over);
    expect(first).toContain(`${hdfs.url}/user/flink/savepoints/r`);
    expect(await hdfs.files(first)).toContain(`${first}/_metadata`);
  });

  it("takes a directory in each spelling of its root", async () => {
    for (const directory of spellings("hdfs:///user/flink/savepoints/nightly")) {
      const over = await on.done(`savepoint orders ${directory}`);
      expect(savepointIn(over)).toContain(`${hdfs.url}/user/flink/savepoints/nightly/r`);
    }
    expect((await on.world.people.ask(ANA, "savepoint orders hdfs:///user/flink")).plain).toContain(
      "This directory cannot be used",
    );
  });

  it("stops, and comes back from the savepoint; its count continues", async () => {
    const before = await on.running();
    const over = await on.done("stop orders", "approved");
    const saved = savepointIn(over);
    expect(headOf(over)).toContain("✅ orders is stopped");
    expect(await hdfs.files(saved)).toContain(`${saved}/_metadata`);
    expect(await on.world.truth.state(before)).toBe("FINISHED");
    expect(headOf(await on.done("resume orders"))).toContain("✅");
    const after = await on.running();
    expect(await on.world.truth.restoredFrom(after)).toBe(saved);
    expect(await on.world.truth.metric(after, "misses")).toBe(0);
  });

  it("starts from its own state in another spelling, without asking how old it is", async () => {
    const listed = (await on.world.people.ask(ANA, "savepoints orders")).plain;
    const checkpoint = /hdfs:\S+\/chk-\d+/u.exec(listed)?.[0] ?? listed;
    expect(checkpoint).toMatch(/^hdfs:\/user\/flink\/checkpoints\//u);
    await on.done("cancel orders", "approved");
    const { 0: bare = "" } = spellings(first);
    expect(headOf(await on.done(`run orders --from ${bare}`))).toContain("✅");
    expect(await on.world.truth.restoredFrom(await on.running())).toBe(first);
    await on.done("cancel orders", "approved");
    // the newest checkpoint now, and one of a job that has ended
    const over = await on.done("resume orders");
    expect(over.plain).toMatch(/Started from: hdfs:\/user\/flink\/checkpoints\/\S+\/chk-\d+/u);
  });

  it("deletes one that is named in another spelling, and forgets it", async () => {
    const [, other = ""] = spellings(first);
    expect(headOf(await on.done(`dispose ${other}`, "approved"))).toContain("✅");
    expect(await hdfs.files("/user/flink/savepoints")).not.toContain(`${first}/_metadata`);
    expect((await on.world.people.ask(ANA, "savepoints orders")).plain).not.toContain(first);
  });

  it("says what HDFS does not let it do", async () => {
    await hdfs.safeMode("on");
    expect((await on.done("savepoint orders")).plain).toContain("HDFS is in safe mode and takes no writes.");
    await hdfs.safeMode("off");
    expect((await on.done("savepoint orders hdfs:///user/other")).plain).toContain(
      "HDFS denies user flink the access",
    );
    await hdfs.nameNode("down");
    expect((await on.done("savepoint orders")).plain).toContain(
      `HDFS at localhost:${new URL(hdfs.url).port} refused the connection.`,
    );
    await hdfs.nameNode("up");
    expect(headOf(await on.done("savepoint orders"))).toContain("✅");
  });
});
