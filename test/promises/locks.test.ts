import { afterAll, beforeAll, expect, it } from "vitest";
import { ANA, BEN, CEM, DORA, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { addKnownJob } from "../harness/known-job.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

suite("what is locked is changed by the holder of the lock alone", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ timings: { parkSlice: "55s" } });
  });
  afterAll(async () => await world.stop());

  const effectsOf = async (jobId: string) =>
    (await world.flink.control.effects()).filter((e) => e.jobId === jobId).map((e) => e.do);
  const told = async (words: string) =>
    await world.driver.waitForMessage(ANA, FLINK_OPS, (m) => m.plain.includes(words));

  it("an approved request waits for the lock, says for whom, and runs when an approver lifts it", async () => {
    const jobId = await addKnownJob(world, "looked-into");
    const asked = await world.people.change(ANA, "stop looked-into");
    const card = await asked.headed("Waiting for approval");
    await world.people.type(CEM, 'lock looked-into "looking for the leak" --for 2h');
    expect((await told("looked-into is locked until")).plain).toContain("looking for the leak");
    await world.people.approve(BEN, card);
    const held = await asked.headed("Waiting to start");
    expect(held.plain).toMatch(/looked-into is locked by @?Cem until .*: looking for the leak/iu);
    expect(await effectsOf(jobId)).toEqual([]);

    expect((await world.people.ask(ANA, "unlock looked-into")).plain).toMatch(/Only @?Cem, who locked it/iu);
    expect((await world.people.ask(DORA, "unlock looked-into")).plain).toContain("You are not allowed to");
    const refused = await world.people.ask(ANA, "savepoint looked-into");
    expect(refused.plain).toMatch(/is locked by @?Cem/iu);
    expect(await effectsOf(jobId)).toEqual([]);

    await world.people.type(BEN, "unlock looked-into");
    await told("looked-into is unlocked");
    // it was woken: by itself it would sleep for longer than the test waits
    expect(headOf(await asked.outcome())).toContain("✅");
    expect(await effectsOf(jobId)).toEqual(["stop"]);
  });

  it("the holder's own change runs", async () => {
    const jobId = await addKnownJob(world, "mine");
    await world.people.type(ANA, "lock mine testing");
    await told("mine is locked until");
    expect((await world.people.ask(DORA, "locks")).plain).toContain("testing");
    expect(headOf(await (await world.people.change(ANA, "savepoint mine")).outcome())).toContain("✅");
    expect(await effectsOf(jobId)).toEqual(["savepoint"]);
    await world.people.type(ANA, "unlock mine");
    await told("mine is unlocked");
  });

  it("leaves nothing open", async () => await judge(world));
});
