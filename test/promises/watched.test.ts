import { afterAll, beforeAll, expect, it } from "vitest";
import { ANA } from "../../playground/slack/workspace-seed.ts";
import { until } from "../../playground/processes.ts";
import { headOf } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

suite("a savepoint that takes seconds", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ replicas: 2 });
    await world.driver.waitForConnections(2);
  });
  afterAll(async () => await world.stop());

  /** How often Flink was asked about each path of the job, by the last part of the path. */
  const asked = async (jobId: string) => {
    const all = (await world.flink.control.requests()).filter(
      ({ method, path }) => method === "GET" && path.startsWith(`/jobs/${jobId}/`),
    );
    return {
      trigger: all.filter(({ path }) => /\/savepoints\/\w+$/u.test(path)).length,
      progress: all.filter(({ path }) => path.endsWith("/checkpoints")).length,
    };
  };
  const writing = async (name: string, snapshotMs: number) => {
    const { jobId } = await world.flink.control.addJob({ name });
    await world.flink.control.timings({ snapshotMs });
    await world.flink.control.clearLog();
    const request = await world.people.change(ANA, `savepoint ${name}`);
    const enough = async (n: number): Promise<true> =>
      await until("it is watched", async () => ((await asked(jobId)).trigger > n ? true : null), 30_000);
    return { jobId, request, enough };
  };

  it("is asked about at the usual interval, and few of the questions are steps", async () => {
    const { jobId, request } = await writing("watched-long", 3000);
    expect(headOf(await request.outcome())).toContain("✅");
    const { trigger, progress } = await asked(jobId);
    // a quarter of its age each, from 50 ms on
    expect(trigger).toBeGreaterThan(10);
    // one at the beginning, one a second, and what planning and the report read
    expect(progress).toBeLessThan(trigger);
  });

  it("continues elsewhere when its worker stops or dies", async () => {
    const { jobId, request, enough } = await writing("watched-killed", 6000);
    await enough(14);
    const [first] = world.products;
    first?.kill("SIGKILL");
    await first?.exited;
    expect(headOf(await request.outcome(30_000))).toContain("✅");
    expect((await world.flink.control.effects()).filter((e) => e.jobId === jobId)).toHaveLength(1);
    expect(await request.replies()).toHaveLength(1);
  });

  it("agree at the end", async () => await judge(world));
});
