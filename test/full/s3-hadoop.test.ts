import { afterAll, beforeAll, expect, it } from "vitest";
import { ANA } from "../../playground/slack/workspace-seed.ts";
import { type S3, startS3 } from "../../playground/storage/s3.ts";
import { headOf } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { type OnStorage, savepointIn, startOnStorage } from "../harness/on-storage.ts";

const suite = await suiteWith(["redis", "flink"]);

suite("state on a real S3 API, with Flink's hadoop plugin", () => {
  let s3: S3;
  let on: OnStorage;
  beforeAll(async () => {
    s3 = await startS3("hadoop");
    on = await startOnStorage(s3, {
      savepointRoots: ["s3://flink/savepoints", "s3://nosuchbucket", "s3://flink/_entropy_/savepoints"],
      flink: {
        // this plugin tries again until then, whatever the cause; ten minutes by default
        "execution.checkpointing.timeout": "12s",
        "s3.entropy.key": "_entropy_",
        "s3.entropy.length": "4",
      },
    });
  });
  afterAll(async () => {
    await on?.world.stop();
    await s3?.stop();
  });

  it("saves, stops and comes back", async () => {
    expect(headOf(await on.done("run orders --from none", "approved"))).toContain("✅");
    await on.world.truth.checkpointed(await on.running());
    const first = savepointIn(await on.done("savepoint orders"));
    expect(await s3.isThere(`${first}/_metadata`)).toBe(true);
    const saved = savepointIn(await on.done("stop orders", "approved"));
    expect(headOf(await on.done("resume orders"))).toContain("✅");
    expect(await on.world.truth.restoredFrom(await on.running())).toBe(saved);
    expect(headOf(await on.done(`dispose ${first}`, "approved"))).toContain("✅");
    expect(await s3.isThere(`${first}/_metadata`)).toBe(false);
  });

  it("an entropy key is not part of the path that Flink answers, and the savepoint is known all the same", async () => {
    const location = savepointIn(await on.done("savepoint orders s3://flink/_entropy_/savepoints"));
    expect(location).toMatch(/^s3:\/\/flink\/savepoints\/r/u);
    expect((await on.world.people.ask(ANA, "savepoints orders")).plain).toContain(location);
  });

  it("says that a bucket is not there at once, and of silence what to check", async () => {
    expect((await on.done("savepoint orders s3://nosuchbucket/x")).plain).toContain(
      "The bucket nosuchbucket does not exist.",
    );
    await s3.endpoint("down");
    const { plain } = await on.done("savepoint orders");
    expect(plain).toContain("Checkpoint expired before completing.");
    expect(plain).toContain("Perhaps S3 does not answer: check its address and Flink's credentials");
    await s3.endpoint("up");
    expect(headOf(await on.done("savepoint orders"))).toContain("✅");
  });
});
