import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PrivateRedis, startRedis } from "../../../playground/redis.ts";
import { createStates, type States } from "../../../src/job-cache/states.ts";
import { createLog } from "../../../src/platform/log.ts";
import { createClick } from "../../../src/queue/click.ts";
import { backOptions, connectRedis, type RedisClient } from "../../../src/redis/connect.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { createLaunchHistory } from "../../../src/requests/record/launch-history.ts";
import type { RequestRecord } from "../../../src/requests/record/record.ts";
import { createRestorableView } from "../../../src/requests/record/restorable.ts";
import { createStore, disposalIndex, type Store } from "../../../src/requests/record/store.ts";
import { FakePeople } from "../../fakes/people.ts";
import { aRecord } from "../../slack/a-record.ts";
import { aSeal } from "../../fakes/seal.ts";
import { aPolicy } from "../../fakes/policy.ts";

const keys = keysUnder("{test}");
const seal = aSeal();
const DAY_MS = 86_400_000;
let server: PrivateRedis;
let redis: RedisClient;
let store: Store;
let states: States;

beforeAll(async () => {
  server = await startRedis(["--appendfsync", "no"]);
  redis = connectRedis(backOptions(server), () => undefined);
  store = createStore({ redis, keys, seal });
  states = createStates(redis, keys, seal);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
});

let n = 0;
const fresh = (change: Partial<RequestRecord> = {}): RequestRecord => {
  n += 1;
  return aRecord({ id: `r${String(n).padStart(31, "0")}`, askedAt: Date.now(), ...change });
};
const add = async (record: RequestRecord): Promise<void> => {
  await store.commit([{ rev: 0, next: record }]);
};

describe("indexes", () => {
  it("keep the newest thousand of one job, and go with the last of their records", async () => {
    const { target } = aRecord();
    if (target.kind !== "job") throw new TypeError("a job");
    const index = keys.ofJob("prod", target.jobId);
    const [first, last] = [fresh(), fresh({ askedAt: Date.now() + 60_000 })];
    await add(first);
    await Promise.all(Array.from({ length: 1200 }, async () => await add(fresh())));
    await add(last);
    expect(await redis.zcard(index)).toBe(1000);
    expect(await redis.zcard(`${keys.prefix}:name:prod:orders`)).toBe(1000);
    expect(await redis.zscore(index, first.id)).toBeNull();
    expect(await store.ids(index, 1)).toEqual([last.id]);
    for (const one of [index, keys.all, keys.ofActor("U0ANA00001")])
      expect(await redis.ttl(one)).toBeGreaterThan(399 * 86_400);
  });

  it("forget what is older than any record", async () => {
    await redis.zadd(keys.all, Date.now() - 401 * DAY_MS, "r-old", Date.now() - 399 * DAY_MS, "r-year");
    const record = fresh();
    await add(record);
    expect(await store.ids(keys.all, 10)).toEqual([record.id, "r-year"]);
  });

  it("still tell who started a job after a thousand requests about it", async () => {
    const jobId = "5".repeat(32);
    const launched = {
      jobId,
      from: null,
      jar: "a.jar",
      entryClass: null,
      args: [],
      parallelism: null,
      allowNonRestoredState: false,
    };
    const starter = fresh({ launched: [launched] });
    await store.commit([{ rev: 0, next: starter }], { index: [`job:prod:${jobId}`] });
    const target = { kind: "job", cluster: "prod", jobId, name: "orders" } as const;
    await Promise.all(Array.from({ length: 1100 }, async () => await add(fresh({ target }))));
    const launches = createLaunchHistory(store, keys);
    expect(await launches("prod", jobId)).toMatchObject({ jar: "a.jar" });
    // as an older version left it
    await redis.del(keys.launch("prod", jobId));
    expect(await launches("prod", "6".repeat(32))).toBeNull();
  });

  it("leave nothing of a card behind for ever, whoever writes first", async () => {
    await store.cardsToPost("r1");
    await store.addCard("r2", { channel: "C1", ts: "1.2" });
    expect(await redis.ttl(keys.cards("r1"))).toBeGreaterThan(0);
    expect(await redis.ttl(keys.cards("r2"))).toBeGreaterThan(0);
  });
});

const actor = (user: string) => ({ user, team: "T0HOME0001" });
const clicks = () =>
  createClick({
    store,
    policy: aPolicy(),
    people: new FakePeople(),
    startAfterApproval: 60_000,
    nameOf: () => null,
    isBrake: () => false,
    wake: () => Promise.resolve(),
    log: createLog("silent"),
  });
