import { Writable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { debianServer } from "../../playground/debian-servers.ts";
import { until } from "../../playground/processes.ts";
import { downloadRedisServer, findRedisServer, type RedisServer } from "../../playground/redis-server.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { createLog } from "../../src/platform/log.ts";
import { operations } from "../../src/operations/index.ts";
import { lanesOf } from "../../src/queue/lanes.ts";
import { createQueues, type Queues } from "../../src/queue/queues.ts";
import { type RunningWorker, startWorker } from "../../src/queue/worker.ts";
import {
  backOptions,
  connectRedis,
  frontOptions,
  type RedisClient,
  untilReady,
  waitingOptions,
} from "../../src/redis/connect.ts";
import { keysUnder } from "../../src/redis/keys.ts";
import { createReplication } from "../../src/redis/replication.ts";
import { createStore, type Store } from "../../src/requests/record/store.ts";
import { done } from "../../src/requests/ports/engine.ts";
import { UNWATCHED } from "../fakes/watches.ts";
import { aSeal } from "../fakes/seal.ts";
import { suiteWith } from "../harness/needs.ts";
import { GROUP_PREFIX, type RedisGroup, startGroup } from "../harness/redis-group.ts";
import { anIntake } from "../requests/an-engine.ts";
import { aRecord } from "../slack/a-record.ts";

interface Version {
  find: () => Promise<RedisServer>;
  /** What `INFO server` says. */
  version: RegExp;
}
const words = await findRedisServer().then(
  (server) => server.words,
  () => "absent",
);
const VERSIONS: Readonly<Record<string, Version>> = {
  "Redis 6.2": { find: downloadRedisServer, version: /^redis_version:6\.2\./mu },
  [`the Redis of all other tests, ${words},`]: {
    find: findRedisServer,
    version: /^(?:redis|valkey)_version:\d/mu,
  },
  "Redis 8.0": { find: async () => await debianServer("Redis 8.0"), version: /^redis_version:8\.0\./mu },
  "Valkey 8.1": { find: async () => await debianServer("Valkey 8.1"), version: /^valkey_version:8\.1\./mu },
};

const keys = keysUnder(GROUP_PREFIX);
const seal = aSeal();
const log = createLog("info", new Writable({ write: (_chunk, _encoding, next) => next() }));
const suite = await suiteWith(["redis", "redis of Maven Central", "servers of Debian"]);

for (const [name, { find, version }] of Object.entries(VERSIONS))
  suite(`${name} under Sentinel, over TLS, as a user of few rights`, () => {
    let group: RedisGroup;
    let store: Store;
    let queues: Queues;
    let worker: RunningWorker;
    const clients: RedisClient[] = [];
    const begun: string[] = [];
    const open = async (options: Parameters<typeof connectRedis>[0]): Promise<RedisClient> => {
      const client = connectRedis(options, () => undefined);
      clients.push(client);
      await untilReady(client, 5000, systemClock);
      return client;
    };

    beforeAll(async () => {
      group = await startGroup({ guarded: true, replicas: 2, server: await find() });
      const replication = createReplication(await open(waitingOptions(group.at)), keys.written, 1);
      store = createStore({ redis: await open(backOptions(group.at)), keys, seal, replication });
      queues = createQueues({
        client: await open(frontOptions(group.at)),
        prefix: keys.prefix,
        seal,
        zones: ["a"],
        laneOf: lanesOf(operations),
        onError: () => undefined,
        replication,
      });
      worker = startWorker({
        watches: UNWATCHED,
        at: group.at,
        prefix: keys.prefix,
        seal,
        lane: "changes",
        zone: "a",
        concurrency: 5,
        lock: 3000,
        stalled: 500,
        log,
        clock: systemClock,
        onError: () => undefined,
        async step({ requestId }) {
          begun.push(requestId);
          return await Promise.resolve(done);
        },
      });
    });
    afterAll(async () => {
      await worker.close();
      await queues.close();
      for (const client of clients) client.disconnect();
      await group.stop();
    });

    it("commits, queues and works, confirmed by a replica", async () => {
      expect(await group.admin(await group.master()).info("server")).toMatch(version);
      const record = aRecord({ id: "r1", askedAt: Date.now() });
      expect(await store.commit([{ rev: 0, next: record }])).toMatchObject({ is: "ok" });
      await queues.add("a", anIntake({ requestId: "r-before" }));
      await until("the worker has it", async () => (begun.includes("r-before") ? true : null));
    });

    it("does the same after a fail-over, and has what was confirmed before", async () => {
      const old = await group.master();
      await old.kill();
      await until("a request is accepted", async () =>
        queues.add("a", anIntake({ requestId: "r-after" })).then(
          () => true,
          () => null,
        ),
      );
      await until("the worker has it", async () => (begun.includes("r-after") ? true : null));
      expect(await store.load("r1")).toMatchObject({ rev: 1 });
      // the sentinels tell each other, one after the other
      const fresh = await until("every sentinel knows the new master", async () => {
        const master = await group.master();
        return master === old ? null : master;
      });
      for (const one of [group.admin(fresh), ...group.sentinels()])
        expect(await one.call("ACL", "LOG")).toEqual([]);
    });
  });
