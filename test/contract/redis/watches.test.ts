import { afterEach, beforeEach, expect, it } from "vitest";
import { until } from "../../../playground/processes.ts";
import { ownRedis } from "../../harness/own-redis.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { createLog } from "../../../src/platform/log.ts";
import { operations } from "../../../src/operations/index.ts";
import { lanesOf } from "../../../src/queue/lanes.ts";
import { createQueues, type Queues } from "../../../src/queue/queues.ts";
import { createWatches, type Watches } from "../../../src/queue/watches.ts";
import { type RunningWorker, startWorker } from "../../../src/queue/worker.ts";
import { connectRedis, frontOptions } from "../../../src/redis/connect.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { again, done } from "../../../src/requests/ports/engine.ts";
import { aSeal } from "../../fakes/seal.ts";
import { anIntake } from "../../requests/an-engine.ts";

const keys = keysUnder("{test}");
const seal = aSeal();
const ID = "r-watched";
const intake = anIntake({ requestId: ID, operation: "savepoint", args: { job: "orders" } });
/** In progress for so long that no step of it would come soon. */
const LONG_MS = 3_600_000;

const { server } = await ownRedis();
let queues: Queues;
let isInProgress: boolean;
/** Which worker has run each step, which has asked Flink, and how many steps there are at the same time. */
let steps: string[];
let asked: string[];
let [running, most, ended] = [0, 0, 0];
const closing: { close(): void | Promise<void> }[] = [];

beforeEach(async () => {
  [isInProgress, steps, asked, running, most, ended] = [true, [], [], 0, 0, 0];
  const client = connectRedis(frontOptions(server), () => undefined);
  await until("connected", () => Promise.resolve(client.status === "ready" ? true : null));
  const { prefix } = keys;
  const zones = ["a"];
  queues = createQueues({
    client,
    prefix,
    seal,
    zones,
    laneOf: lanesOf(operations),
    onError: () => undefined,
  });
  closing.push({ close: () => client.disconnect() }, queues);
});
afterEach(async () => {
  for (const one of closing.splice(0).toReversed()) await one.close();
});

/** A worker that waits for the end of one operation of Flink. */
function worker(name: string, ageMs = LONG_MS): { watches: Watches; worker: RunningWorker } {
  const watches = createWatches({
    isInProgress: () => Promise.resolve(asked.push(name) > 0 && isInProgress),
    wake: async (one) => await queues.wake("a", one),
    timings: { pollMin: 20, pollMax: 20, parkSlice: 15_000 },
    clock: systemClock,
  });
  const operation = { kind: "savepoint", jobId: "j", triggerId: "t" } as const;
  const watched = { cluster: "prod", until: operation, ageMs, atMostMs: LONG_MS };
  const one = startWorker({
    at: server,
    prefix: keys.prefix,
    seal,
    lane: "changes",
    zone: "a",
    concurrency: 5,
    lock: 30_000,
    stalled: 5000,
    log: createLog("silent"),
    clock: systemClock,
    onError: () => undefined,
    watches,
    async step() {
      steps.push(name);
      running += 1;
      most = Math.max(most, running);
      await systemClock.sleep(20);
      running -= 1;
      if (isInProgress) return { ...again(20), watched };
      ended += 1;
      return done;
    },
  });
  closing.push(one);
  return { watches, worker: one };
}
const seen = async (what: string, is: () => boolean): Promise<true> =>
  await until(what, () => Promise.resolve(is() ? true : null));

it("the next step of a parked request is run once Flink has finished, long before its time", async () => {
  const { watches } = worker("one");
  await queues.add("a", intake);
  await seen("Flink is asked", () => asked.length > 5);
  expect(steps).toEqual(["one"]);
  isInProgress = false;
  await seen("it has ended", () => ended > 0);
  expect(steps).toEqual(["one", "one"]);
  expect(watches.size()).toBe(0);
});

it("a young one is waited for in place", async () => {
  worker("one", 0);
  await queues.add("a", intake);
  await seen("Flink is asked", () => asked.length > 3);
  expect(await queues.ensure("a", intake)).toBe("live");
  isInProgress = false;
  await seen("it has ended", () => ended > 0);
  expect(steps).toEqual(["one", "one"]);
});

it("a worker that watches what another has taken wakes it in vain, and it ends once", async () => {
  const first = worker("one");
  await queues.add("a", intake);
  await seen("it is parked", () => asked.length > 0);
  // it takes nothing more, and still watches
  await first.worker.close();
  const second = worker("two");
  await queues.wake("a", intake);
  await seen("both watch", () => new Set(asked).size === 2 && steps.length === 2);
  expect(first.watches.size() + second.watches.size()).toBe(2);
  isInProgress = false;
  await seen("it has ended", () => ended > 0);
  await seen("nobody watches", () => first.watches.size() + second.watches.size() === 0);
  // longer than a wake-up call tries
  await systemClock.sleep(500);
  expect(steps).toEqual(["one", "two", "two"]);
  expect([most, ended]).toEqual([1, 1]);
});

it("a worker that stops hands over what it watches at once", async () => {
  const first = worker("one");
  await queues.add("a", intake);
  await seen("it is parked", () => asked.length > 0);
  worker("two");
  const closed = first.worker.close();
  await first.watches.close();
  await closed;
  await seen("the other has run a step and watches", () => asked.includes("two"));
  expect(steps).toEqual(["one", "two"]);
});
