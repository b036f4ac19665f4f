import { afterAll, beforeAll, expect, it } from "vitest";
import type { SeenMessage } from "../../playground/slack/driver.ts";
import {
  ANA,
  APPROVERS,
  BEN,
  CEM,
  DORA,
  FLINK_OPS,
  INCIDENT,
  OPERATORS,
  RANDOM,
} from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { addKnownJob } from "../harness/known-job.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import type { Asked } from "../harness/people.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

const POLICY = {
  people: { operate: { groups: [OPERATORS] }, approve: { groups: [APPROVERS] } },
  rules: [
    { name: "view", classes: ["view"], allow: true },
    { name: "locks", classes: ["lock"], ask: ["operate"], allow: true },
    { name: "destructive", classes: ["destructive"], ask: ["operate"], approve: [{ from: ["approve"] }] },
    { name: "operate", classes: ["operate"], ask: ["operate"], allow: true },
  ],
  freezes: [{ name: "year end", from: "2020-01-01T00:00", until: "2099-01-01T00:00", zone: "UTC" }],
  breakGlass: [
    { name: "brakes", people: ["operate"], operations: ["stop"], review: ["approve"], announce: INCIDENT },
    // flinkops is not in this channel
    { name: "unheard", people: ["operate"], operations: ["cancel"], review: ["approve"], announce: RANDOM },
  ],
};

suite("break-glass runs at once where it is announced, and is reviewed by someone else", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ policy: POLICY });
  });
  afterAll(async () => await world.stop());

  const effectsOf = async (jobId: string) =>
    (await world.flink.control.effects()).filter((e) => e.jobId === jobId);
  const glass = async (what: string, reason: string): Promise<Asked> => {
    const typed = await world.people.type(ANA, `${what} --break-glass "${reason}"`);
    return world.people.watch(ANA, reason, typed);
  };
  /** Presses Review until its form is open: Slack allows few look-ups a minute. */
  const openReview = async (user: string, card: SeenMessage) => {
    await world.driver.click(user, card, "break-glass.review");
    return await world.driver.waitForModal(user, () => true, { timeoutMs: 20_000 });
  };

  it("while a freeze and a lock hold; its audit entries tell everything in order", async () => {
    const jobId = await addKnownJob(world, "stuck");
    await world.people.type(CEM, "lock stuck looking for the leak");
    await world.driver.waitForMessage(ANA, FLINK_OPS, (m) => m.plain.includes("stuck is locked until"));
    const refused = await world.people.ask(ANA, "stop stuck");
    expect(refused.plain).toMatch(/is locked by @?Cem/iu);
    expect(refused.plain).toContain("--break-glass");
    expect(await effectsOf(jobId)).toEqual([]);

    const asked = await glass("stop stuck", "pager, sink is stuck");
    const over = await asked.outcome();
    expect(headOf(over)).toContain("✅");
    expect(over.plain).toMatch(/Break-glass: without approval, to be reviewed by @flink-approvers/u);
    const copy = await world.driver.waitForMessage(
      BEN,
      INCIDENT,
      (m) => m.plain.includes("pager, sink is stuck") && headOf(m).includes("✅"),
    );
    const announced = await world.driver.waitForReply(BEN, copy, (m) => m.plain.includes("Break-glass by"));
    expect(announced.plain).toMatch(
      /^@flink-approvers 🚨 Break-glass by @?Ana, without approval: .*stuck.*, reason: pager, sink is stuck\./iu,
    );
    const [stop] = await effectsOf(jobId);
    expect(stop?.do).toBe("stop");
    expect(Number(announced.ts) * 1000).toBeLessThanOrEqual(stop?.at ?? 0);
    await world.driver.waitForReply(BEN, copy, (m) => m.plain.includes("Review needed from"));

    expect((await world.people.ask(ANA, "requests --unreviewed")).plain).toContain("to be reviewed");
    await world.flink.control.addJob({ name: "second" });
    const again = await world.people.ask(ANA, 'stop second --break-glass "once more"');
    expect(again.plain).toContain("which nobody has reviewed yet");
    const hear = async (user: string) => await world.people.clickAndHear(user, over, "break-glass.review");
    expect(await hear(ANA)).toContain("someone else must review it");
    expect(await hear(DORA)).toContain("You are not allowed to review this.");

    await openReview(BEN, copy);
    const words = { "Was it justified?": "Yes, justified", Why: "nobody else was awake" };
    expect(await world.driver.submitModal(BEN, words)).toMatchObject({ closed: true });
    await world.driver.waitForReply(BEN, copy, (m) =>
      m.plain.includes("as justified: nobody else was awake"),
    );
    const reviewed = await asked.outcome();
    const seen = await world.driver.waitForMessage(ANA, FLINK_OPS, (m) =>
      m.plain.includes("as justified: nobody else was awake"),
    );
    expect(seen.ts).toBe(reviewed.ts);
    expect(seen.controls.map((c) => c.label)).not.toContain("Review");

    const entries = await world.stored.audit(await asked.id());
    const told = entries.filter((e) => e.event !== "click refused");
    expect(told.map((e) => e.event)).toEqual(["asked", "calling", "called", "passed", "ended", "reviewed"]);
    expect(told[0]?.detail).toMatchObject({ rule: "break-glass brakes", approval: null });
    expect(told.at(-1)).toMatchObject({
      actor: BEN,
      detail: { justified: true, why: "nobody else was awake", in: ["approve"] },
    });
    expect((await world.people.ask(ANA, "requests --unreviewed")).plain).not.toContain("stuck");
    await world.people.type(CEM, "unlock stuck");
  });

  it("not at all where it cannot be announced", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "unheard" });
    const asked = await glass("cancel unheard", "nobody hears it");
    const over = await asked.headed("Void");
    expect(over.plain).toContain("break-glass is announced before it starts");
    expect(await effectsOf(jobId)).toEqual([]);
  });

  it("leaves nothing open", async () => await judge(world));
});
