import { expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

const underWay = async (world: World) =>
  await until("a savepoint runs", async () =>
    (await world.flink.control.effects()).length > 0 ? true : null,
  );

suite("what could not start in time is not started, and says so", () => {
  it("no worker took it in time", async () => {
    const world = await startWorld({ roles: ["bot"], timings: { startWithin: "1s" } });
    try {
      await world.flink.control.addJob({ name: "orders" });
      const typed = await world.people.type(ANA, "savepoint orders");
      expect(typed.error).toBeNull();
      const asked = Date.now();
      await until(
        "its time is over",
        async () => await Promise.resolve(Date.now() - asked > 1000 ? true : null),
      );
      await world.start({ roles: [] });
      const channel = (await world.driver.see(ANA)).channels[0]?.id ?? "";
      const told = await world.driver.waitForEphemeral(ANA, channel, (m) =>
        m.plain.includes("waited too long"),
      );
      expect(told.plain).toContain("Nothing was changed. Try again");
      expect(await world.flink.control.effects()).toEqual([]);
      await judge(world);
    } finally {
      await world.stop();
    }
  });

  it("the job was busy, before and after an approval; the card says what it waited for", async () => {
    const world = await startWorld({ timings: { startWithin: "1500ms", startAfterApproval: "1500ms" } });
    try {
      await world.flink.control.addJob({ name: "orders" });
      await world.flink.control.timings({ snapshotMs: 5000 });
      const stop = await world.people.change(ANA, "stop orders");
      const card = await stop.headed("Waiting for approval");
      const first = await world.people.change(ANA, "savepoint orders");
      await underWay(world);
      const second = await world.people.change(BEN, "savepoint orders --format native");
      await world.driver.click(BEN, card, "Approve stop");
      for (const late of [second, stop]) {
        const over = await late.headed("Void, not started");
        expect(over.plain).toContain("it could not be started in time: Another change of this job");
        expect(over.controls.map((c) => c.label)).toContain("Ask again");
      }
      expect(headOf(await first.outcome())).toContain("✅");
      expect(await world.flink.control.effects()).toHaveLength(1);
      await judge(world);
    } finally {
      await world.stop();
    }
  });

  it("the cluster was away: nothing is sent once it is back", async () => {
    const world = await startWorld({ timings: { startAfterApproval: "1500ms" } });
    try {
      await world.flink.control.addJob({ name: "orders" });
      const stop = await world.people.change(ANA, "stop orders");
      const card = await stop.headed("Waiting for approval");
      await world.flink.control.fault({ path: "/", cut: true });
      await world.driver.click(BEN, card, "Approve stop");
      const over = await stop.headed("Void, not started");
      await world.flink.control.clearFaults();
      expect(over.plain).toContain("does not answer");
      await judge(world);
      expect(await world.flink.control.effects()).toEqual([]);
    } finally {
      await world.stop();
    }
  });
});
