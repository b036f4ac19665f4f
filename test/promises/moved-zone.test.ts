import { expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { ROOT, startWorld } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

suite("a cluster that moves to another zone takes its requests along", () => {
  it("what runs is watched to its end there, what waits for approval starts there", async () => {
    const world = await startWorld({ replicas: 0, demo: { config: { zone: "east" } } });
    const demo = { url: world.flink.url, changes: true, savepointRoots: [ROOT] };
    const start = async (zone: string, config = {}) => {
      await world.start({ roles: ["bot"], config });
      await world.start({ roles: ["worker", "--zone", zone], config });
    };
    try {
      for (const name of ["orders", "payments"]) await world.flink.control.addJob({ name });
      await start("east");
      await world.flink.control.timings({ snapshotMs: 4000 });
      const stop = await world.people.change(ANA, "stop demo/payments");
      const card = await stop.headed("Waiting for approval");
      const savepoint = await world.people.change(ANA, "savepoint demo/orders");
      await until("it runs", async () => ((await world.flink.control.effects()).length > 0 ? true : null));
      await Promise.all([...world.products].map(async (p) => await p.stop()));

      const moved = {
        clusters: { demo: { ...demo, zone: "west" }, other: { ...demo, zone: "east" } },
      };
      await start("east", moved);
      // nobody of the new zone is there yet: whoever finds it in the old one does not end it
      await until("it is handed over", async () =>
        world.lines.some((line) => line.includes("request handed over")) ? true : null,
      );
      await world.start({ roles: ["worker", "--zone", "west"], config: moved });
      await world.people.approve(BEN, card);
      expect(headOf(await savepoint.outcome())).toContain("✅");
      expect(headOf(await stop.outcome())).toContain("✅");
      expect((await world.flink.control.effects()).map((e) => e.do)).toEqual(["savepoint", "stop"]);
    } finally {
      await world.stop();
    }
  });
});
