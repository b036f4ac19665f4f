import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../../playground/processes.ts";
import { type PrivateRedis, startRedis } from "../../../playground/redis.ts";
import { RedisUnavailable } from "../../../src/model/errors.ts";
import { operations } from "../../../src/operations/index.ts";
import { lanesOf } from "../../../src/queue/lanes.ts";
import { createQueues } from "../../../src/queue/queues.ts";
import {
  backOptions,
  connectRedis,
  frontOptions,
  type RedisClient,
  waitingOptions,
} from "../../../src/redis/connect.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { createReplication } from "../../../src/redis/replication.ts";
import { createStore } from "../../../src/requests/record/store.ts";
import { anIntake } from "../../requests/an-engine.ts";
import { aRecord } from "../../slack/a-record.ts";
import { aSeal } from "../../fakes/seal.ts";

const keys = keysUnder("{test}");
const seal = aSeal();
let master: PrivateRedis;
let replica: PrivateRedis;
const clients: RedisClient[] = [];
const open = (options: Parameters<typeof connectRedis>[0]): RedisClient => {
  const client = connectRedis(options, () => undefined);
  clients.push(client);
  return client;
};

beforeAll(async () => {
  master = await startRedis();
  replica = await startRedis(["--replicaof", "127.0.0.1", String(master.port)]);
});
afterAll(async () => {
  for (const client of clients) client.disconnect();
  await replica.stop();
  await master.stop();
});

const followed = async ({ url }: PrivateRedis): Promise<void> => {
  const redis = open(backOptions({ url }));
  await until("a replica follows", async () =>
    (await redis.info("replication")).includes("state=online") ? true : null,
  );
};

const maybe = expect.objectContaining({
  code: new RedisUnavailable("", { maybeTaken: true }).code,
  maybeTaken: true,
});

it("confirms a commit and an intake only when the replica has them", async () => {
  const redis = open(backOptions(master));
  const replication = createReplication(open(waitingOptions(master)), keys.written, 1);
  const store = createStore({ redis, keys, seal, replication });
  const queues = createQueues({
    client: open(frontOptions(master)),
    prefix: keys.prefix,
    seal,
    zones: ["a"],
    laneOf: lanesOf(operations),
    onError: () => undefined,
    replication,
  });
  await followed(master);
  const record = aRecord({ id: "r1", askedAt: Date.now() });
  expect(await store.commit([{ rev: 0, next: record }])).toMatchObject({ is: "ok" });
  await queues.add("a", anIntake({ requestId: "r-one" }));

  replica.signal("SIGSTOP");
  try {
    const unsure = await Promise.allSettled([
      store.commit([{ rev: 1, next: record }]),
      queues.add("a", anIntake({ requestId: "r-two" })),
      queues.addAll("a", [anIntake({ requestId: "r-three" }), anIntake({ requestId: "r-four" })]),
    ]);
    for (const one of unsure) expect(one).toEqual({ status: "rejected", reason: maybe });
    // it is there all the same: who tries again finds it
    expect(await store.load("r1")).toMatchObject({ rev: 2 });
  } finally {
    replica.signal("SIGCONT");
  }
  expect(await store.commit([{ rev: 2, next: record }])).toMatchObject({ is: "ok" });
  await queues.close();
});

it("is not confirmed by a master that never saw it, however many replicas that one has", async () => {
  const other = await startRedis();
  const follower = await startRedis(["--replicaof", "127.0.0.1", String(other.port)]);
  try {
    // after a fail-over: the commit went to the old master, and the new one is asked about it
    const replication = createReplication(open(waitingOptions(other)), keys.written, 1);
    await followed(other);
    const store = createStore({ redis: open(backOptions(master)), keys, seal, replication });
    const record = aRecord({ id: "r9", askedAt: Date.now() });
    await expect(store.commit([{ rev: 0, next: record }])).rejects.toEqual(maybe);
  } finally {
    await follower.stop();
    await other.stop();
  }
});
