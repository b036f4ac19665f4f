import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { headOf, isOver } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

suite("when Slack does not want to listen, nothing accepted is lost", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    await world.flink.control.addJob({ name: "orders" });
  });
  afterEach(async () => await world.driver.clearFaults());
  afterAll(async () => await world.stop());

  const effects = async () => (await world.flink.control.effects()).length;
  const callsIn = async (method: string, channel: string) =>
    (await world.driver.calls(method)).filter((c) => c.args["channel"] === channel);

  it("waits as long as Slack says before it posts the card, and changes nothing unseen until then", async () => {
    const before = await effects();
    const channel = world.people.room();
    await world.driver.fault({ method: "chat.postMessage", channel, retryAfter: 2 });
    const asked = await world.people.change(ANA, "savepoint orders", { channel });
    await asked.card();
    const [refused, posted] = await callsIn("chat.postMessage", asked.channel);
    expect(refused?.status).toBe(429);
    expect((posted?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(2000);
    await asked.outcome();
    const done = (await world.flink.control.effects())[before];
    expect(done?.at).toBeGreaterThanOrEqual(posted?.at ?? Infinity);
  });

  it("shows the outcome although the last edits were refused: 503, then 429", async () => {
    await world.driver.fault({ method: "chat.update", status: 503, times: 2 });
    await world.driver.fault({ method: "chat.update", retryAfter: 1 });
    const asked = await world.people.change(ANA, "savepoint orders");
    expect(headOf(await asked.outcome())).toContain("✅");
    await world.stored.atRest();
    expect((await asked.replies()).map((m) => m.plain)).toEqual([
      expect.stringContaining("@Ana Savepoint of orders"),
    ]);
  });

  it("ends at Flink and frees the job while Slack is away", async () => {
    const before = await effects();
    const first = await world.people.change(ANA, "savepoint orders");
    await first.card();
    await world.driver.fault({ method: "chat.update", status: 503, times: 8 });
    const second = await world.people.change(BEN, "savepoint orders --format native");
    await Promise.all([first.outcome(), second.outcome()]);
    expect(await effects()).toBe(before + 2);
  });

  it("an answer that got lost after Slack did its work gives a second card of the same request, and one effect", async () => {
    const before = await effects();
    const channel = world.people.room();
    await world.driver.fault({ method: "chat.postMessage", channel, drop: true, applied: true });
    const asked = await world.people.change(ANA, "savepoint orders", { channel });
    await asked.outcome();
    await world.stored.atRest();
    const cards = (await world.people.cards(ANA, channel)).filter((c) => c.plain.includes(asked.reason));
    expect(cards).toHaveLength(2);
    expect(await effects()).toBe(before + 1);
  });

  it("a click on a card whose posting was never confirmed counts, and that card is redrawn", async () => {
    await world.flink.control.addJob({ name: "ghost" });
    const channel = world.people.room();
    await world.driver.fault({ method: "chat.postMessage", channel, drop: true, applied: true });
    const asked = await world.people.change(ANA, "stop ghost", { channel });
    const ghost = await asked.card();
    await world.driver.waitFor(ANA, (seen) => {
      const here = seen.channels.find((c) => c.id === asked.channel)?.messages ?? [];
      return here.filter((m) => m.plain.includes(asked.reason)).length === 2;
    });
    await world.driver.click(BEN, ghost, "Approve stop");
    const redrawn = await world.driver.waitForChange(ANA, ghost, isOver);
    expect(headOf(redrawn)).toContain("✅");
  });

  it("decides nothing while it cannot look people up, and continues when it can", async () => {
    const before = await effects();
    await world.driver.fault({ method: "users.info", status: 503, times: 4 });
    const asked = await world.people.change(ANA, "savepoint orders");
    expect(headOf(await asked.outcome())).toContain("✅");
    expect(await effects()).toBe(before + 1);
  });

  it("does not count a click whose clicker cannot be looked up, and says so", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "nobody" });
    const asked = await world.people.change(ANA, "stop nobody");
    const card = await asked.headed("Waiting for approval");
    await world.driver.fault({ method: "users.info", status: 503, times: 20 });
    expect(await world.people.clickAndHear(BEN, card, "Approve stop")).toContain("did not count");
    await world.driver.clearFaults();
    expect((await world.flink.control.effects()).filter((e) => e.jobId === jobId)).toEqual([]);
    await world.driver.click(ANA, card, "Withdraw");
    await asked.outcome();
  });

  it("comes back after a refreshed and after a cut connection", async () => {
    await world.driver.refreshSockets();
    await world.driver.waitForConnections(1);
    expect(headOf(await (await world.people.change(ANA, "savepoint orders")).outcome())).toContain("✅");
    await world.driver.cutSockets();
    await world.driver.waitForConnections(1);
    expect(headOf(await (await world.people.change(ANA, "savepoint orders")).outcome())).toContain("✅");
  });

  it("leaves nothing unsaid", async () => await judge(world, { ghosts: 1 }));
});
