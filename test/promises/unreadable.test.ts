import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { ANA, BEN, CEM, DORA, INCIDENT, RANDOM } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);
const GONE = "S0GONE0001";
const says = (setting: string): string =>
  `The user group ${GONE} of the configuration (${setting}) does not exist in Slack. Ask the flinkops administrators.`;

suite("a user group that Slack does not know", () => {
  let world: World;
  beforeAll(async () => {
    const people = {
      operate: { groups: [GONE], users: [ANA] },
      approve: { groups: [GONE], users: [BEN] },
    };
    world = await startWorld({ config: { people } });
    await world.flink.control.addJob({ name: "orders" });
  });
  afterAll(async () => await world.stop());

  it("is an answer in words, at once, to those whom nothing else names", async () => {
    expect((await world.people.ask(CEM, "savepoint orders")).plain).toBe(says("people.operate"));
    expect(await world.flink.control.effects()).toEqual([]);
    await world.stored.atRest();
  });

  it("silences nobody: looking works, and help says what may be done", async () => {
    expect((await world.people.ask(DORA, "status orders")).plain).toMatch(/orders (?:is|has been) RUNNING/u);
    const help = (await world.people.ask(DORA, "help")).plain;
    expect(help).toContain("/flink status");
    expect(help).not.toContain("/flink stop");
  });

  it("does not touch those who are listed by user id: they ask, and they approve", async () => {
    const asked = await world.people.change(ANA, "stop orders");
    const card = await asked.headed("Waiting for approval");
    expect(await world.people.clickAndHear(CEM, card, "Approve stop")).toBe(says("people.approve"));
    await world.people.approve(BEN, card);
    expect(headOf(await asked.outcome())).toContain("✅");
    expect((await world.flink.control.effects()).map((e) => e.do)).toEqual(["stop"]);
  });

  it("leaves nothing open", async () => await judge(world));
});

suite("a look-up that Slack refuses", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ config: { people: { view: { groups: [GONE] }, operate: { users: [ANA] } } } });
    await world.flink.control.addJob({ name: "orders" });
  });
  afterEach(async () => await world.driver.clearFaults());
  afterAll(async () => await world.stop());

  it("is said by whatever was asked, also by help: nothing went wrong", async () => {
    for (const words of ["status orders", "list", "help", "requests"])
      expect((await world.people.ask(DORA, words)).plain).toBe(says("people.view"));
  });

  it.each([
    [
      "conversations.info",
      "This channel cannot be read: the Slack app was not granted a scope that it needs",
      ANA,
      RANDOM,
    ],
    // somebody who has not been looked up yet, where the bot is
    [
      "users.info",
      "your account: it cannot be read: the Slack app was not granted a scope that it needs",
      BEN,
      INCIDENT,
    ],
  ])("for want of a scope ends a change at once: %s", async (method, words, user, channel) => {
    await world.driver.fault({ method, error: "missing_scope", times: 100 });
    expect((await world.people.ask(user, "savepoint orders", channel)).plain).toContain(words);
    expect((await world.driver.calls(method)).filter((c) => c.error === "missing_scope").length).toBeLessThan(
      10,
    );
    expect(await world.flink.control.effects()).toEqual([]);
  });
});

suite("a channel that the bot is not in", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    await world.flink.control.addJob({ name: "orders" });
  });
  afterAll(async () => await world.stop());

  it("takes the very next command after an invitation", async () => {
    expect((await world.people.ask(ANA, "savepoint orders", RANDOM)).plain).toBe(
      "flinkops makes changes only where people can see them. Invite me with /invite @flink, then ask again.",
    );
    await world.driver.changeChannel(RANDOM, { present: true });
    const asked = await world.people.change(ANA, "savepoint orders", { channel: RANDOM });
    expect(headOf(await asked.outcome())).toContain("✅");
  });

  it("leaves nothing open", async () => await judge(world));
});
