import { AsyncLocalStorage } from "node:async_hooks";
import { beforeEach, describe, expect, it } from "vitest";
import { FlinkBusy, FlinkUnreachable } from "../../src/model/errors.ts";
import type { AsyncOperation } from "../../src/model/flink-reads.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { createWatches, type Watches } from "../../src/queue/watches.ts";
import type { Watched } from "../../src/requests/ports/engine.ts";
import { settle, SteppedClock } from "../fakes/clock.ts";
import { anIntake } from "../requests/an-engine.ts";

type Answer = boolean | Error;

let clock: SteppedClock;
let watches: Watches;
let woken: string[];
/** What was asked, and when. */
let asked: { id: string; at: number }[];
/** How many questions to a cluster are not answered yet, and the most there ever were. */
let open: number;
let most: number;
/** What Flink says of an operation; in progress without an entry. */
let answers: Map<string, Answer>;
/** How long Flink takes to answer, ms. */
let latency: number;

beforeEach(() => {
  clock = new SteppedClock();
  [woken, asked, answers, open, most, latency] = [[], [], new Map(), 0, 0, 0];
  watches = createWatches({
    async isInProgress(_cluster, { triggerId }: AsyncOperation) {
      asked.push({ id: triggerId, at: clock.at });
      open += 1;
      most = Math.max(most, open);
      if (latency > 0) await clock.sleep(latency);
      open -= 1;
      const answer = answers.get(triggerId) ?? true;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    wake: ({ requestId }) => Promise.resolve(void woken.push(requestId)),
    timings: { pollMin: 50, pollMax: 5000, parkSlice: 15_000 },
    clock,
  });
});

const of = (triggerId: string, change: Partial<Watched> = {}): Watched => ({
  cluster: "prod",
  until: { kind: "savepoint", jobId: "j", triggerId },
  ageMs: 0,
  atMostMs: 300_000,
  ...change,
});
const park = (id: string, change: Partial<Watched> = {}, ms = 15_000): void =>
  watches.park(anIntake({ requestId: id }), of(id, change), ms);

const stepMs = (inMs: number, watched?: Watched): number =>
  watches.stepMs({ is: "again", inMs, ...(watched === undefined ? {} : { watched }) });

describe("a watched request", () => {
  it("is asked about after a quarter of its age, and woken once it is over", async () => {
    park("r1", { ageMs: 4000 });
    await clock.advance(2300);
    expect(asked.map(({ at }) => at)).toEqual([1000, 2250]);
    expect(woken).toEqual([]);
    answers.set("r1", false);
    await clock.advance(60_000);
    expect(asked).toHaveLength(3);
    expect(woken).toEqual(["r1"]);
    expect(watches.size()).toBe(0);
  });

  it("is asked about no more often than pollMin and no more seldom than pollMax", async () => {
    park("young");
    await clock.advance(160);
    expect(asked.map(({ at }) => at)).toEqual([50, 100, 150]);
    watches.forget("young");
    asked = [];
    park("old", { ageMs: 3_600_000 }, 60_000);
    await clock.advance(15_500);
    expect(asked.map(({ at }) => at - 160)).toEqual([5000, 10_000, 15_000]);
  });

  it("is forgotten soon after the time of its own step, which another process may have taken", async () => {
    park("r1", { ageMs: 3_600_000 });
    await clock.advance(60_000);
    // a little longer than it is parked, because its step may have to wait for its turn
    expect(asked.map(({ at }) => at)).toEqual([5000, 10_000, 15_000]);
    expect(woken).toEqual([]);
    expect(watches.size()).toBe(0);
  });

  it("is forgotten when a step of it is run before, even while Flink is asked", async () => {
    latency = 100;
    answers.set("r1", false);
    park("r1", { ageMs: 4000 });
    await clock.advance(1050);
    expect(asked).toHaveLength(1);
    watches.forget("r1");
    await clock.advance(60_000);
    expect(woken).toEqual([]);
    expect(watches.size()).toBe(0);
  });

  it("is watched once: what is watched later counts", async () => {
    park("r1", { ageMs: 4000 });
    watches.park(anIntake({ requestId: "r1" }), of("again", { ageMs: 4000 }), 15_000);
    await clock.advance(1100);
    expect(asked.map(({ id }) => id)).toEqual(["again"]);
    expect(watches.size()).toBe(1);
  });

  it("is woken if Flink does not answer, so that the step can say so", async () => {
    answers.set("r1", new FlinkUnreachable("connect ECONNREFUSED", "no"));
    park("r1", { ageMs: 4000 });
    await clock.advance(1100);
    expect(woken).toEqual(["r1"]);
  });

  it("is not woken if no connection was free, because that says nothing of Flink", async () => {
    answers.set("r1", new FlinkBusy("no connection was free"));
    park("r1", { ageMs: 4000 });
    await clock.advance(3000);
    expect(asked.length).toBeGreaterThan(1);
    expect(woken).toEqual([]);
    expect(watches.size()).toBe(1);
  });

  it("is asked about outside of the step that parked it, so that no trace of one has it", async () => {
    const step = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    await new Promise<void>((over) => {
      const own = createWatches({
        isInProgress: () => Promise.resolve(seen.push(step.getStore()) < 2),
        wake: () => Promise.resolve(over()),
        timings: { pollMin: 1, pollMax: 1, parkSlice: 15_000 },
        clock: systemClock,
      });
      step.run("the step", () => own.park(anIntake(), of("r1"), 60_000));
    });
    expect(seen).toEqual([undefined, undefined]);
  });
});

describe("many watched requests", () => {
  it("ask a cluster four questions at a time, in the order in which they are due", async () => {
    latency = 10;
    for (let i = 0; i < 20; i += 1) park(`r${i}`, { ageMs: 3_600_000 }, 60_000);
    await clock.advance(5000 + 20 * 10);
    expect(most).toBe(4);
    expect(asked.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, i) => `r${i}`));
  });

  it("do not wait for another cluster that is slow", async () => {
    latency = 30_000;
    for (let i = 0; i < 6; i += 1) park(`r${i}`, { ageMs: 3_600_000 }, 60_000);
    park("other", { ageMs: 3_600_000, cluster: "dev" }, 60_000);
    await clock.advance(5001);
    expect(asked.map(({ id }) => id)).toContain("other");
    expect(asked).toHaveLength(5);
  });

  it("whose own step has come while the cluster was slow are not asked about", async () => {
    latency = 20_000;
    for (let i = 0; i < 6; i += 1) park(`r${i}`, { ageMs: 3_600_000 });
    await clock.advance(60_000);
    expect(asked.map(({ id }) => id)).toEqual(["r0", "r1", "r2", "r3"]);
    expect(watches.size()).toBe(0);
  });
});

