import { expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, FLINK_OPS, INCIDENT } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);
const MINUTE_MS = 60_000;

suite("a bot whose clock is off is like every other one: only Redis's clock counts", () => {
  it.each([
    ["ten minutes slow", -10 * MINUTE_MS],
    ["an hour fast", 60 * MINUTE_MS],
  ])("%s", async (_, clockOff) => {
    // what is asked has a minute to start in
    const world = await startWorld({ replicas: 0, timings: { startWithin: "1m" } });
    try {
      await world.flink.control.addJob({ name: "orders" });
      await world.start({ roles: ["worker"] });
      await world.start({ roles: ["bot"], clockOff });
      const asked = await world.people.change(ANA, "savepoint orders");
      expect(headOf(await asked.outcome())).toContain("✅");
      const off = (await world.stored.now()) - (await world.stored.askedAt(await asked.id()));
      expect(Math.abs(off)).toBeLessThan(20_000);

      expect((await world.people.ask(ANA, "status orders")).plain).toContain("RUNNING");
      const typed = await world.driver.type(ANA, INCIDENT, '@flink savepoint orders --reason "by mention"');
      const mentioned = world.people.watch(ANA, "by mention", typed, INCIDENT);
      expect(headOf(await mentioned.outcome())).toContain("✅");
      await world.driver.type(ANA, FLINK_OPS, "@flink savepoint orders", { ageMs: 6 * MINUTE_MS });
      await world.driver.waitForEphemeral(ANA, FLINK_OPS, (m) => m.plain.includes("5 minutes"));
      await judge(world);
    } finally {
      await world.stop();
    }
  });

  it.each([
    ["ten minutes slow", -10 * MINUTE_MS],
    ["an hour fast", 60 * MINUTE_MS],
  ])(
    "so is a worker that is %s: the requests that it parks continue in time, in itself and in another one",
    async (_, clockOff) => {
      const world = await startWorld({ replicas: 0 });
      try {
        await world.flink.control.timings({ snapshotMs: 3000 });
        await world.flink.control.addJob({ name: "orders" });
        await world.start({ roles: ["bot"] });
        const off = await world.start({ roles: ["worker"], clockOff });
        const asked = await world.people.change(ANA, "savepoint orders");
        expect(headOf(await asked.outcome())).toContain("✅");
        // parked by that one, and continued by another whose clock is right
        const other = await world.people.change(ANA, "savepoint orders");
        await other.headed("Running");
        await world.start({ roles: ["worker"] });
        await off.stop();
        expect(headOf(await other.outcome())).toContain("✅");
        await judge(world);
      } finally {
        await world.stop();
      }
    },
  );

  it("and its list says how old it is by the same clock, also where the worker's is off", async () => {
    const world = await startWorld({ replicas: 0 });
    try {
      await world.flink.control.addJob({ name: "orders" });
      await world.start({ roles: ["bot"] });
      await world.start({ roles: ["worker"], clockOff: -10 * MINUTE_MS });
      const listed = await until("it has been read", async () => {
        const { plain } = await world.people.ask(ANA, "list");
        return plain.includes("orders") ? plain : null;
      });
      expect(listed).toMatch(/read \d+ s ago|read just now|read now/u);
    } finally {
      await world.stop();
    }
  });
});
