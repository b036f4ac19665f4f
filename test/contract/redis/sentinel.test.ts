import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { until } from "../../../playground/processes.ts";
import { type PrivateRedis, startRedis } from "../../../playground/redis.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { createProbes } from "../../../src/probes.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import {
  backOptions,
  connectRedis,
  frontOptions,
  isCertainlyNotTaken,
  isConnectionProblem,
  listeningOptions,
  type RedisClient,
  untilReady,
  waitingOptions,
} from "../../../src/redis/connect.ts";
import { findMaster, type HostPort } from "../../../src/redis/find-master.ts";
import type { RedisAt } from "../../../src/redis/address.ts";
import { listen } from "../../../src/redis/listen.ts";
import { createReplication } from "../../../src/redis/replication.ts";
import { GROUP, GROUP_PREFIX, type RedisGroup, startGroup } from "../../harness/redis-group.ts";

const key = (name: string): string => `${GROUP_PREFIX}:${name}`;
const clients: RedisClient[] = [];
const open = (options: Parameters<typeof connectRedis>[0]): RedisClient => {
  const client = connectRedis(options, () => undefined);
  clients.push(client);
  return client;
};

const soon = (): number => 50;
const asItIs = async (node: HostPort): Promise<HostPort> => await Promise.resolve(node);

/** How a write over a front connection ended, and after how many ms. */
interface Tried {
  n: number;
  ms: number;
  error: Error | null;
}

/** Writes over the front connection until one is taken after one was not. Each gets a number of its own. */
async function writeThrough(front: RedisClient, name: string): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  await until("a write is taken again", async () => {
    const began = performance.now();
    const n = tried.length;
    const error = await front.hset(key(name), n, 1).then(
      () => null,
      (e: unknown) => e as Error,
    );
    tried.push({ n, ms: performance.now() - began, error });
    return error === null && tried.some((one) => one.error !== null) ? true : null;
  });
  return tried;
}

describe.each([
  { name: "in the clear", guarded: false },
  { name: "with TLS, client certificates and users of few rights", guarded: true },
])("a master and replicas under three sentinels, $name", ({ guarded }) => {
  let group: RedisGroup;
  let front: RedisClient;
  let back: RedisClient;
  let heard = 0;
  let dead: PrivateRedis | null = null;

  beforeAll(async () => {
    group = await startGroup({ guarded, replicas: 3 });
    front = open(frontOptions(group.at));
    back = open(backOptions(group.at));
    await Promise.all([front, back].map(async (one) => await untilReady(one, 5000, systemClock)));
    listen(open(listeningOptions(group.at)), key("channel"), {
      heard: () => (heard += 1),
      refused: (error) => expect.unreachable(error.message),
    });
  });
  afterAll(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await group.stop();
  });
  const promoted = async (old: PrivateRedis): Promise<true> =>
    await until("another server is the master", async () => ((await group.master()) === old ? null : true));

  /** A message over the front connection reaches the one that listens. */
  const isHeard = async (): Promise<void> => {
    const before = heard;
    await until("a message is heard", async () => {
      await front.publish(key("channel"), "").catch(() => 0);
      return heard > before ? true : null;
    });
  };

  it("is written to, and a replica confirms", async () => {
    await front.hset(key("first"), "f", "v");
    const waiting = open(waitingOptions(group.at));
    await untilReady(waiting, 3000, systemClock);
    const replication = createReplication(waiting, key("written"), 1);
    expect(await replication.confirmed(key("first"), "f")).toBe("v");
    await isHeard();
  });

  it("is checked, as far as the user may read", async () => {
    const config = loadConfig({
      env: {
        ...(group.env as Record<string, string>),
        REDIS_URL: group.url,
        SLACK_BOT_TOKEN: "xoxb-1",
        SLACK_APP_TOKEN: "xapp-1",
      },
      file: "f",
      roles: { bot: true, worker: null },
      operations: [],
      readFile: (path) =>
        path === "f" ? stringify({ clusters: { a: { url: "http://a" } }, redis: group.config }) : "PEM",
    });
    const probes = createProbes(config);
    try {
      expect(await probes.redis()).toMatchObject({
        maxmemoryPolicy: "noeviction",
        appendonly: true,
        replicas: 3,
        appendfsync: guarded ? null : "always",
        minReplicas: guarded ? null : 0,
      });
    } finally {
      await probes.close();
    }
  });

  it("fails a write within a second while the master is dead, and finds the new one; what waits is carried out there", async () => {
    const old = await group.master();
    const waits = open(backOptions(group.at));
    await waits.ping();
    dead = old;
    await old.kill();
    const waited = waits.hset(key("waited"), "f", "v");
    const tried = await writeThrough(front, "killed");
    for (const { error, ms } of tried) {
      expect(ms).toBeLessThan(1000);
      if (error !== null) expect(isConnectionProblem(error)).toBe(true);
    }
    await waited;
    const fresh = await group.master();
    expect(fresh).not.toBe(old);
    expect(await group.admin(fresh).hget(key("waited"), "f")).toBe("v");
    await group.settled(2);
    await isHeard();
  });

  it("leaves a master that hangs as soon as there is another, and writes nothing to it when it continues", async () => {
    const old = await group.master();
    await back.ping();
    old.signal("SIGSTOP");
    try {
      const [tried] = await Promise.all([writeThrough(front, "hung"), promoted(old)]);
      for (const { ms } of tried) expect(ms).toBeLessThan(1000);
      // a back connection has no time limit of its own
      const began = performance.now();
      await back.hset(key("hung-back"), "f", "v");
      expect(performance.now() - began).toBeLessThan(3000);
    } finally {
      old.signal("SIGCONT");
    }
    // it fails at once while it is being replaced, as the front shall
    await until("the front writes", async () =>
      (await front.hset(key("continued"), "f", "v").catch(() => null)) === null ? null : true,
    );
    const fresh = group.admin(await group.master());
    expect(await fresh.hget(key("hung-back"), "f")).toBe("v");
    expect(await fresh.hget(key("continued"), "f")).toBe("v");
    await isHeard();
  });

  it("follows a fail-over that the administrator orders", async () => {
    const old = await group.master();
    await until("a sentinel agrees to it", async () =>
      (await group
        .sentinels()[0]
        ?.call("SENTINEL", "FAILOVER", GROUP)
        .catch(() => null)) === "OK"
        ? true
        : null,
    );
    await promoted(old);
    // the old master takes writes until a sentinel has told it, and loses them
    const fresh = group.admin(await group.master());
    const written = async (client: RedisClient, field: string): Promise<true | null> => {
      await client.hset(key("ordered"), field, "v").catch(() => null);
      return (await fresh.hget(key("ordered"), field)) === "v" ? true : null;
    };
    await until("the back writes to the new master", async () => await written(back, "back"));
    await until("the front writes to the new master", async () => await written(front, "front"));
  });

  it("finds the master although the first sentinel is dead", async () => {
    await group.killSentinel(0);
    const late = open(frontOptions(group.at));
    expect(await untilReady(late, 3000, systemClock)).toBe(true);
    await late.hset(key("late"), "f", "v");
  });

  it("is refused nothing that it needs, by servers and sentinels", async () => {
    const [, ...sentinels] = group.sentinels();
    // the one that is dead refused CONFIG to the check above
    const living = group.servers.filter((server) => server !== dead);
    for (const one of [...living.map((server) => group.admin(server)), ...sentinels])
      expect(await one.call("ACL", "LOG")).toEqual([]);
  });
});

