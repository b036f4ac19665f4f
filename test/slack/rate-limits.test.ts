import { describe, expect, test } from "vitest";
import { lanes } from "../../src/requests/ports/conversation.ts";
import { createLocalLimiter, rates, turnOf, withLocalLimiter } from "../../src/slack/rate-limits.ts";
import { ManualClock } from "../fakes/clock.ts";
import { gcra } from "../fakes/gcra.ts";

describe("pace", () => {
  test("a burst passes, then one per period", () => {
    let due: number | null = null;
    const waits: number[] = [];
    for (const now of [0, 0, 0, 0, 500, 1000, 1000]) {
      const got = gcra(due, now, turnOf(rates.post, "brake"));
      due = got.due;
      waits.push(got.waitMs);
    }
    expect(waits).toEqual([0, 0, 0, 1000, 500, 0, 1000]);
  });
  test("a rest restores the burst and no more", () => {
    expect(gcra(5, 1_000_000, turnOf(rates.post, "brake"))).toEqual({ due: 1_001_000, waitMs: 0 });
  });
  test.each([
    ["chat.update", rates.update, 50],
    ["users.info", rates.account, 100],
    // the burst on top, which Slack allows now and then
    ["usergroups.users.list", rates.group, 20 + rates.group.burst],
    ["conversations.info", rates.channel, 50],
    ["chat.postEphemeral", rates.ephemeral, 100],
  ])("in any minute %s stays within what Slack allows", (_, rate, most) => {
    let due: number | null = null;
    let passed = 0;
    for (let now = 0; now < 60_000; now += 100) {
      const got = gcra(due, now, turnOf(rate, "brake"));
      due = got.due;
      if (got.waitMs === 0) passed += 1;
    }
    expect(passed).toBeLessThanOrEqual(most);
  });
  test.each(lanes.slice(1).map((lane, i) => [lane, lanes[i] ?? "brake"] as const))(
    "whatever %s uses up, %s waits less than a period for its turn",
    (low, high) => {
      let due: number | null = null;
      for (let i = 0; i < 50; i += 1) due = gcra(due, 0, turnOf(rates.post, low)).due;
      const { waitMs } = gcra(due, 0, turnOf(rates.post, high));
      expect(waitMs).toBeLessThan(rates.post.periodMs);
      expect(waitMs).toBeLessThan(gcra(due, 0, turnOf(rates.post, low)).waitMs);
    },
  );
  test("without Redis a burst passes, then no more in its time, and what is urgent keeps its share", async () => {
    const clock = new ManualClock();
    const limiter = createLocalLimiter(clock);
    const [urgent, low] = [turnOf(rates.post, "brake"), turnOf(rates.post, "followUp")];
    const take = async (turn: typeof urgent) => (await limiter.take("k", turn)).waitMs;
    expect([await take(low), await take(low)]).toEqual([0, 1000]);
    expect([await take(urgent), await take(urgent), await take(urgent)]).toEqual([0, 0, 3000]);
    clock.at += 3000;
    expect(await take(low)).toBe(0);
  });
  test("without Redis each process keeps a pace of its own", async () => {
    const limiter = withLocalLimiter({ take: () => Promise.reject(new Error("Connection is closed.")) });
    const turn = { periodMs: 60_000, toleranceMs: 0 };
    expect((await limiter.take("k", turn)).waitMs).toBe(0);
    expect((await limiter.take("k", turn)).waitMs).toBeGreaterThan(59_000);
  });
});
