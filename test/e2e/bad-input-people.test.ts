import { afterAll, beforeAll, expect, it } from "vitest";
import { FAY, gridSeed, HAL, ORG_OPS } from "../../playground/slack/grid-seed.ts";
import {
  ANA,
  BEN,
  DORA,
  EVE,
  FLINK_OPS,
  GIL,
  INCIDENT,
  PARTNERS,
  RANDOM,
} from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

suite("people and places that may not", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    await world.flink.control.addJob({ name: "orders" });
  });
  afterAll(async () => await world.stop());

  const refusedBy = async (user: string, words: string, channel: string, says: string): Promise<void> => {
    const before = (await world.stored.audit()).length;
    const { plain } = await world.people.ask(user, words, channel);
    expect(plain).toContain(says);
    expect(await world.people.cards(ANA, channel)).toEqual([]);
    expect(await world.flink.control.effects()).toEqual([]);
    await world.stored.atRest();
    const recorded = (await world.stored.audit()).slice(before);
    expect(recorded.map((e) => [e.event, e.requester])).toEqual([["refused", user]]);
  };

  it("who may not operate is told who may, and it is recorded", async () => {
    for (const words of ["scale orders 2", "savepoint orders", "stop orders", "cancel orders"])
      await refusedBy(DORA, words, FLINK_OPS, "Allowed: @flink-operators");
    expect((await world.people.ask(DORA, "status orders")).plain).toMatch(/orders (?:is|has been) RUNNING/u);
    const help = (await world.people.ask(DORA, "help")).plain;
    expect(help).toContain("/flink status");
    expect(help).not.toContain("/flink cancel");
  });

  it("guests may nothing at all", async () => {
    await refusedBy(GIL, "savepoint orders", FLINK_OPS, "Guests may not use flinkops");
    for (const words of ["status orders", "list", "help", "requests"])
      expect((await world.people.ask(GIL, words)).plain).toContain("Guests may not use flinkops");
  });

  it("outsiders may nothing, even by mention in a shared channel", async () => {
    await world.driver.type(EVE, PARTNERS, "@flink list");
    const told = await world.driver.waitForEphemeral(EVE, PARTNERS, (m) => m.isBot);
    expect(told.plain).toContain("another organization");
  });

  it("a channel shared with another organization gets only a refusal, and nobody else sees it", async () => {
    await refusedBy(ANA, "savepoint orders", PARTNERS, "shared with another organization");
    expect((await world.people.ask(ANA, "status orders", PARTNERS)).plain).toContain("shared with another");
    expect((await world.people.ask(ANA, "list", PARTNERS)).plain).toContain("shared with another");
    expect(await world.driver.messages(PARTNERS, EVE)).toEqual(
      (await world.driver.messages(PARTNERS, EVE)).filter((m) => !m.isBot),
    );
  });

  it("where the bot is not in the channel reads work and changes are refused: nothing runs unseen", async () => {
    expect((await world.people.ask(ANA, "status orders", RANDOM)).plain).toMatch(
      /orders (?:is|has been) RUNNING/u,
    );
    expect((await world.people.ask(ANA, "list", RANDOM)).plain).toContain("orders");
    await refusedBy(ANA, "savepoint orders", RANDOM, "Invite me with /invite @flink, then ask again");
    await refusedBy(ANA, "cancel orders", RANDOM, "Invite me with /invite @flink, then ask again");
  });

  it("an archived channel takes no card, so nothing runs", async () => {
    await world.driver.changeChannel(INCIDENT, { archived: true });
    await world.people.type(ANA, "savepoint orders --reason archived", INCIDENT);
    await world.stored.atRest();
    expect(await world.flink.control.effects()).toEqual([]);
    await world.driver.changeChannel(INCIDENT, { archived: false });
  });

  it("leaves nothing open", async () => await judge(world));
});

/** A mention, and what that person alone is told. */
const told = async ({ driver }: World, user: string, channel: string): Promise<string> => {
  await driver.type(user, channel, "@flink savepoint orders");
  return (await driver.waitForEphemeral(user, channel, (m) => m.isBot)).plain;
};

