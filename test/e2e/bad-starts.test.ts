import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { FORBIDDEN } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import type { Asked } from "../harness/people.ts";
import { ROOT, startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

/** What is typed after `/flink`, and everything that the answer must say. */
type Row = readonly [typed: string, ...says: (string | RegExp)[]];

const catalogued = (name: string) => ({
  name,
  cluster: "demo",
  jar: { newest: `${name}-*.jar` },
  args: ["--name", name],
});
const NOWHERE = `${ROOT}/nowhere/savepoint-1`;

suite("jobs that cannot be started as asked", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      demo: { jars: [{ name: "orders-1.0.jar" }, { name: "fresh-1.0.jar" }] },
      config: { jobs: ["orders", "fresh", "jarless", "slow"].map(catalogued) },
    });
    await world.flink.control.addJob({ name: "orders" });
    await world.flink.control.addJob({ name: "adhoc" });
    await until("the directory knows them", async () => {
      const { plain } = await world.people.ask(ANA, "list");
      return plain.includes("adhoc") ? true : null;
    });
  });
  afterAll(async () => await world.stop());

  const rows: readonly Row[] = [
    [
      "run orders",
      "orders is already running on demo; it was not started a second time",
      /[0-9a-f]{32} RUNNING/u,
    ],
    ["resume orders", "orders is already running on demo"],
    ["run fresh", "knows no state", "--from none"],
    ["resume fresh", "knows no state"],
    ["run nothing --from none", "nothing is not in the catalog of demo", "fresh"],
    ["restart adhoc", "adhoc is not in the catalog of demo"],
    ["run jarless --from none", "No jar on demo matches the catalog's jarless-*.jar"],
    ["run fresh --from file:///elsewhere/savepoint-1", "must be below", ROOT],
    ["run fresh --from none --parallelism 400", "of 8 are free for it"],
    ["restart orders --parallelism 400", "of 8 are free for it"],
    ["run fresh --from none --parallelism 0", "a whole number from 1"],
    ["run", "<job> is missing", "Usage: /flink run"],
    ["restart orders --jar newest.jar", "There is no jar newest.jar on demo"],
    ["rollback orders", "--from is missing", "Usage: /flink rollback"],
    ["dispose", "<savepoint> is missing", "Usage: /flink dispose"],
    ["dispose file:///elsewhere/savepoint-1", "is not a known savepoint of demo"],
    ["savepoint --all --match nothing-*", "No running job on demo matches nothing-*"],
    ["stop --all --drain", "name each of them"],
    ["savepoint orders --all", "--all"],
  ];
  it.each(rows.map((row) => [row[0], row] as const))("%s", async (_, [typed, ...says]) => {
    const { plain, ephemeral } = await world.people.ask(ANA, typed);
    expect(ephemeral).toBe(true);
    expect(plain).not.toMatch(FORBIDDEN);
    const missing = says.filter((w) => (typeof w === "string" ? !plain.includes(w) : !w.test(plain)));
    expect({ plain, missing }).toEqual({ plain, missing: [] });
    expect(await world.people.cards(ANA)).toEqual([]);
    expect(await world.flink.control.effects()).toEqual([]);
  });

  async function approve(asked: Asked): Promise<void> {
    const card = await asked.headed("Waiting for approval");
    const label = card.controls.find((k) => k.label.startsWith("Approve"))?.label ?? "";
    await world.driver.click(BEN, card, label);
  }
  const runs = async (): Promise<number> =>
    (await world.flink.control.effects()).filter((e) => e.do === "run").length;

  it("a state path that does not exist: Flink's own first sentence, and no job runs", async () => {
    const asked = await world.people.change(ANA, `run fresh --from ${NOWHERE}`);
    const card = await asked.card();
    if (headOf(card).includes("Waiting")) await approve(asked);
    const { plain } = await asked.outcome();
    expect(plain).toContain("fresh did not start");
    expect(plain).toContain("Cannot find checkpoint or savepoint");
    expect(plain).not.toMatch(FORBIDDEN);
    expect(await world.flink.control.jobs()).toMatchObject([
      { name: "orders", state: "RUNNING" },
      { name: "adhoc", state: "RUNNING" },
      { name: "fresh", state: "FAILED" },
    ]);
  });

  it("a jar that is gone by the time of the approval: void, nothing was started", async () => {
    const { id } = await world.flink.control.addJar({ name: "slow-1.0.jar" });
    const asked = await world.people.change(ANA, "run slow --from none");
    await asked.headed("Waiting for approval");
    await world.flink.control.removeJar(id);
    await approve(asked);
    const { plain } = await asked.outcome();
    expect(plain).toContain("No jar on demo matches");
    expect(plain).toContain("Ask again");
  });

  it("a restart asked while the first is under way is not done on top of it", async () => {
    const before = await runs();
    await world.flink.control.timings({ snapshotMs: 1500 });
    const [first, second] = await Promise.all([
      world.people.change(ANA, "restart orders"),
      world.people.change(ANA, "restart orders --parallelism 2"),
    ]);
    await approve(first);
    await first.headed("Running");
    const resumed = await world.people.ask(ANA, "resume orders", FLINK_OPS);
    expect(resumed.plain).toContain("orders is already running on demo");
    await approve(second);
    expect(headOf(await first.outcome())).toContain("✅");
    const over = await second.outcome();
    expect(headOf(over)).toContain("Void");
    expect(await runs()).toBe(before + 1);
    const alive = (await world.flink.control.jobs()).filter((j) => j.name === "orders");
    expect(alive.map((j) => j.state).toSorted()).toEqual(["FINISHED", "RUNNING"]);
    expect(await world.stored.claims()).toEqual({});
  });
});
