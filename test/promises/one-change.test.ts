import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN, CEM } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

suite("one change at a time per job, and cancel before all", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(async () => await world.stop());

  const effectsOf = async (jobId: string) =>
    (await world.flink.control.effects()).filter((e) => e.jobId === jobId).map((e) => e.do);
  const begun = async (jobId: string, n: number) =>
    await until(`${n} effects`, async () => ((await effectsOf(jobId)).length >= n ? true : null));
  const slowly = async (ms: number) => await world.flink.control.timings({ snapshotMs: ms, rescaleMs: ms });

  it("lets a second savepoint of the same job wait, says for whom, and does both one after the other", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "busy" });
    await slowly(1500);
    const first = await world.people.change(ANA, "savepoint busy");
    await begun(jobId, 1);
    const twin = await world.people.ask(BEN, "savepoint busy");
    expect(twin.plain).toContain("The same request already exists");
    expect(twin.plain).toContain((await first.id()).slice(0, 8));
    const second = await world.people.change(BEN, "savepoint busy --format native");
    const waits = await second.headed("Waiting to start");
    expect(waits.plain).toContain("Another change of this job is in progress");
    expect(waits.plain).toContain((await first.id()).slice(0, 8));
    expect(await effectsOf(jobId)).toEqual(["savepoint"]);
    await slowly(40);
    expect(headOf(await first.outcome())).toContain("✅");
    expect(headOf(await second.outcome())).toContain("✅");
    expect(await effectsOf(jobId)).toEqual(["savepoint", "savepoint"]);
    const [a, b] = [await world.stored.audit(await first.id()), await world.stored.audit(await second.id())];
    const ended = a.find((e) => e.event === "ended")?.at ?? Infinity;
    expect(b.find((e) => e.event === "calling")?.at).toBeGreaterThanOrEqual(ended);
  });

  it("blocks nobody while it waits for approval, and other jobs never", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "parked" });
    const stop = await world.people.change(ANA, "stop parked");
    const card = await stop.headed("Waiting for approval");
    expect(headOf(await (await world.people.change(BEN, "savepoint parked")).outcome())).toContain("✅");
    expect(headOf(await (await world.people.change(BEN, "savepoint busy")).outcome())).toContain("✅");
    await world.driver.click(BEN, card, "Approve stop");
    expect(headOf(await stop.outcome())).toContain("✅");
    expect(await effectsOf(jobId)).toEqual(["savepoint", "stop"]);
  });

  it("cancel does not wait behind a running savepoint: it supersedes it, and both tell the truth", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "brake-savepoint" });
    const cancel = await world.people.change(ANA, "cancel brake-savepoint");
    const card = await cancel.headed("Waiting for approval");
    await slowly(3000);
    const savepoint = await world.people.change(BEN, "savepoint brake-savepoint");
    await begun(jobId, 1);
    await slowly(40);
    await world.driver.click(CEM, card, "Approve cancel");
    expect(headOf(await cancel.outcome())).toContain("✅");
    expect(await effectsOf(jobId)).toEqual(["savepoint", "cancel"]);
    expect((await world.flink.control.job(jobId)).state).toBe("CANCELED");
    const taken = await savepoint.outcome();
    expect(headOf(taken)).toContain("Superseded");
    expect(taken.plain).toMatch(/Superseded by request \w{8} of @Ana\./u);
  });

  it("cancel supersedes a stop whose savepoint is being written", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "brake-stop" });
    const cancel = await world.people.change(ANA, "cancel brake-stop");
    const stop = await world.people.change(BEN, "stop brake-stop");
    await slowly(2000);
    await world.driver.click(CEM, await stop.headed("Waiting for approval"), "Approve stop");
    await begun(jobId, 1);
    await world.driver.click(CEM, await cancel.headed("Waiting for approval"), "Approve cancel");
    expect(headOf(await cancel.outcome())).toContain("✅");
    const taken = await stop.outcome();
    expect(headOf(taken)).toContain("Superseded");
    expect(await effectsOf(jobId)).toEqual(["stop", "cancel"]);
    await slowly(40);
  });

  it("cancel supersedes a scale that Flink has not carried out", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "brake-scale" });
    const cancel = await world.people.change(ANA, "cancel brake-scale");
    const card = await cancel.headed("Waiting for approval");
    await slowly(3000);
    const scale = await world.people.change(BEN, "scale brake-scale 2");
    await begun(jobId, 1);
    await slowly(40);
    await world.driver.click(CEM, card, "Approve cancel");
    expect(headOf(await cancel.outcome())).toContain("✅");
    expect(headOf(await scale.outcome())).toContain("Superseded");
    expect(await effectsOf(jobId)).toEqual(["rescale", "cancel"]);
  });

  it("a cancel lists the savepoint that the superseded request had already completed", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "brake-late" });
    const cancel = await world.people.change(ANA, "cancel brake-late");
    const card = await cancel.headed("Waiting for approval");
    // complete at Flink, but nobody hears of it for a while
    await slowly(300);
    await world.flink.control.fault({ path: "/savepoints/", method: "GET", status: 503, times: 6 });
    const savepoint = await world.people.change(BEN, "savepoint brake-late");
    await begun(jobId, 1);
    await until("the savepoint is complete", async () =>
      (await world.flink.control.job(jobId)).checkpoints.some(
        (c) => c.type === "SAVEPOINT" && c.status === "completed",
      )
        ? true
        : null,
    );
    await world.driver.click(CEM, card, "Approve cancel");
    await cancel.outcome();
    const taken = await savepoint.outcome();
    expect(taken.plain).toMatch(/file:\/savepoints\/r[0-9a-f]{31}\/savepoint-/u);
    expect(await effectsOf(jobId)).toEqual(["savepoint", "cancel"]);
    await slowly(40);
  });

  it("leaves every job free", async () => await judge(world));
});
