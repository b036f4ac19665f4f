import { afterAll, beforeAll, expect, it } from "vitest";
import type { SeenMessage } from "../../playground/slack/driver.ts";
import {
  ANA,
  APPROVERS,
  BEN,
  CEM,
  DORA,
  INCIDENT,
  OPERATORS,
  RANDOM,
} from "../../playground/slack/workspace-seed.ts";
import { everyMessage, headOf, isCard, isOver } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import type { Asked } from "../harness/people.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

const POLICY = {
  people: {
    operate: { groups: [OPERATORS] },
    approve: { groups: [APPROVERS] },
    security: { users: [DORA] },
  },
  rules: [
    { name: "view", classes: ["view"], allow: true },
    {
      name: "destructive",
      classes: ["destructive"],
      ask: ["operate"],
      approve: [
        { from: ["approve"], count: 1 },
        { from: ["security"], count: 1 },
      ],
      remind: "2s",
      escalate: { after: "3s", to: "operate" },
    },
    { name: "operate", classes: ["operate"], ask: ["operate"], allow: true },
  ],
};

const isDone = (m: SeenMessage): boolean => isOver(m) && headOf(m).includes("✅");

/** The cards of a request in a channel. */
const cardsIn = async (world: World, asked: Asked, channel: string): Promise<SeenMessage[]> =>
  everyMessage(await world.driver.see(ANA)).filter(
    (m) => m.channel === channel && isCard(m) && m.plain.includes(`Reason: ${asked.reason}`),
  );

suite("what needs the approval of two people of two sets", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ policy: POLICY });
  });
  afterAll(async () => await world.stop());

  it("is not started by the first vote, and is by the second; everybody can see what is missing", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "two" });
    const asked = await world.people.change(ANA, "stop two");
    const card = await asked.headed("Waiting for approval");
    expect(card.plain).toMatch(
      /Needs 2 approvals: 1 of @flink-approvers, @?dora, who are not the requester\./iu,
    );
    const mention = await world.driver.waitForReply(ANA, card, (m) => m.plain.includes("asks for approval"));
    expect(mention.plain).toMatch(/^@flink-approvers @Dora @?Ana asks for approval/iu);

    expect(await world.people.clickAndHear(BEN, card, "Approve stop")).toBe(
      "Your approval counts. Still needed: @Dora.",
    );
    expect(await world.people.clickAndHear(BEN, card, "Approve stop")).toBe(
      "You have already voted. Still needed: @Dora.",
    );
    expect(await world.people.clickAndHear(CEM, card, "Approve stop")).toBe(
      "Your approval counts. Still needed: @Dora.",
    );
    await world.driver.waitForChange(ANA, card, (m) =>
      m.plain.includes("Approved by @Ben, @Cem; still needs @Dora."),
    );
    expect(await world.flink.control.effects()).toEqual([]);

    // Dora may approve, and not ask
    await world.driver.click(DORA, card, "Approve stop");
    const over = await asked.outcome();
    expect(over.plain).toMatch(/approved by @Ben .*, @Cem .*, @Dora /u);
    expect((await world.flink.control.effects()).map((e) => [e.jobId, e.do])).toEqual([[jobId, "stop"]]);
    const approved = (await world.stored.audit(await asked.id())).filter((e) => e.event === "approved");
    expect(approved.map((e) => [e.actor, e.detail["in"]])).toEqual([
      [BEN, ["approve"]],
      [CEM, ["approve"]],
      [DORA, ["security"]],
    ]);
    await judge(world);
  });

  it("may be suggested otherwise: the requester asks for that anew, and who suggested it may approve it", async () => {
    await world.flink.control.addJob({ name: "other" });
    const asked = await world.people.change(ANA, "stop other --drain");
    const card = await asked.headed("Waiting for approval");
    await world.driver.click(BEN, card, "Suggest a change");
    await world.driver.waitForModal(BEN);
    expect(await world.driver.submitModal(BEN, {})).toMatchObject({ closed: false });
    expect(await world.driver.submitModal(BEN, { drain: "no" })).toMatchObject({ closed: true });
    const suggested = await world.driver.waitForReply(ANA, card, (m) => m.plain.includes("suggests"));
    expect(suggested.plain).toMatch(
      /^@Ana @?ben suggests stop other\. The request itself stays as it is\./iu,
    );
    expect(await world.stored.events(await asked.id())).toContain("suggested");
    await world.driver.click(ANA, suggested, "Request this instead");
    const again = await world.driver.waitForReply(ANA, card, (m) =>
      /Stop other .*Waiting for/u.test(m.plain),
    );
    await world.driver.click(ANA, card, "Withdraw");
    expect(await world.people.clickAndHear(BEN, again, "Approve stop")).toContain("Your approval counts");
    await world.driver.click(DORA, again, "Approve stop");
    await world.driver.waitForChange(ANA, again, isDone);
    await judge(world);
  });
});

