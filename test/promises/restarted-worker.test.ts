import { expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);
/** As in production: whoever reads a cluster holds its seat for ten seconds. */
const timings = { directoryIdle: "15s", directoryWatched: "2s", flinkTimeout: "60s" };

const withWorker = async (use: (world: World) => Promise<void>): Promise<void> => {
  const world = await startWorld({ roles: ["bot"], timings });
  try {
    await world.flink.control.addJob({ name: "orders" });
    await world.start({ roles: ["worker"] });
    await until("it has been read", async () =>
      (await world.people.ask(ANA, "list")).plain.includes("orders") ? true : null,
    );
    await use(world);
  } finally {
    await world.stop();
  }
};
const worker = (world: World) => world.products[1];

suite("a worker that was replaced does not leave old knowledge behind", () => {
  it("hands over at its end: the next one's list is of now", async () => {
    await withWorker(async (world) => {
      await worker(world)?.stop();
      await world.flink.control.addJob({ name: "payments" });
      await world.stored.seenEarlier("demo", 4000);
      await world.start({ roles: ["worker"] });
      const listed = await world.people.ask(ANA, "list");
      expect(listed.plain).toContain("payments");
    });
  });

  it("a job that was deployed again meanwhile is meant, not the one that has ended", async () => {
    await withWorker(async (world) => {
      worker(world)?.kill("SIGKILL");
      await worker(world)?.exited;
      const [old] = await world.flink.control.jobs();
      await world.flink.control.failJob(old?.jobId ?? "", { forGood: true });
      const { jobId } = await world.flink.control.addJob({ name: "orders" });
      // longer ago than what was seen is believed
      await world.stored.seenEarlier("demo", 6000);
      await world.start({ roles: ["worker"] });
      const asked = await world.people.change(ANA, "savepoint orders");
      expect(headOf(await asked.outcome())).toContain("✅");
      const effects = await world.flink.control.effects();
      expect(effects.map((e) => e.jobId)).toEqual([jobId]);
      await judge(world);
    });
  });

  it("stopped in the middle of a reading and woken later, it overwrites nothing that is newer", async () => {
    await withWorker(async (world) => {
      await world.flink.control.clearLog();
      await world.flink.control.fault({ path: "^/jobs/overview", when: "after", delayMs: 500, times: 1 });
      await until("it reads", async () =>
        (await world.flink.control.requests()).some((r) => r.path.startsWith("/jobs/overview")) ? true : null,
      );
      worker(world)?.kill("SIGSTOP");
      await world.flink.control.addJob({ name: "payments" });
      await world.start({ roles: ["worker"] });
      // the seat of the stopped worker expires within ten seconds
      await until(
        "the next one has read",
        async () => ((await world.people.ask(ANA, "list")).plain.includes("payments") ? true : null),
        15_000,
      );
      worker(world)?.kill("SIGCONT");
      for (let i = 0; i < 10; i += 1)
        expect((await world.people.ask(ANA, "list")).plain).toContain("payments");
    });
  });
});