const size = async (): Promise<number> => {
  const all = await redis.keys("*");
  const bytes = await Promise.all(all.map(async (key) => Number(await redis.memory("USAGE", key))));
  return bytes.reduce((a, b) => a + b, 0);
};

describe("clicks that do not count", () => {
  it("cost nothing more however often they are repeated: one audit entry each, then a number", async () => {
    const record = fresh();
    await add(record);
    const click = clicks();
    const press = async (): Promise<void> => {
      const clicked = await click({
        requestId: record.id,
        kind: "approve",
        actor: actor("U0EVE00001"),
        digest: "d1",
        card: { channel: "C1", ts: "1.2" },
      });
      expect(clicked.is).toBe("not counted");
    };
    await press();
    const before = { bytes: await size(), keys: await redis.dbsize() };
    for (let i = 0; i < 100; i += 1) await Promise.all(Array.from({ length: 100 }, press));
    expect(await redis.dbsize()).toBe(before.keys);
    expect((await size()) - before.bytes).toBeLessThan(100);
    expect(await redis.xlen(keys.audit)).toBe(1);
    expect(Object.values(await redis.hgetall(keys.refused(record.id)))).toEqual(["10001"]);
    expect(await redis.ttl(keys.refused(record.id))).toBeGreaterThan(0);
  });

  it("are told apart by person and rule, up to a hundred", async () => {
    for (let i = 0; i < 300; i += 1) await store.refused("r1", `U${i} approve may_not_vote`, "{}");
    const counts = await redis.hgetall(keys.refused("r1"));
    expect(Object.keys(counts)).toHaveLength(101);
    expect(counts["others"]).toBe("200");
    expect(await redis.xlen(keys.audit)).toBe(101);
  });
});

const path = (i: number): string => `s3://b/savepoint-${i}`;
const disposal = (i: number): RequestRecord =>
  fresh({
    state: "ended",
    target: { kind: "path", cluster: "prod", path: path(i) },
    end: {
      ending: "ran",
      at: Date.now(),
      report: { outcome: "done", headline: "gone", lines: [], facts: { disposed: path(i) } },
    },
  });
const restorable = () =>
  createRestorableView({
    clusters: [{ name: "prod", savepointRoots: [], defaultFileSystem: null }],
    jobCache: { read: () => Promise.resolve(new Map()) },
    states,
    store,
    keys,
    linkOf: () => null,
  });

/** As Flink continues to list them. */
const listed = async (count: number): Promise<void> => {
  const kept = {
    v: 1,
    jobId: "7".repeat(32),
    name: "orders",
    state: "RUNNING",
    seenAt: Date.now(),
    retainedOnCancel: true,
    retainedOnFailure: true,
    states: Array.from({ length: count }, (_, i) => ({
      isSavepoint: true,
      path: path(i),
      at: i,
      sizeBytes: 1,
      format: null,
    })),
  };
  await redis.hset(
    keys.states("prod"),
    kept.jobId,
    seal.close({ kind: "states", id: `prod/${kept.jobId}`, rev: 0 }, JSON.stringify(kept)),
  );
};
const paths = async (): Promise<string[]> => (await restorable().of("prod/orders")).map((s) => s.path);

describe("savepoints that were deleted", () => {
  it("stay deleted after hundreds more, and when the requests that deleted them are gone", async () => {
    await listed(300);
    for (let i = 1; i < 300; i += 1) await add(disposal(i));
    expect(await paths()).toEqual([path(0)]);
    const records = await redis.keys(keys.record("*"));
    await redis.del(...records, `${keys.prefix}:${disposalIndex("prod")}`);
    expect(await paths()).toEqual([path(0)]);
    expect(await redis.ttl(keys.disposed("prod"))).toBeGreaterThan(399 * 86_400);
  });

  it("are taken over from the records of a version that kept them there alone", async () => {
    await listed(300);
    for (let i = 1; i < 300; i += 1) await add(disposal(i));
    await redis.del(keys.disposed("prod"));
    expect(await paths()).toEqual([path(0)]);
    expect(await redis.zcard(keys.disposed("prod"))).toBe(299);
  });

  it("are known for as long as the cluster lists them", async () => {
    const old = Date.now() - 399 * DAY_MS;
    await redis.zadd(keys.disposed("prod"), old, path(1), old, path(2));
    await redis.set(keys.reader("prod"), "1 w1");
    await states.write("prod", { token: "1 w1", jobs: [], vertices: [], forget: [], stillListed: [path(1)] });
    expect(Number(await redis.zscore(keys.disposed("prod"), path(1)))).toBeGreaterThan(Date.now() - 60_000);
    expect(Number(await redis.zscore(keys.disposed("prod"), path(2)))).toBe(old);
  });
});
