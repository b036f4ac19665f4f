import { afterAll, beforeAll, expect, it } from "vitest";
import type { SeenMessage } from "../../playground/slack/driver.ts";
import {
  ANA,
  APPROVERS,
  BEN,
  CEM,
  DORA,
  EVE,
  GIL,
  OPERATORS,
} from "../../playground/slack/workspace-seed.ts";
import { until } from "../../playground/processes.ts";
import { headOf, isOver } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import type { Asked } from "../harness/people.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

suite("what destroys needs one other person who may, and gets exactly one decision", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(async () => await world.stop());

  const jobNamed = async (name: string) => await world.flink.control.addJob({ name });
  const effectsOf = async (jobId: string) =>
    (await world.flink.control.effects()).filter((e) => e.jobId === jobId).map((e) => e.do);
  const waiting = async (words: string): Promise<[Asked, SeenMessage]> => {
    const asked = await world.people.change(ANA, words);
    return [asked, await asked.headed("Waiting for approval")];
  };

  it("runs after another person's click, and names who agreed", async () => {
    const { jobId } = await jobNamed("approved");
    const [asked, card] = await waiting("stop approved");
    expect(await effectsOf(jobId)).toEqual([]);
    const clicked = await world.driver.click(BEN, card, "Approve stop");
    expect(clicked.confirm).toMatchObject({ title: "Approve stop?" });
    expect(JSON.stringify(clicked.confirm)).toContain("approved");
    const over = await asked.outcome();
    expect(headOf(over)).toContain("✅");
    expect(over.plain).toContain("approved by @Ben");
    expect(await effectsOf(jobId)).toEqual(["stop"]);
    const events = await world.stored.audit(await asked.id());
    expect(events.map((e) => e.event)).toEqual(["asked", "approved", "calling", "called", "passed", "ended"]);
    expect(events[1]?.actor).toBe(BEN);
  });

  it("turning back at the confirm dialog decides nothing", async () => {
    await jobNamed("hesitated");
    const [asked, card] = await waiting("stop hesitated");
    expect((await world.driver.click(BEN, card, "Approve stop", { confirm: false })).kind).toBe("cancelled");
    expect(await world.stored.events(await asked.id())).toEqual(["asked"]);
    await world.driver.click(ANA, card, "Withdraw");
    await asked.headed("Withdrawn");
  });

  it("is not run when denied, and says by whom", async () => {
    const { jobId } = await jobNamed("denied");
    const [asked, card] = await waiting("cancel denied");
    await world.people.deny(CEM, card, "not during the *sale* <!channel>");
    const over = await asked.headed("Denied");
    expect(over.plain).toMatch(/Denied by @Cem: not during the .sale. <!channel>/u);
    const ping = await world.driver.waitForReply(ANA, over, (m) => m.plain.includes("Denied by"));
    expect(ping.plain).toMatch(
      /^@Ana Denied by @?Cem: not during the .sale. <!channel>\. Nothing was changed\.$/iu,
    );
    const denied = (await world.stored.audit(await asked.id())).find((e) => e.event === "denied");
    expect(denied).toMatchObject({ actor: CEM, detail: { reason: "not during the *sale* <!channel>" } });
    expect(over.plain).toContain("Nothing was changed");
    expect(over.controls.map((c) => c.label)).not.toContain("Approve cancel");
    expect(await effectsOf(jobId)).toEqual([]);
    const late = await world.people.clickAndHear(BEN, card, "Approve cancel", { version: 0 });
    expect(late).toContain("Too late");
    expect(late).toContain("Denied by @Cem at ");
  });

  it("is not run when its requester withdraws it, by button or by word; nobody else may", async () => {
    const { jobId } = await jobNamed("withdrawn");
    const [first, card] = await waiting("stop withdrawn");
    expect(await world.people.clickAndHear(BEN, card, "Withdraw")).toContain("Only @Ana, who requested it");
    await world.driver.click(ANA, card, "Withdraw");
    await first.headed("Withdrawn");
    const [second] = await waiting("stop withdrawn");
    const id = (await second.id()).slice(0, 8);
    expect((await world.people.ask(BEN, `withdraw ${id}`)).plain).toContain("Only @Ana");
    await world.people.type(ANA, `withdraw ${id}`);
    expect(headOf(await second.outcome())).toContain("Withdrawn");
    expect(await effectsOf(jobId)).toEqual([]);
  });

  it("refuses the requester's own click, and those of who may not", async () => {
    const { jobId } = await jobNamed("own-click");
    const [asked, card] = await waiting("stop own-click");
    const hear = async (user: string) => await world.people.clickAndHear(user, card, "Approve stop");
    expect(await hear(ANA)).toContain("someone else must approve it");
    expect(await hear(DORA)).toContain("You are not allowed to approve this. Allowed: @flink-approvers");
    expect(await hear(GIL)).toContain("Guests may not use flinkops");
    expect(await effectsOf(jobId)).toEqual([]);
    const refused = (await world.stored.audit(await asked.id())).filter((e) => e.event === "click refused");
    expect(refused.map((e) => e.actor)).toEqual([ANA, DORA, GIL]);
    await world.driver.click(ANA, card, "Withdraw");
    await asked.outcome();
  });

  it("asks Slack anew at each click: a removed or deactivated approver's click does not count", async () => {
    await jobNamed("former");
    const [asked, card] = await waiting("stop former");
    await world.driver.removeFromGroup(APPROVERS, BEN);
    await world.driver.changeUser(CEM, { isRestricted: true });
    try {
      expect(await world.people.clickAndHear(CEM, card, "Approve stop")).toContain("Guests may not");
    } finally {
      await world.driver.changeUser(CEM, { isRestricted: false });
      await world.driver.addToGroup(APPROVERS, BEN);
    }
    await world.driver.click(ANA, card, "Withdraw");
    await asked.outcome();
  });

  it("does not count when its giver was deactivated before it started", async () => {
    const { jobId } = await jobNamed("left");
    await world.flink.control.timings({ snapshotMs: 1500 });
    await world.people.change(ANA, "savepoint left");
    await until("the savepoint runs", async () => ((await effectsOf(jobId)).length === 1 ? true : null));
    await world.flink.control.timings({ snapshotMs: 40 });
    const [asked, card] = await waiting("stop left");
    await world.driver.click(CEM, card, "Approve stop");
    await asked.headed("Waiting to start");
    await world.driver.changeUser(CEM, { deleted: true });
    const over = await asked.headed("Void, not started");
    expect(over.plain).toContain("its approval is not valid");
    expect(await effectsOf(jobId)).toEqual(["savepoint"]);
    await world.driver.changeUser(CEM, { deleted: false });
    await world.driver.addToGroup(APPROVERS, CEM);
    await world.driver.addToGroup(OPERATORS, CEM);
  });

  it("is void when the job was started anew meanwhile: says what changed, and whoever asks again is the requester", async () => {
    const job = await jobNamed("renewed");
    const [asked, card] = await waiting("stop renewed");
    await world.flink.control.changeJob(job.jobId, { startTime: job.startTime + 5000 });
    await world.driver.click(BEN, card, "Approve stop");
    const over = await asked.headed("Void, not started");
    expect(over.plain).toContain("nothing was changed");
    expect(over.plain).toMatch(/changed since.*start/su);
    expect(await effectsOf(job.jobId)).toEqual([]);

    await world.driver.click(BEN, over, "Ask again");
    const again = await world.driver.waitForMessage(ANA, asked.channel, (m) =>
      /^⏳ Stop renewed .* Waiting for approval$/mu.test(m.plain),
    );
    expect(again.plain).toMatch(/requested by @?ben/iu);
    expect(await world.people.clickAndHear(BEN, again, "Approve stop")).toContain(
      "someone else must approve",
    );
    await world.driver.click(CEM, again, "Approve stop");
    const done = await world.driver.waitForChange(ANA, again, isOver);
    expect(headOf(done)).toContain("✅");
    expect(await effectsOf(job.jobId)).toEqual(["stop"]);
  });

  it("believes nothing of a forged button", async () => {
    const { jobId } = await jobNamed("forged");
    const [asked, card] = await waiting("stop forged");
    const id = await asked.id();
    const button = card.controls.find((c) => c.label === "Approve stop");
    const value = JSON.parse(button?.value ?? "{}") as Record<string, unknown>;
    const forged: [string, Record<string, unknown> | string, RegExp][] = [
      ["not JSON", "approve!", /cannot be read/u],
      ["another deployment", { ...value, d: "elsewhere" }, /another deployment/u],
      ["a newer version", { ...value, v: 2 }, /another version/u],
      ["an old revision's digest", { ...value, g: "0".repeat(32) }, /another version of the card/u],
      ["an unknown request", { ...value, r: `r${"0".repeat(31)}` }, /unknown here/u],
    ];
    for (const [, one, words] of forged) {
      const text = typeof one === "string" ? one : JSON.stringify(one);
      expect(await world.people.clickAndHear(BEN, card, "Approve stop", { value: text })).toMatch(words);
    }
    expect((await world.stored.events(id)).filter((e) => e === "approved")).toEqual([]);
    const entries = (await world.stored.audit()).filter(
      (e) => e.event === "click refused" && e.actor === BEN,
    );
    const rules = entries.filter((e) => e.requestId === id || e.detail["rule"] === "unknown_request");
    expect(rules.map((e) => e.detail["rule"])).toEqual(["other_digest", "unknown_request"]);
    expect(await effectsOf(jobId)).toEqual([]);
    await world.driver.click(ANA, card, "Withdraw");
    await asked.outcome();
  });

  it("does not hear an outsider, who is not even in the channel", async () => {
    const [asked, card] = await (async () => {
      await jobNamed("outsider");
      return await waiting("stop outsider");
    })();
    await world.driver.changeChannel(asked.channel, { member: EVE, present: true });
    expect(await world.people.clickAndHear(EVE, card, "Approve stop")).toContain("another organization");
    await world.driver.changeChannel(asked.channel, { member: EVE, present: false });
    await world.driver.click(ANA, card, "Withdraw");
    await asked.outcome();
  });

  it("leaves nothing open", async () => await judge(world));
});

