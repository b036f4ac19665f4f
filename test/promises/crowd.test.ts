import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN, CEM, DORA, GIL } from "../../playground/slack/workspace-seed.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

// a world of its own: Slack allows few look-ups a minute, and a crowd needs them all
suite("a crowd in front of one card", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(async () => await world.stop());

  it("takes fifty clicks in the same instant as one decision and one effect, and answers every other", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "crowd" });
    const asked = await world.people.change(ANA, "stop crowd");
    const card = await asked.headed("Waiting for approval");
    const people = [ANA, BEN, CEM, DORA, GIL];
    const deniers = [BEN, CEM];
    for (const user of deniers) {
      await world.people.openDenial(user, card);
    }
    const clicks = Array.from({ length: 48 }, async (_, i) => {
      const user = people[i % people.length] ?? ANA;
      // whoever may not deny is told at once
      const mayDeny = deniers.includes(user);
      return await world.driver.click(user, card, i % 7 === 1 && !mayDeny ? "Deny" : "Approve stop", {
        version: 0,
      });
    });
    const denials = deniers.map(async (user) => await world.driver.submitModal(user, { reason: "no" }));
    const acks = await Promise.all([...clicks, ...denials]);
    expect(acks.filter((ack) => ack.error !== null)).toEqual([]);
    await asked.outcome();
    const entries = await world.stored.audit(await asked.id());
    const decided = entries.filter((e) => e.event === "approved" || e.event === "denied");
    expect(decided).toHaveLength(1);
    expect([BEN, CEM]).toContain(decided[0]?.actor);
    const effects = (await world.flink.control.effects()).filter((e) => e.jobId === jobId);
    expect(effects.map((e) => e.do)).toEqual(decided[0]?.event === "approved" ? ["stop"] : []);
    // 49 people in front of a screen are told why theirs did not count; nine of the clicks are Dora's
    await world.driver.waitFor(DORA, (seen) => {
      const told = seen.channels.flatMap((c) => c.messages).flatMap((m) => [m, ...m.replies]);
      return (
        told.filter((m) => m.ephemeral && m.plain.includes("You are not allowed to approve this")).length >= 9
      );
    });
    const counts = await until("all of them are counted", async () => {
      const found = await world.stored.refused(await asked.id());
      return found.reduce((a, b) => a + b, 0) === 49 ? found : null;
    });
    // each person's first of a kind is told in full
    expect(
      (await world.stored.audit(await asked.id())).filter((e) => e.event === "click refused"),
    ).toHaveLength(counts.length);
  });
});
