import { expect, it } from "vitest";
import { createPauses } from "../../src/job-cache/pauses.ts";
import { settle, SteppedClock } from "../fakes/clock.ts";

/** A loop with these pauses, and when it had a turn. */
function aLoop() {
  const clock = new SteppedClock();
  const stop = new AbortController();
  const pauses = createPauses({ leastMs: 100, mostMs: 500 }, { clock, signal: stop.signal });
  const turns: number[] = [];
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      turns.push(clock.monotonic());
      await pauses.next();
    }
  };
  return { clock, pauses, turns, stop, ended: run() };
}

it("has a turn every so often, and another one at once after a hint", async () => {
  const { clock, pauses, turns } = aLoop();
  await clock.advance(1200);
  expect(turns).toEqual([0, 500, 1000]);
  pauses.hint();
  await clock.advance(300);
  expect(turns).toEqual([0, 500, 1000, 1200]);
  await clock.advance(500);
  expect(turns.at(-1)).toBe(1700);
});

it("has no more turns than one in 100 ms, however many hints there are", async () => {
  const { clock, pauses, turns } = aLoop();
  for (let ms = 0; ms < 1000; ms += 1) {
    for (let n = 0; n < 10; n += 1) pauses.hint();
    await clock.advance(1);
  }
  expect(turns).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
});

it("does not forget a hint that comes just after a turn", async () => {
  const { clock, pauses, turns } = aLoop();
  await clock.advance(501);
  pauses.hint();
  await clock.advance(600);
  expect(turns).toEqual([0, 500, 600, 1100]);
});

it("ends at once when the loop is stopped", async () => {
  for (const ms of [50, 300]) {
    const { clock, turns, stop, ended } = aLoop();
    await clock.advance(ms);
    stop.abort();
    await settle();
    await ended;
    expect(turns).toEqual([0]);
  }
});