suite("an approval that nobody gives", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ timings: { approvalExpires: "3s" } });
  });
  afterAll(async () => await world.stop());

  it("expires: nothing is changed, the card says so, and a late click is told", async () => {
    await world.flink.control.addJob({ name: "expired" });
    const asked = await world.people.change(ANA, "stop expired");
    const card = await asked.headed("Waiting for approval");
    const over = await asked.headed("Expired");
    expect(over.plain).toContain("It was not approved within 3 s");
    expect(await world.people.clickAndHear(BEN, card, "Approve stop", { version: 0 })).toMatch(
      /Too late|expired/u,
    );
    expect(await world.flink.control.effects()).toEqual([]);
    const ping = await world.driver.waitForReply(ANA, over, (m) => m.plain.includes("not approved within"));
    expect(ping.plain).toContain("@Ana");
    // whoever presses it asks, with their own rights
    expect(await world.people.clickAndHear(DORA, ping, "Ask again")).toContain("You are not allowed to");
    await world.driver.click(BEN, ping, "Ask again");
    const again = await world.driver.waitForReply(ANA, over, (m) =>
      m.plain.includes(`Reason: ${asked.reason}`),
    );
    expect(again.plain).toMatch(/requested by @?ben/iu);
    await world.driver.waitForReply(ANA, over, (m) => m.ts === again.ts && m.plain.includes("Expired"));
    await judge(world);
  });
});
