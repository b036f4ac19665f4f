import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../../playground/processes.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import {
  backOptions,
  connectRedis,
  frontOptions,
  listeningOptions,
  type RedisClient,
  untilReady,
  waitingOptions,
} from "../../../src/redis/connect.ts";
import { listen } from "../../../src/redis/listen.ts";
import { createReplication } from "../../../src/redis/replication.ts";
import { type RedisCluster, startCluster } from "../../harness/redis-cluster.ts";
import { GROUP_PREFIX } from "../../harness/redis-group.ts";

const key = (name: string): string => `${GROUP_PREFIX}:${name}`;
let cluster: RedisCluster;
let front: RedisClient;
let back: RedisClient;
let heard = 0;
const clients: RedisClient[] = [];
const open = (options: Parameters<typeof connectRedis>[0]): RedisClient => {
  const client = connectRedis(options, () => undefined);
  clients.push(client);
  return client;
};

beforeAll(async () => {
  cluster = await startCluster();
  front = open(frontOptions(cluster.at));
  back = open(backOptions(cluster.at));
  for (const one of [front, back]) await untilReady(one, 5000, systemClock);
  listen(open(listeningOptions(cluster.at)), key("channel"), {
    heard: () => (heard += 1),
    refused: (error) => expect.unreachable(error.message),
  });
});
afterAll(async () => {
  for (const client of clients) client.disconnect();
  await cluster.stop();
});

/** Writes until it is taken; resolves to how often it was not. */
async function taken(name: string): Promise<number> {
  let failed = 0;
  await until("a write is taken", async () => {
    const began = performance.now();
    const error: unknown = await front.hset(key(name), "front", "v").then(
      () => null,
      (e: unknown) => e,
    );
    expect(performance.now() - began).toBeLessThan(1000);
    if (error === null) return true;
    failed += 1;
    return null;
  });
  return failed;
}

/** A message of the bot's connection reaches the one that listens. */
const isHeard = async (): Promise<void> => {
  const before = heard;
  await until("a message is heard", async () => {
    await front.publish(key("channel"), "").catch(() => 0);
    return heard > before ? true : null;
  });
};

it("writes to the master of our slot, also in transactions and scripts, and a replica confirms", async () => {
  const home = await cluster.master();
  await front.multi().hset(key("a"), "f", "v").hset(key("b"), "f", "v").exec();
  const words = "redis.call('SET', KEYS[1], 1); redis.call('SET', KEYS[1] .. ':b', 1); return 1";
  expect(await back.eval(words, 1, key("script"))).toBe(1);
  expect((await cluster.admin(home).keys("*")).toSorted()).toEqual(
    ["a", "b", "script", "script:b"].map(key).toSorted(),
  );
  const waiting = open(waitingOptions(cluster.at));
  await untilReady(waiting, 3000, systemClock);
  const replication = createReplication(waiting, key("written"), 3);
  expect(await replication.confirmed(key("a"), "f")).toBe("v");
  await isHeard();
});

it("follows a fail-over that the administrator orders: the old master says MOVED", async () => {
  const old = await cluster.master();
  const replica = await until("a replica of it", async () => {
    for (const server of cluster.servers) {
      const told = await cluster.admin(server).info("replication");
      if (told.includes("role:slave") && told.includes("master_link_status:up")) return server;
    }
    return null;
  });
  await cluster.admin(replica).call("CLUSTER", "FAILOVER");
  await until("the slot has moved", async () => ((await cluster.master()) === replica ? true : null));
  await taken("moved");
  await until("the back connection finds it", async () =>
    back.hset(key("moved"), "back", "v").then(
      () => true,
      () => null,
    ),
  );
  expect(await cluster.admin(replica).hgetall(key("moved"))).toEqual({ front: "v", back: "v" });
  await isHeard();
  expect(old).not.toBe(replica);
});

it("fails within a second while the master of our slot is dead, and finds the new one", async () => {
  const old = await cluster.master();
  await old.kill();
  const waited = back.hset(key("killed"), "back", "v");
  expect(await taken("killed")).toBeGreaterThan(0);
  await waited;
  const fresh = await until("the cluster has a new master", async () => {
    const master = await cluster.master();
    return master === old ? null : master;
  });
  expect(await cluster.admin(fresh).hgetall(key("killed"))).toEqual({ front: "v", back: "v" });
  await isHeard();
});
