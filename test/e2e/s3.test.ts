import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import type { SeenMessage } from "../../playground/slack/driver.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { type S3, startS3 } from "../../playground/storage/s3.ts";
import { headOf } from "../harness/cards.ts";
import { FORBIDDEN } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { type RealWorld, startRealWorld } from "../harness/real.ts";

const suite = await suiteWith(["redis", "flink"]);

const ARGS = ["--name", "orders", "--rate", "200", "--keys", "1"];
const SAVEPOINT = /s3:\S+\/savepoint-[0-9a-f]{6}-[0-9a-f]{12}/u;
const savepointIn = (said: SeenMessage): string => SAVEPOINT.exec(said.plain)?.[0] ?? said.plain;
const keyOf = (path: string): string => path.replace("s3://flink/", "");

suite("state on a real S3 API, with Flink's native file system", () => {
  let s3: S3;
  let world: RealWorld;
  beforeAll(async () => {
    s3 = await startS3("native");
    [world] = await Promise.all([
      startRealWorld({
        slots: 2,
        jvms: s3.jvms,
        flink: s3.flink,
        savepointRoots: ["s3://flink/savepoints", "s3://nosuchbucket"],
        timings: { healthyWithin: "15s" },
        config: { jobs: [{ name: "orders", cluster: "live", jar: { newest: "orders-*.jar" }, args: ARGS }] },
      }),
      s3.ready(),
    ]);
    await world.cluster.upload("orders-1.0.jar");
  });
  afterAll(async () => {
    await world?.stop();
    await s3?.stop();
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
  const isThere = async (path: string): Promise<boolean> =>
    (await s3.keys(keyOf(path))).includes(`${keyOf(path)}/_metadata`);
  let first = "";

  it("starts a job, and saves it where Flink is told by default", async () => {
    expect(headOf(await done("run orders --from none", true))).toContain("✅");
    await world.truth.checkpointed(await running());
    first = savepointIn(await done("savepoint orders"));
    expect(first).toMatch(/^s3:\/\/flink\/savepoints\/r/u);
    expect(await isThere(first)).toBe(true);
    const below = savepointIn(await done("savepoint orders s3://flink/savepoints/nightly/"));
    expect(below).toMatch(/^s3:\/\/flink\/savepoints\/nightly\/r/u);
  });

  it("stops, and comes back from the savepoint; its count continues", async () => {
    const saved = savepointIn(await done("stop orders", true));
    expect(await isThere(saved)).toBe(true);
    expect(headOf(await done("resume orders"))).toContain("✅");
    const after = await running();
    expect(await world.truth.restoredFrom(after)).toBe(saved);
    expect(await world.truth.metric(after, "misses")).toBe(0);
  });

  it("deletes a savepoint, and forgets it", async () => {
    expect(headOf(await done(`dispose ${first}`, true))).toContain("✅");
    expect(await isThere(first)).toBe(false);
    expect((await world.people.ask(ANA, "savepoints orders")).plain).not.toContain(first);
  });

  it("says what S3 does not let it do", async () => {
    expect((await done("savepoint orders s3://nosuchbucket/x")).plain).toContain(
      "The bucket nosuchbucket does not exist.",
    );
    await s3.credentials("wrong");
    expect((await done("savepoint orders")).plain).toContain(
      "S3 refused Flink's credentials for the bucket flink.",
    );
    await s3.endpoint("down");
    expect((await done("savepoint orders")).plain).toMatch(
      /S3 at 127\.0\.0\.1:\d+ refused the connection\./u,
    );
    await s3.credentials("right");
    expect(headOf(await done("savepoint orders"))).toContain("✅");
  });
});
