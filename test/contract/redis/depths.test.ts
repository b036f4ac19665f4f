import { afterEach, beforeEach, expect, it } from "vitest";
import { until } from "../../../playground/processes.ts";
import { operations } from "../../../src/operations/index.ts";
import { readDepths } from "../../../src/queue/depths.ts";
import { lanesOf } from "../../../src/queue/lanes.ts";
import { createQueues, type Queues } from "../../../src/queue/queues.ts";
import { startWorker } from "../../../src/queue/worker.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { createLog } from "../../../src/platform/log.ts";
import { connectRedis, frontOptions, type RedisClient } from "../../../src/redis/connect.ts";
import { again } from "../../../src/requests/ports/engine.ts";
import { UNWATCHED } from "../../fakes/watches.ts";
import { aSeal } from "../../fakes/seal.ts";
import { ownRedis } from "../../harness/own-redis.ts";
import { anIntake } from "../../requests/an-engine.ts";

const { server, redis } = await ownRedis();
const seal = aSeal();
const where = { prefix: "{test}", zones: ["east", "west"] };
let client: RedisClient;
let queues: Queues;

beforeEach(async () => {
  client = connectRedis(frontOptions(server), () => undefined);
  await until("connected", () => Promise.resolve(client.status === "ready" ? true : null));
  queues = createQueues({ ...where, client, seal, laneOf: lanesOf(operations), onError: () => undefined });
});
afterEach(async () => {
  await queues.close();
  client.disconnect();
});

const depthOf = async (zone: string, lane: string) =>
  (await readDepths(redis, where)).find((one) => one.zone === zone && one.lane === lane);
const nothing = { waiting: 0, active: 0, delayed: 0, oldestMs: null };

it("every queue is empty at first", async () => {
  const depths = await readDepths(redis, where);
  expect(depths).toHaveLength(8);
  for (const depth of depths) expect(depth).toMatchObject(nothing);
});

it("what waits for a worker is counted in its zone and lane, with the age of the oldest", async () => {
  await queues.add("west", anIntake({ requestId: "r1", operation: "savepoint" }));
  await systemClock.sleep(40);
  await queues.add("west", anIntake({ requestId: "r2", operation: "savepoint" }));
  const depth = await depthOf("west", "changes");
  expect(depth).toMatchObject({ waiting: 2, active: 0, delayed: 0 });
  expect(depth?.oldestMs).toBeGreaterThanOrEqual(40);
  expect(await depthOf("west", "reads")).toMatchObject(nothing);
  expect(await depthOf("east", "changes")).toMatchObject(nothing);
});

it("what a worker has parked is delayed, and waits for none", async () => {
  await queues.add("east", anIntake({ requestId: "r1", operation: "savepoint" }));
  const worker = startWorker({
    watches: UNWATCHED,
    at: server,
    prefix: where.prefix,
    seal,
    zone: "east",
    lane: "changes",
    concurrency: 1,
    lock: 30_000,
    stalled: 5000,
    log: createLog("silent"),
    clock: systemClock,
    onError: () => undefined,
    step: async () => await Promise.resolve(again(60_000)),
  });
  try {
    await until("it is parked", async () =>
      (await depthOf("east", "changes"))?.delayed === 1 ? true : null,
    );
    expect(await depthOf("east", "changes")).toMatchObject({ waiting: 0, active: 0, oldestMs: null });
  } finally {
    await worker.close();
  }
});
