import { afterAll, beforeAll, expect, it } from "vitest";
import { ANA } from "../../playground/slack/workspace-seed.ts";
import { type S3, startS3 } from "../../playground/storage/s3.ts";
import { headOf } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { type OnStorage, savepointIn, startOnStorage } from "../harness/on-storage.ts";

const suite = await suiteWith(["redis", "flink"]);

suite("state on a real S3 API, with Flink's native file system", () => {
  let s3: S3;
  let on: OnStorage;
  beforeAll(async () => {
    s3 = await startS3("native");
    on = await startOnStorage(s3, { savepointRoots: ["s3://flink/savepoints", "s3://nosuchbucket"] });
  });
  afterAll(async () => {
    await on?.world.stop();
    await s3?.stop();
  });
  let first = "";

  it("starts a job, and saves it where Flink is told by default", async () => {
    expect(headOf(await on.done("run orders --from none", "approved"))).toContain("✅");
    await on.world.truth.checkpointed(await on.running());
    first = savepointIn(await on.done("savepoint orders"));
    expect(first).toMatch(/^s3:\/\/flink\/savepoints\/r/u);
    expect(await s3.isThere(`${first}/_metadata`)).toBe(true);
    const below = savepointIn(await on.done("savepoint orders s3://flink/savepoints/nightly/"));
    expect(below).toMatch(/^s3:\/\/flink\/savepoints\/nightly\/r/u);
  });

  it("stops, and comes back from the savepoint; its count continues", async () => {
    const saved = savepointIn(await on.done("stop orders", "approved"));
    expect(await s3.isThere(`${saved}/_metadata`)).toBe(true);
    expect(headOf(await on.done("resume orders"))).toContain("✅");
    const after = await on.running();
    expect(await on.world.truth.restoredFrom(after)).toBe(saved);
    expect(await on.world.truth.metric(after, "misses")).toBe(0);
  });

  it("deletes a savepoint, and forgets it", async () => {
    expect(headOf(await on.done(`dispose ${first}`, "approved"))).toContain("✅");
    expect(await s3.isThere(`${first}/_metadata`)).toBe(false);
    expect((await on.world.people.ask(ANA, "savepoints orders")).plain).not.toContain(first);
  });

  it("says what S3 does not let it do", async () => {
    expect((await on.done("savepoint orders s3://nosuchbucket/x")).plain).toContain(
      "The bucket nosuchbucket does not exist.",
    );
    await s3.credentials("wrong");
    expect((await on.done("savepoint orders")).plain).toContain(
      "S3 refused Flink's credentials for the bucket flink.",
    );
    await s3.endpoint("down");
    expect((await on.done("savepoint orders")).plain).toMatch(
      /S3 at 127\.0\.0\.1:\d+ refused the connection\./u,
    );
    await s3.credentials("right");
    expect(headOf(await on.done("savepoint orders"))).toContain("✅");
  });
});