describe("the next step of a watched request", () => {
  it("shows how far it is after a quarter of its age, within bounds", () => {
    expect([0, 8000, 3_600_000].map((ageMs) => stepMs(50, of("r", { ageMs })))).toEqual([1000, 2000, 15_000]);
  });

  it("comes at its own time where nothing is watched, and at once where it is to", () => {
    expect(stepMs(50)).toBe(50);
    expect(stepMs(0)).toBe(0);
  });

  it("comes no later than a deadline of its phase, and no sooner than without watching", () => {
    expect(stepMs(50, of("r", { ageMs: 3_600_000, atMostMs: 700 }))).toBe(700);
    expect(stepMs(3_600_000, of("r"))).toBe(3_600_000);
  });

  it("comes one after the other where there are many, and within a minute", () => {
    const old = of("r", { ageMs: 3_600_000 });
    const planned = Array.from({ length: 20_000 }, (_, i) => {
      park(`r${i}`);
      return Math.round(stepMs(5000, old));
    });
    expect([planned[0], planned[1000], planned.at(-1)]).toEqual([15_000, 15_000, 60_000]);
    const between = planned.filter((ms) => ms > 15_000 && ms < 60_000);
    expect(between.length).toBeGreaterThan(7000);
    expect(new Set(between).size).toBe(between.length);
    // those that have ended leave no gap behind
    for (let i = 10; i < 20_000; i += 1) watches.forget(`r${i}`);
    expect(stepMs(5000, old)).toBe(15_000);
    expect(stepMs(50, of("r"))).toBe(1000);
  });
});

describe("waiting in place", () => {
  it("ends as soon as it is over", async () => {
    let at: number | null = null;
    void watches.wait("r1", of("r1"), 1000).then(() => (at = clock.at));
    await clock.advance(120);
    answers.set("r1", false);
    await clock.advance(1000);
    expect(at).toBe(150);
    expect(woken).toEqual([]);
    expect(watches.size()).toBe(0);
  });

  it("ends at its time otherwise, and nothing is watched any more", async () => {
    let at: number | null = null;
    void watches.wait("r1", of("r1"), 1000).then(() => (at = clock.at));
    await clock.advance(5000);
    expect(at).toBe(1000);
    expect(watches.size()).toBe(0);
  });
});

it("hands over when it closes: who waits continues, and what is parked is woken", async () => {
  let isOver = false;
  void watches.wait("r1", of("r1"), 1000).then(() => (isOver = true));
  park("r2");
  await watches.close();
  await settle();
  expect(isOver).toBe(true);
  expect(woken).toEqual(["r2"]);
  await clock.advance(60_000);
  expect(asked).toEqual([]);
});
