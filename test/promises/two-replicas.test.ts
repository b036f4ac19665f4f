import { afterAll, beforeAll, expect, it } from "vitest";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

suite("two processes at once", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ replicas: 2 });
    await world.driver.waitForConnections(2);
  });
  afterAll(async () => await world.stop());

  const jobs = Array.from({ length: 6 }, (_, i) => `twin-${i}`);

  it("share the work and duplicate nothing", async () => {
    for (const name of jobs) await world.flink.control.addJob({ name });
    const asked = await Promise.all(
      jobs.map(async (name, i) => await world.people.change(i % 2 === 0 ? ANA : BEN, `savepoint ${name}`)),
    );
    const over = await Promise.all(asked.map(async (one) => await one.outcome()));
    expect(over.map((card) => headOf(card).slice(0, 2))).toEqual(jobs.map(() => "✅ "));
    await world.stored.atRest();
    expect(await world.flink.control.effects()).toHaveLength(jobs.length);
    const vias = new Set((await world.driver.deliveries()).map((d) => d.via));
    expect(vias.size).toBe(2);
    for (const one of asked) expect(await one.replies()).toHaveLength(1);
  });

  it("count clicks that reach both of them once", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "twin-clicked" });
    const asked = await world.people.change(ANA, "cancel twin-clicked");
    const card = await asked.headed("Waiting for approval");
    const clicks = Array.from({ length: 10 }, async () =>
      world.driver.click(BEN, card, "Approve cancel", { version: 0 }),
    );
    await Promise.all(clicks);
    expect(headOf(await asked.outcome())).toContain("✅");
    expect((await world.flink.control.effects()).filter((e) => e.jobId === jobId)).toHaveLength(1);
    expect((await world.stored.events(await asked.id())).filter((e) => e === "approved")).toHaveLength(1);
  });

  it("one takes over what the other was doing when it was killed", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "twin-killed" });
    await world.flink.control.timings({ snapshotMs: 1500 });
    const asked = await Promise.all(
      (
        [
          [ANA, "savepoint twin-killed"],
          [BEN, "savepoint twin-killed --format native"],
        ] as const
      ).map(async ([user, words]) => await world.people.change(user, words)),
    );
    for (const one of asked) await world.stored.carded(await one.id());
    const [victim] = world.products;
    victim?.kill("SIGKILL");
    await victim?.exited;
    const over = await Promise.all(asked.map(async (one) => await one.outcome(30_000)));
    expect(over.map((card) => headOf(card).slice(0, 2))).toEqual(["✅ ", "✅ "]);
    expect((await world.flink.control.effects()).filter((e) => e.jobId === jobId)).toHaveLength(2);
  });

  it("agree at the end", async () => await judge(world));
});