describe("a configuration that does not fit", () => {
  let group: RedisGroup;
  beforeAll(async () => {
    group = await startGroup({ guarded: true, replicas: 0 });
  });
  afterAll(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await group.stop();
  });

  it.each<[string, Partial<RedisAt>, RegExp]>([
    ["no authority", { tls: null }, /unable to verify|self-signed/u],
    ["another password of the sentinels", { sentinelPassword: "wrong" }, /WRONGPASS/u],
    ["another password of the servers", { url: `rediss://flinkops:wrong@${GROUP}` }, /WRONGPASS/u],
    ["another name", { url: "rediss://elsewhere" }, /this sentinel knows no master with the name elsewhere/u],
    ["no sentinel there", { sentinels: [{ host: "127.0.0.1", port: 1 }] }, /127\.0\.0\.1:1: .*ECONNREFUSED/u],
  ])("is told by its reason: %s", async (_, wrong, why) => {
    const found: Error[] = [];
    const client = connectRedis(frontOptions({ ...group.at, ...wrong }), (error) => found.push(error));
    clients.push(client);
    await until("it says so", async () => (found.some((e) => why.test(e.message)) ? true : null), 5000);
    expect(client.status).not.toBe("ready");
  });
});

describe("a sentinel that is cut off and names the old master", () => {
  it("does not keep a connection from the new one", async () => {
    const server = await startRedis();
    try {
      const here = { host: "127.0.0.1", port: server.port };
      const gone = { host: "127.0.0.1", port: 1 };
      const finding = { nodes: [gone, here], ask: asItIs, retryStrategy: soon };
      const client = open({ ...frontOptions(server), Connector: findMaster(finding, null) });
      expect(await untilReady(client, 3000, systemClock)).toBe(true);
      expect(await client.ping()).toBe("PONG");
    } finally {
      for (const client of clients.splice(0)) client.disconnect();
      await server.stop();
    }
  });
});

describe("a demoted master that is still there", () => {
  it("refuses the write for certain, and the connection is replaced", async () => {
    const group = await startGroup();
    try {
      const old = await group.master();
      const direct = open(frontOptions(old));
      await untilReady(direct, 3000, systemClock);
      const admin = group.admin(old);
      await admin.call("REPLICAOF", "127.0.0.1", String(group.servers.find((one) => one !== old)?.port));
      const closed = new Promise((resolve) => direct.once("close", resolve));
      const error = await until("it is refused", async () =>
        direct.hset(key("refused"), "f", "v").then(
          () => null,
          (e: unknown) => (String(e).includes("READONLY") ? (e as Error) : null),
        ),
      );
      expect(isCertainlyNotTaken(error)).toBe(true);
      await closed;
    } finally {
      for (const client of clients.splice(0)) client.disconnect();
      await group.stop();
    }
  });
});
