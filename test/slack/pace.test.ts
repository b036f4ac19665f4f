import { describe, expect, test } from "vitest";
import { SlackUnavailable } from "../../src/errors.ts";
import { inTurn } from "../../src/slack/client.ts";
import { createLocalPace, gcra, rates } from "../../src/slack/pace.ts";
import { systemClock } from "../../src/clock.ts";
import { ManualClock } from "../fakes/clock.ts";

describe("pace", () => {
  test("a burst passes, then one per period", () => {
    let due: number | null = null;
    const waits: number[] = [];
    for (const now of [0, 0, 0, 0, 500, 1000, 1000]) {
      const got = gcra(due, now, rates.post);
      due = got.due;
      waits.push(got.waitMs);
    }
    expect(waits).toEqual([0, 0, 0, 1000, 500, 0, 1000]);
  });
  test("a rest restores the burst and no more", () => {
    expect(gcra(5, 1_000_000, rates.post)).toEqual({ due: 1_001_000, waitMs: 0 });
  });
  test("in any minute the updates stay within Slack's fifty", () => {
    let due: number | null = null;
    let passed = 0;
    for (let now = 0; now < 60_000; now += 100) {
      const got = gcra(due, now, rates.update);
      due = got.due;
      if (got.waitMs === 0) passed += 1;
    }
    expect(passed).toBeLessThanOrEqual(50);
  });
  test("a short wait is waited, a long one is thrown with its length", async () => {
    const clock = new ManualClock();
    const waiting = { pace: createLocalPace(clock), clock };
    const short = { periodMs: 20, burst: 1 };
    await inTurn(waiting, "k", short);
    await inTurn(waiting, "k", short);
    expect(clock.at).toBe(20);
    const long = { periodMs: 60_000, burst: 1 };
    await inTurn(waiting, "long", long);
    const error = await inTurn(waiting, "long", long).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SlackUnavailable);
    expect(error).toMatchObject({ retryAfterMs: 60_000 });
  });
  test("a wait ends when the process stops", async () => {
    const stop = new AbortController();
    const pace = { take: () => Promise.resolve({ waitMs: 1000 }) };
    const waiting = inTurn({ pace, clock: systemClock, signal: stop.signal }, "k", rates.post);
    stop.abort();
    await expect(waiting).rejects.toThrow("stopping");
  });
});
