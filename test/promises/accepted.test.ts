import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN, FLINK_OPS, INCIDENT } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

suite("acked means durably accepted", () => {
  let world: World;
  beforeAll(async () => {
    // a bot alone: nothing starts what it accepted
    world = await startWorld({ roles: ["bot"] });
    await world.flink.control.addJob({ name: "orders" });
  });
  afterAll(async () => await world.stop());

  it("keeps what it acked through the death of Redis and of itself; a worker then does it, once", async () => {
    const asked = await world.people.change(ANA, "savepoint orders");
    expect(asked.typed).toMatchObject({ error: null, reply: null });
    expect(asked.typed.ackMs).toBeLessThan(3000);
    const [id = ""] = await world.stored.queued();
    expect(await world.stored.intake(id)).toMatchObject({ operation: "savepoint" });

    const [bot] = world.products;
    bot?.kill("SIGKILL");
    await bot?.exited;
    await world.redis.kill();
    await world.redis.restart();
    expect(await world.stored.intake(id)).toMatchObject({ operation: "savepoint" });
    expect(await world.flink.control.effects()).toEqual([]);

    await world.start({ roles: [] });
    expect(headOf(await asked.outcome())).toContain("✅");
    expect(await asked.id()).toBe(id);
    expect((await world.flink.control.effects()).map((e) => e.do)).toEqual(["savepoint"]);
  });

  it("takes the same delivery twice as the same request", async () => {
    const before = (await world.flink.control.effects()).length;
    const asked = await world.people.change(ANA, "savepoint orders");
    await world.driver.redeliver(asked.typed);
    await asked.outcome();
    await world.driver.redeliver(asked.typed);
    await world.stored.atRest();
    expect(await world.flink.control.effects()).toHaveLength(before + 1);
    const cards = (await world.people.cards(ANA, asked.channel)).filter((c) =>
      c.plain.includes(asked.reason),
    );
    expect(cards).toHaveLength(1);
  });

  it("takes a mention that Slack repeats, because its ack was lost, as the same request", async () => {
    const before = (await world.flink.control.effects()).length;
    await world.driver.swallowAcks(1);
    const typed = await world.driver.type(ANA, INCIDENT, '@flink savepoint orders --reason "repeated"');
    const asked = world.people.watch(ANA, "repeated", typed, INCIDENT);
    await asked.outcome();
    await until("Slack has delivered it again", async () => {
      const sent = (await world.driver.deliveries()).filter((d) => d.payload["event_id"] === typed.eventId);
      return sent.length === 2 && sent[1]?.outcome === "acked" ? true : null;
    });
    await world.stored.atRest();
    expect(await world.flink.control.effects()).toHaveLength(before + 1);
  });

  it("leaves everything closed", async () => await judge(world));
});

suite("what was not accepted is said to be so", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    await world.flink.control.addJob({ name: "orders" });
    await until("the directory knows the job", async () =>
      (await world.people.ask(ANA, "list")).plain.includes("orders") ? true : null,
    );
  });
  afterAll(async () => await world.stop());

  it("says that nothing was accepted while Redis is gone, by command and by mention, and nothing comes of it", async () => {
    await world.redis.kill();
    const asked = await world.people.change(ANA, "savepoint orders");
    expect(asked.typed.error).toBeNull();
    expect(asked.typed.reply).toContain("nothing was accepted");
    const local = await world.people.type(ANA, "list");
    expect(local.error).toBeNull();
    await world.driver.type(ANA, INCIDENT, "@flink savepoint orders");
    const told = await world.driver.waitForEphemeral(ANA, INCIDENT, (m) =>
      m.plain.includes("nothing was accepted"),
    );
    expect(told.plain).toContain("Try again");
    await world.redis.restart();
    await until("flinkops has Redis again", async () =>
      (await world.people.type(ANA, "savepoint orders --reason again")).reply === null ? true : null,
    );
    await world.stored.atRest();
    expect(await world.stored.queued()).toHaveLength(1);
    expect(await world.flink.control.effects()).toHaveLength(1);
    // a mention that was answered is not delivered again
    const mentions = (await world.driver.deliveries()).filter((d) => d.kind === "events_api");
    expect(mentions.map((d) => d.outcome)).toEqual(["acked"]);
  });

  it("says that it is not certain where Redis did not confirm, within Slack's three seconds", async () => {
    const before = (await world.flink.control.effects()).length;
    await world.stored.pauseWrites(2500);
    const asked = await world.people.change(ANA, "savepoint orders");
    expect(asked.typed.error).toBeNull();
    expect(asked.typed.reply).toContain("not certain whether your request was accepted");
    expect(asked.typed.reply).toContain("/flink requests");
    // it had arrived: then it is done like any other, and `requests` tells
    await asked.outcome();
    await world.stored.atRest();
    expect((await world.people.ask(ANA, "requests --mine")).plain).toContain("Savepoint of orders");
    expect(await world.flink.control.effects()).toHaveLength(before + 1);
  });

  it("answers within Slack's three seconds while Redis hangs altogether, and what it says is so", async () => {
    const before = await world.stored.queued();
    world.redis.signal("SIGSTOP");
    const asked = await world.people.change(ANA, "savepoint orders");
    world.redis.signal("SIGCONT");
    expect(asked.typed.error).toBeNull();
    expect(asked.typed.reply).toContain("nothing was accepted");
    expect((await world.people.ask(ANA, "requests --mine")).plain).not.toContain(asked.reason);
    expect(await world.stored.queued()).toHaveLength(before.length);
  });

  it("loses no click to a bot killed between click and ack: it did not count, and the next one does", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "clicked" });
    const asked = await world.people.change(ANA, "stop clicked");
    const card = await asked.headed("Waiting for approval");
    const [bot] = world.products;
    bot?.kill("SIGSTOP");
    const click = world.driver.click(BEN, card, "Approve stop");
    await until("the click is on its way", async () =>
      (await world.driver.deliveries()).some((d) => d.kind === "interactive") ? true : null,
    );
    bot?.kill("SIGKILL");
    expect((await click).error).not.toBeNull();
    expect(await world.stored.events(await asked.id())).toEqual(["asked"]);
    await world.start();
    await world.driver.click(BEN, card, "Approve stop");
    await asked.outcome();
    expect((await world.flink.control.effects()).filter((e) => e.jobId === jobId)).toHaveLength(1);
  });

  it("counts a vote once although its ack never arrived and the person pressed again", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "pressed-twice" });
    const asked = await world.people.change(ANA, "stop pressed-twice");
    const card = await asked.headed("Waiting for approval");
    await world.driver.swallowAcks(1);
    const first = world.driver.click(BEN, card, "Approve stop");
    await asked.outcome();
    const second = await world.people.clickAndHear(BEN, card, "Approve stop", { version: 0 });
    expect(second).toContain("Too late");
    expect((await first).error).toBe("operation_timeout");
    expect((await world.flink.control.effects()).filter((e) => e.jobId === jobId)).toHaveLength(1);
  });

  it("answers a mention that Slack delivers too late with a note, and does nothing", async () => {
    const before = await world.flink.control.effects();
    await world.driver.type(ANA, FLINK_OPS, "@flink savepoint orders", { ageMs: 6 * 60_000 });
    const told = await world.driver.waitForEphemeral(ANA, FLINK_OPS, (m) => m.plain.includes("5 minutes"));
    expect(told.plain).toContain("nothing was done");
    expect(await world.flink.control.effects()).toEqual(before);
  });

  it("leaves everything closed", async () => await judge(world));
});
