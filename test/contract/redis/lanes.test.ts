import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../../playground/processes.ts";
import { ownRedis } from "../../harness/own-redis.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { createLog } from "../../../src/platform/log.ts";
import { operations } from "../../../src/operations/index.ts";
import { liveWorkers, startBeats } from "../../../src/queue/beats.ts";
import { type Lane, LANES, lanesOf } from "../../../src/queue/lanes.ts";
import { createQueues, type Queues } from "../../../src/queue/queues.ts";
import { startSweeper } from "../../../src/queue/sweep.ts";
import { createUnbegun } from "../../../src/queue/unbegun.ts";
import { type RunningWorker, startWorker, type WorkerOptions } from "../../../src/queue/worker.ts";
import { inZone } from "../../../src/queue/zones.ts";
import { connectRedis, frontOptions } from "../../../src/redis/connect.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { again, done } from "../../../src/requests/ports/engine.ts";
import type { Intake } from "../../../src/requests/record/record.ts";
import { createStore, type Store } from "../../../src/requests/record/store.ts";
import { createRequestSummaries } from "../../../src/requests/record/summaries.ts";
import { anIntake } from "../../requests/an-engine.ts";
import { aRecord } from "../../slack/a-record.ts";
import { UNWATCHED } from "../../fakes/watches.ts";
import { aSeal } from "../../fakes/seal.ts";

const keys = keysUnder("{test}");
const seal = aSeal();
const log = createLog("silent");
const laneOf = lanesOf(operations);
const { server, redis } = await ownRedis();
let queues: Queues;
let store: Store;
const closing: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  const client = connectRedis(frontOptions(server), () => undefined);
  await until("connected", () => Promise.resolve(client.status === "ready" ? true : null));
  queues = createQueues({
    client,
    prefix: keys.prefix,
    seal,
    zones: ["a", "b"],
    laneOf,
    onError: () => undefined,
  });
  store = createStore({ redis, keys, seal });
  closing.push({ close: async () => await Promise.resolve(client.disconnect()) }, queues);
});
afterEach(async () => {
  for (const one of closing.splice(0).toReversed()) await one.close();
});

const work = (
  lane: Lane,
  step: WorkerOptions["step"],
  change: Partial<WorkerOptions> = {},
): RunningWorker => {
  const worker = startWorker({
    watches: UNWATCHED,
    at: server,
    prefix: keys.prefix,
    seal,
    lane,
    zone: "a",
    concurrency: 5,
    lock: 30_000,
    stalled: 5000,
    log,
    clock: systemClock,
    onError: () => undefined,
    step,
    ...change,
  });
  closing.push(worker);
  return worker;
};
const cancel = (requestId: string, change: Partial<Intake> = {}): Intake =>
  anIntake({ requestId, operation: "cancel", args: { job: "orders", withSavepoint: false }, ...change });
const savepoint = (requestId: string, change: Partial<Intake> = {}): Intake =>
  anIntake({ requestId, operation: "savepoint", args: { job: "orders" }, ...change });
const queued = async (name: string, id: string): Promise<boolean> =>
  (await redis.exists(`${keys.prefix}:${name}:${id}`)) === 1;

describe("a brake", () => {
  it("is told from other changes by its row", () => {
    expect(laneOf(cancel("r"))).toBe("brakes");
    expect(laneOf(cancel("r", { args: { job: "orders", withSavepoint: true } }))).toBe("changes");
    expect(laneOf(savepoint("r"))).toBe("changes");
    expect(laneOf(anIntake({ operation: "status" }))).toBe("reads");
    expect(laneOf(anIntake({ operation: "of-another-version" }))).toBe("changes");
  });

  it("is begun at once while every slot for changes is taken", async () => {
    const slots: (() => void)[] = [];
    work("changes", async () => {
      await new Promise<void>((resolve) => slots.push(resolve));
      return done;
    });
    const begun: string[] = [];
    work("brakes", (intake) => Promise.resolve(void begun.push(intake.requestId)).then(() => done));
    try {
      await queues.addAll(
        "a",
        Array.from({ length: 60 }, (_, i) => savepoint(`r-slow-${i}`)),
      );
      await until("all slots are taken", () => Promise.resolve(slots.length === 5 ? true : null));
      await queues.add("a", cancel("r-brake"));
      await until("it is begun", () => Promise.resolve(begun.length > 0 ? true : null), 1000);
      expect(begun).toEqual(["r-brake"]);
      expect(slots).toHaveLength(5);
    } finally {
      await redis.del(`${keys.prefix}:changes-a:wait`);
      for (const free of slots) free();
    }
  });

  it("is found, woken and kept alive wherever an older version put it", async () => {
    const old = cancel("r-old");
    // a version without the lane knew two of them
    const before = createQueues({
      client: redis,
      prefix: keys.prefix,
      seal,
      zones: ["a"],
      laneOf: (intake) => (laneOf(intake) === "reads" ? "reads" : "changes"),
      onError: () => undefined,
    });
    await before.add("a", old);
    let steps = 0;
    work("changes", () => Promise.resolve(++steps > 1 ? done : again(60_000)));
    await until("it is parked", () => Promise.resolve(steps === 1 ? true : null));
    expect(await queues.has("a", ["r-old"])).toBe(true);
    expect(await queues.ensure("a", old)).toBe("live");
    expect(await queued("brakes-a", "r-old")).toBe(false);
    await queues.wake("a", old);
    await until("it is stepped", () => Promise.resolve(steps === 2 ? true : null), 3000);
  });
});

const record = (id: string, cluster: string) =>
  aRecord({
    id,
    askedAt: Date.now(),
    operation: "savepoint",
    target: { kind: "job", cluster, jobId: "1".repeat(32), name: "orders" },
  });