suite("a workspace of an Enterprise Grid organization", () => {
  it("lets a colleague in who is in it, whatever team_id says, and nobody else", async () => {
    const world = await startWorld({ slack: { seed: gridSeed() } });
    try {
      await world.flink.control.addJob({ name: "orders" });
      expect((await world.people.ask(FAY, "status orders")).plain).toMatch(/orders (?:is|has been) RUNNING/u);
      const saved = await world.people.change(FAY, "savepoint orders", { channel: FLINK_OPS });
      expect(headOf(await saved.outcome())).toContain("✅");
      // her click names the other workspace
      const stopped = await world.people.change(ANA, "stop orders", { channel: FLINK_OPS });
      await world.people.approve(FAY, await stopped.headed("Waiting for approval"));
      expect(headOf(await stopped.outcome())).toContain("✅");
      const before = await world.flink.control.effects();

      expect(await told(world, HAL, ORG_OPS)).toContain("Only members of the workspace");
      expect(await told(world, EVE, PARTNERS)).toContain("another organization");
      const typed = await world.driver.type(HAL, ORG_OPS, "/flink savepoint orders");
      expect(typed.reply).toContain("/flink is not a valid command");
      expect(await world.flink.control.effects()).toEqual(before);
      await judge(world);
    } finally {
      await world.stop();
    }
  });

  it("lets every colleague in where the configuration says so, and no stranger", async () => {
    const config = { slack: { organization: "whole" } };
    const world = await startWorld({ slack: { seed: gridSeed() }, config });
    try {
      await world.flink.control.addJob({ name: "orders" });
      const typed = await world.driver.type(HAL, ORG_OPS, "@flink savepoint orders --reason elsewhere");
      const saved = world.people.watch(HAL, "elsewhere", typed, ORG_OPS);
      expect(headOf(await saved.outcome())).toContain("✅");
      expect(await told(world, EVE, PARTNERS)).toContain("another organization");
      expect((await world.flink.control.effects()).map((e) => e.do)).toEqual(["savepoint"]);
      await judge(world);
    } finally {
      await world.stop();
    }
  });
});

suite("default deny", () => {
  it("without approvers what destroys is refused, and the rest works", async () => {
    const world = await startWorld({ config: { people: { operate: { users: [ANA] } } } });
    try {
      await world.flink.control.addJob({ name: "orders" });
      for (const words of ["stop orders", "cancel orders", "stop orders --drain"])
        expect((await world.people.ask(ANA, words)).plain).toContain("no approvers are configured");
      expect((await world.people.ask(BEN, "savepoint orders")).plain).toContain("Allowed: @Ana");
      expect(headOf(await (await world.people.change(ANA, "savepoint orders")).outcome())).toContain("✅");
      expect((await world.flink.control.effects()).map((e) => e.do)).toEqual(["savepoint"]);
      await judge(world);
    } finally {
      await world.stop();
    }
  });

  it("a file that names nobody and a cluster that is not opened for changes only look", async () => {
    const world = await startWorld({ config: { people: {} }, demo: { config: { changes: false } } });
    try {
      await world.flink.control.addJob({ name: "orders" });
      expect((await world.people.ask(DORA, "status orders")).plain).toMatch(
        /orders (?:is|has been) RUNNING/u,
      );
      for (const words of ["savepoint orders", "scale orders 2", "stop orders", "cancel orders"])
        expect((await world.people.ask(ANA, words)).plain).toContain("read-only");
      expect(await world.flink.control.effects()).toEqual([]);
    } finally {
      await world.stop();
    }
  });

  it("a cluster that Kubernetes' operator manages takes savepoints only", async () => {
    const settings = { "kubernetes.operator.reconcile.interval": "60 s", "$internal.flink.version": "v2_3" };
    const world = await startWorld({ demo: { config: { managedBy: "operator" }, settings } });
    try {
      await world.flink.control.addJob({ name: "orders" });
      for (const words of ["scale orders 2", "stop orders", "cancel orders"])
        expect((await world.people.ask(ANA, words)).plain).toContain(
          "managed by the Flink Kubernetes operator",
        );
      expect(headOf(await (await world.people.change(ANA, "savepoint orders")).outcome())).toContain("✅");
      await judge(world);
    } finally {
      await world.stop();
    }
  });
});
