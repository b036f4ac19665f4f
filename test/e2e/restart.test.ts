import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import type { SeenMessage } from "../../playground/slack/driver.ts";
import { ANA, BEN, CEM } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { FORBIDDEN } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import type { Asked } from "../harness/people.ts";
import { isSavepoint, type RealWorld, startRealWorld } from "../harness/real.ts";

const suite = await suiteWith(["redis", "flink"]);

const LOCATION = /file:\/\S+savepoint-\S+/u;
const locationIn = (text: string): string => LOCATION.exec(text)?.[0] ?? "";
/** One key, so that its counter is how many events there ever were. */
const ARGS = ["--rate", "200", "--keys", "1"];
/** More than a job that starts over could have counted by the time somebody looks. */
const MANY = 1000;
const catalogued = (name: string, jar = "orders-*.jar", more = {}) => ({
  name,
  cluster: "live",
  jar: { newest: jar },
  args: ["--name", name, ...ARGS],
  ...more,
});

suite("starting, restarting and coming back on a real Flink 2.3.0", () => {
  let world: RealWorld;
  beforeAll(async () => {
    world = await startRealWorld({
      slots: 16,
      timings: { healthyWithin: "6s", followUp: "1s" },
      config: {
        jobs: [
          catalogued("orders"),
          catalogued("payments", "payments-*.jar"),
          catalogued("unfit", "unfit-*.jar"),
          catalogued("missing", "missing-*.jar"),
          catalogued("classless", "orders-*.jar", { entryClass: "com.example.Nope" }),
        ],
      },
    });
    await world.cluster.upload("orders-1.0.jar");
    await world.cluster.upload("payments-1.0.jar");
  });
  afterAll(async () => await world.stop());

  /** Asks, has Ben agree, and waits for the outcome. */
  async function agreed(words: string, timeoutMs = 60_000): Promise<SeenMessage> {
    const asked = await world.people.change(ANA, words);
    return await approve(asked, timeoutMs);
  }
  async function approve(asked: Asked, timeoutMs = 60_000): Promise<SeenMessage> {
    const card = await asked.headed("Waiting for approval");
    const approveButton = card.controls.find((k) => k.label.startsWith("Approve"))?.label ?? "Approve";
    await world.driver.click(BEN, card, approveButton);
    return await asked.outcome(timeoutMs);
  }
  const countedUp = async (jobId: string): Promise<number> =>
    await until("it has counted many", async () => {
      const counted = await world.truth.metric(jobId, "counted");
      return counted >= MANY ? counted : null;
    });
  async function one(name: string): Promise<string> {
    const [job, ...others] = await world.truth.alive(name);
    expect(others).toEqual([]);
    return job?.id ?? "";
  }
  const done = async (words: string, timeoutMs = 60_000): Promise<SeenMessage> =>
    await (await world.people.change(ANA, words)).outcome(timeoutMs);

  it("run --from none needs another person, and starts the job of the catalog", async () => {
    const over = await agreed("run orders --from none");
    expect(headOf(over)).toContain("✅");
    const jobId = await one("orders");
    expect(over.plain).toContain(jobId);
    expect(await world.truth.state(jobId)).toBe("RUNNING");
    expect((await world.people.ask(ANA, "run orders")).plain).toMatch(
      new RegExp(`orders is already running on live.*${jobId}`, "su"),
    );
  });

  it("restart 1 -> 2: its state is kept, its counter continues", async () => {
    const before = await one("orders");
    await world.truth.checkpointed(before);
    const counted = await countedUp(before);
    const over = await agreed("restart orders --parallelism 2");
    expect(headOf(over)).toContain("✅");
    expect(isSavepoint(locationIn(over.plain))).toBe(true);
    const after = await one("orders");
    expect(after).not.toBe(before);
    expect(await world.truth.state(before)).toBe("FINISHED");
    expect((await world.truth.vertices(after)).every((v) => v.parallelism === 2 && v.running === 2)).toBe(
      true,
    );
    expect(await world.truth.metric(after, "counted")).toBeGreaterThanOrEqual(counted);
    expect(await world.truth.restoredFrom(after)).toBe(locationIn(over.plain));
    // five minutes in the world, a second here
    const card = await until("the follow-up", async () => {
      const cards = await world.people.cards(ANA, over.channel);
      return cards.find((m) => m.ts === over.ts && m.plain.includes("min later: every task runs")) ?? null;
    });
    expect(card.plain).toMatch(/checkpoints? since, 0 failures/u);
  });

  it("a new version that fails is rolled back automatically, and nothing is counted twice", async () => {
    expect(headOf(await agreed("run payments --from none"))).toContain("✅");
    const before = await one("payments");
    await world.truth.checkpointed(before);
    const counted = await countedUp(before);
    // a checkpoint that completes before its first record would prevent the rollback
    await world.cluster.upload("payments-2.0.jar", { "fail-record-every": "1", "fail-snapshot": "true" });
    const asked = await world.people.change(ANA, "restart payments --jar newest");
    const card = await asked.headed("Waiting for approval");
    expect(card.plain).toContain("payments-2.0.jar");
    expect(card.plain).toMatch(/payments-1\.0\.jar at parallelism 1 runs from the same savepoint again/u);
    const over = await approve(asked, 90_000);
    expect(headOf(over)).toContain("Failed");
    expect(over.plain).toContain("the old version runs again");
    expect(over.plain).toContain("cannot be counted");
    const after = await one("payments");
    expect(after).not.toBe(before);
    expect(await world.truth.metric(after, "counted")).toBeGreaterThanOrEqual(counted);
    expect(await world.truth.metric(after, "misses")).toBe(0);
  });

  it("stop, savepoints, Resume by its button: the state is kept", async () => {
    const before = await one("orders");
    const counted = await world.truth.metric(before, "counted");
    const stopped = await agreed("stop orders");
    const location = locationIn(stopped.plain);
    const listed = await until("the savepoint is listed", async () => {
      const said = await world.people.ask(ANA, "savepoints orders");
      // it is offered once the job cache has seen the job's end
      const isOffered = said.controls.some((k) => k.label.startsWith("Resume"));
      return said.plain.includes(location) && isOffered ? said : null;
    });
    const known = new Set((await world.people.cards(ANA, listed.channel)).map((m) => m.ts));
    const button = listed.controls.find((k) => k.label.startsWith("Resume"))?.label ?? "";
    await world.driver.click(ANA, listed, button);
    const card = await until("its card says that it is done", async () => {
      const cards = await world.people.cards(ANA, listed.channel);
      return cards.find((m) => !known.has(m.ts) && headOf(m).includes("✅")) ?? null;
    });
    expect(card.plain).toContain(location);
    const after = await one("orders");
    expect(await world.truth.metric(after, "counted")).toBeGreaterThanOrEqual(counted);
  });

  it("scale --via-savepoint is a restart", async () => {
    const over = await agreed("scale orders 3 --via-savepoint");
    expect(headOf(over)).toContain("✅");
    expect((await world.truth.vertices(await one("orders"))).map((v) => v.parallelism)).toEqual([3, 3, 3]);
  });

  it("bad starts: refused before anything is sent, or Flink's own first sentence; nothing runs, nothing is lost", async () => {
    const location = locationIn((await done("savepoint orders")).plain);
    await world.cluster.upload("unfit-1.0.jar", { "uid-suffix": "2" });
    const told = async (words: string): Promise<string> => (await world.people.ask(ANA, words)).plain;
    // Flink's list of checkpoints is some seconds old
    const unfit = await until("Flink lists the savepoint", async () => {
      const said = await told(`run unfit --from ${location} --dry-run`);
      return said.includes("would not take") ? said : null;
    });
    expect(unfit).toMatch(
      /would not take the state of count \(.+\)\. Nothing was changed.*--allow-non-restored-state/su,
    );
    expect(await told(`run unfit --from ${location}`)).toContain("would not take the state of count");
    expect(await told(`run classless --from ${location}`)).toMatch(
      /cannot be started: .*com\.example\.Nope/su,
    );
    const gone = await agreed(`run unfit --from ${world.cluster.savepointsDir}/nowhere/savepoint-1`);
    expect(gone.plain).toContain("Cannot find checkpoint or savepoint");
    expect((await world.people.ask(ANA, "run missing --from none")).plain).toContain(
      "No jar on live matches the catalog's missing-*.jar",
    );
    expect((await world.people.ask(ANA, "resume missing")).plain).toContain("No jar on live matches");
    expect((await world.people.ask(ANA, "run nothing --from none")).plain).toContain("not in the catalog");
    expect((await world.people.ask(ANA, "restart orders --parallelism 400")).plain).toContain(
      "Possible now: up to",
    );
    for (const name of ["unfit", "classless", "missing"]) expect(await world.truth.alive(name)).toEqual([]);
    expect(await world.truth.state(await one("orders"))).toBe("RUNNING");
  });

  it("dispose: never what is needed; then it is gone from disk and from the list", async () => {
    const orders = await one("orders");
    await world.truth.checkpointed(orders);
    const location = locationIn((await done("savepoint orders")).plain);
    const over = await agreed(`dispose ${location}`);
    expect(headOf(over)).toContain("✅");
    expect(isSavepoint(location)).toBe(false);
    expect((await world.people.ask(ANA, "savepoints orders")).plain).not.toContain(location);
    const last = locationIn((await agreed("stop orders")).plain);
    const refused = await until("flinkops knows that it has ended", async () => {
      const { plain } = await world.people.ask(CEM, `dispose ${last}`);
      return plain.includes("newest state of orders") ? plain : null;
    });
    expect(refused).toContain("--even-last");
    expect(isSavepoint(last)).toBe(true);
  });

  it("savepoint --all over ten jobs, one of which cannot snapshot: a line and an outcome each", async () => {
    const names = Array.from({ length: 9 }, (_, i) => `many-${i}`);
    for (const name of names) await world.cluster.submit({ name, rate: 5 });
    await world.cluster.submit({ name: "many-broken", rate: 5, failSnapshot: true });
    const over = await done("savepoint --all --match many-*", 90_000);
    expect(headOf(over)).toContain("Partly done");
    expect(over.plain).toContain("9 of 10 savepoints complete");
    expect(over.plain).toContain("Not done: many-broken");
    expect(over.plain.match(/savepoint-[0-9a-f]{6}-[0-9a-f]{12}/gu)?.length).toBe(9);
    await world.stored.atRest();
    expect(
      (await world.people.cards(ANA, over.channel)).filter((m) => m.plain.includes("many-")),
    ).toHaveLength(1);
    const seen = await world.driver.see(ANA);
    expect(FORBIDDEN.test(JSON.stringify(seen))).toBe(false);
    expect(await world.stored.claims()).toEqual({});
  });
});