// a world of its own: it is about seconds, and Slack allows few look-ups a minute
suite("what several people do not decide in time", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ policy: POLICY });
  });
  afterAll(async () => await world.stop());

  it("reminds those who are still needed, then mentions others, once each and however many restarts", async () => {
    await world.flink.control.addJob({ name: "late" });
    const asked = await world.people.change(ANA, "stop late");
    const card = await asked.headed("Waiting for approval");
    await world.people.clickAndHear(BEN, card, "Approve stop");
    await world.driver.waitForReply(ANA, card, (m) => m.plain.startsWith("@Dora Stop late"));
    await Promise.all(world.products.map(async (product) => await product.stop()));
    await world.start();
    const escalated = await world.driver.waitForReply(ANA, card, (m) => m.plain.includes("Escalated to you"));
    expect(escalated.plain).toMatch(
      /^@flink-operators Stop late .* for \d+ s\. Escalated .*still needed: @?dora/iu,
    );
    await world.driver.click(DORA, card, "Approve stop");
    await asked.outcome();
    const replies = (await asked.replies()).filter((m) => m.plain.includes("has been waiting for approval"));
    expect(replies).toHaveLength(2);
    await judge(world);
  });
});

suite("approvers who have a channel of their own", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ policy: POLICY, demo: { config: { approvals: INCIDENT } } });
  });
  afterAll(async () => await world.stop());

  it("vote on either card, and both show what became of it", async () => {
    await world.flink.control.addJob({ name: "copied" });
    const asked = await world.people.change(ANA, "stop copied");
    const copy = await world.driver.waitForMessage(BEN, INCIDENT, (m) =>
      m.plain.includes(`Reason: ${asked.reason}`),
    );
    const mention = await world.driver.waitForReply(BEN, copy, (m) => m.plain.includes("asks for approval"));
    expect(mention.plain).toMatch(/^@flink-approvers @Dora/u);
    expect(copy.plain).toContain("Go to the request");
    const [origin] = await cardsIn(world, asked, asked.channel);
    if (origin === undefined) throw new Error("there is no card where it was requested");
    expect(origin.plain).toContain("Approvers: #incident-42");
    expect(await world.driver.thread(origin, ANA)).toEqual([]);

    await world.people.clickAndHear(BEN, copy, "Approve stop");
    await world.driver.click(DORA, origin, "Approve stop");
    await world.driver.waitForChange(ANA, origin, isDone);
    await world.driver.waitForChange(ANA, copy, isDone);
    await world.driver.waitForReply(ANA, origin, (m) => m.plain.includes("@Ana"));
    expect((await world.driver.thread(copy, ANA)).map((m) => m.plain)).toEqual([mention.plain]);
    await judge(world);
  });

  it("are not asked a second time for what was requested there", async () => {
    await world.flink.control.addJob({ name: "there" });
    const asked = await world.people.change(ANA, "cancel there", {
      channel: INCIDENT,
      reason: "asked where they are",
    });
    const card = await asked.headed("Waiting for approval");
    await world.driver.waitForReply(ANA, card, (m) => m.plain.includes("asks for approval"));
    await world.people.deny(DORA, card);
    await asked.headed("Denied");
    expect(await cardsIn(world, asked, INCIDENT)).toHaveLength(1);
    await judge(world);
  });
});

suite("an approvers' channel that flinkops is not in", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ demo: { config: { approvals: RANDOM } } });
  });
  afterAll(async () => await world.stop());

  it("is named where the request was made, and the approvers are mentioned there", async () => {
    await world.flink.control.addJob({ name: "lost" });
    const asked = await world.people.change(ANA, "stop lost");
    const card = await asked.headed("Waiting for approval");
    const mention = await world.driver.waitForReply(ANA, card, (m) => m.plain.includes("asks for approval"));
    expect(mention.plain).toMatch(/^@flink-approvers/u);
    expect(mention.plain).toContain(
      "The approvers' channel #random cannot be used: flinkops is not a member of it. So they are asked here.",
    );
    await world.people.approve(BEN, card);
    expect(headOf(await asked.outcome())).toContain("✅");
    await judge(world);
  });
});