const zoneOf = (cluster: string): string | null => ({ east: "a", west: "b" })[cluster] ?? null;

describe("a zone", () => {
  it("has a sweeper of its own: that of another zone does not take its turn", async () => {
    await store.commit([{ rev: 0, next: record("r-east", "east") }]);
    await store.commit([{ rev: 0, next: record("r-west", "west") }]);
    for (const zone of ["a", "b"])
      closing.push(
        startSweeper({
          redis,
          keys,
          store,
          queues,
          zones: [zone],
          zoneOf,
          worker: `w-${zone}`,
          every: 60_000,
          log,
          clock: systemClock,
        }),
      );
    await until("both are revived", async () =>
      (await queued("changes-a", "r-east")) && (await queued("changes-b", "r-west")) ? true : null,
    );
    expect(await queued("changes-a", "r-west")).toBe(false);
  });

  it("hands over what a cluster left behind when it moved, and ends only what is in no zone", async () => {
    const stepped: string[] = [];
    const step = inZone("a", { zoneOf, queues, log, clock: systemClock })((intake) =>
      Promise.resolve(void stepped.push(intake.requestId)).then(() => done),
    );
    for (const lane of LANES) work(lane, step);
    // all of them stem from when each cluster was in zone a
    await queues.add("a", savepoint("r-moved", { cluster: "west" }));
    await queues.add("a", cancel("r-brake", { cluster: "west" }));
    await queues.add("a", anIntake({ requestId: "r-read", operation: "status", cluster: "west" }));
    await queues.add("a", savepoint("r-stays", { cluster: "east" }));
    await queues.add("a", savepoint("r-gone", { cluster: "nowhere" }));
    await until("all are handed over", async () => {
      const there = [
        queued("changes-b", "r-moved"),
        queued("brakes-b", "r-brake"),
        queued("reads-b", "r-read"),
      ];
      return (await Promise.all(there)).every(Boolean) && stepped.length === 2 ? true : null;
    });
    expect(stepped.toSorted()).toEqual(["r-gone", "r-stays"]);
  });

  it("gets a request that is woken after its cluster moved there", async () => {
    await queues.wake("b", savepoint("r-approved", { cluster: "west" }));
    expect(await queued("changes-b", "r-approved")).toBe(true);
  });

  it("is known to be served for as long as a worker says so, by Redis's clock", async () => {
    let alive = true;
    const beats = (worker: string, zones: string[]) =>
      startBeats({
        redis,
        keys,
        zones,
        worker,
        alive: () => alive,
        // a worker whose clock is an hour off counts like any other
        clock: { ...systemClock, now: () => systemClock.now() - 3_600_000 },
      });
    const serving = async () => Object.fromEntries(await liveWorkers(redis, keys, ["a", "b", "c"]));
    const [one, two] = [beats("w1", ["a"]), beats("w2", ["a", "b"])];
    await until("both have said so", async () => ((await serving())["a"] === 2 ? true : null));
    expect(await serving()).toEqual({ a: 2, b: 1, c: 0 });
    await two.close();
    expect(await serving()).toEqual({ a: 1, b: 0, c: 0 });
    alive = false;
    await until("it has lapsed", async () => ((await serving())["a"] === 0 ? true : null), 7000);
    await one.close();
    expect(await redis.exists(keys.workers("a"), keys.workers("b"))).toBe(0);
  });
});

describe("requests that no worker has begun", () => {
  it("are listed with the others, and cannot be withdrawn yet", async () => {
    let workers = 0;
    const view = createRequestSummaries({
      keys,
      store,
      unbegun: createUnbegun({ queues, workers: () => Promise.resolve(new Map([["a", workers]])) }),
      linkOf: () => null,
    });
    const listed = async (filter: { actor?: string; job?: string; open?: boolean } = { open: true }) =>
      (await view.recent({ ...filter, most: 20 })).map((r) => `${r.id} ${r.state}`);
    const askedAt = Date.now();
    const began = aRecord({ id: "rbegan1111", askedAt: askedAt - 1000 });
    await store.commit([{ rev: 0, next: began }]);
    await queues.add("a", savepoint("rbegan1111", { askedAt }));
    await queues.add("a", savepoint("rwaits1111", { askedAt }));
    await queues.add("b", cancel("rbrake1111", { askedAt: askedAt + 1, job: "other" }));
    await queues.add("a", anIntake({ requestId: "rlooks1111", operation: "status", askedAt: askedAt + 2 }));
    const waiting = ["rlooks11", "rbrake11", "rwaits11"].map((id) => `${id} waiting for a worker`);
    expect(await listed()).toEqual([...waiting, "rbegan11 waiting for approval"]);
    expect(await listed({})).toEqual([...waiting, "rbegan11 waiting for approval"]);
    expect(await listed({ open: true, job: "other" })).toEqual(["rbrake11 waiting for a worker"]);
    expect(await listed({ open: true, actor: "U0OTHER" })).toEqual([]);
    const found = await view.find("rwaits11");
    expect("refuse" in found && found.refuse).toContainEqual({ code: "rwaits11" });

    // a worker takes them, and dies before it has written anything
    const inHand: (() => void)[] = [];
    const held = new Promise<void>((resolve) => void inHand.push(resolve));
    work("changes", async () => await held.then(() => done));
    await until("it is in hand", async () =>
      (await redis.llen(`${keys.prefix}:changes-a:wait`)) === 0 ? true : null,
    );
    expect(await listed()).toContain("rwaits11 waiting for a worker");
    workers = 1;
    expect(await listed()).toContain("rwaits11 about to begin");
    for (const free of inHand) free();
  });
});
