import { beforeEach, describe, expect, it } from "vitest";
import { ownRedis } from "../../harness/own-redis.ts";
import type { Lock } from "../../../src/model/lock.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { createLocks, type Locks } from "../../../src/requests/record/locks.ts";
import type { RequestRecord } from "../../../src/requests/record/record.ts";
import { createStore, type Store } from "../../../src/requests/record/store.ts";
import { aLock } from "../../fakes/locks.ts";
import { aSeal } from "../../fakes/seal.ts";
import { pumped } from "../../simulate/pumped.ts";
import { createRandom } from "../../simulate/random.ts";
import { Scheduler } from "../../simulate/scheduler.ts";
import { StoreModel } from "../../simulate/store-model.ts";
import { Wire } from "../../simulate/wire.ts";
import { aRecord as recordOf } from "../../slack/a-record.ts";

/** Locks in Redis, and in the simulator's model of them, which promises no more. */

const keys = keysUnder("{test}");
const ANA = "U0ANA00001";
const BEN = "U0BEN00001";
const CLAIM = "prod/id/j";
const BOTH = ["prod", "prod/orders"];
const { redis } = await ownRedis();

interface On {
  locks: Locks;
  store: Store;
  audit: () => Promise<readonly string[]>;
  letPass: (ms: number) => Promise<void>;
}

function inRedis(): On {
  const seal = aSeal();
  return {
    locks: createLocks({ redis, keys, seal }),
    store: createStore({ redis, keys, seal }),
    async audit() {
      const entries = await redis.xrange(keys.audit, "-", "+");
      return entries.map(([, fields]) => fields[1] ?? "");
    },
    letPass: async (ms) => await new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

function inModel(): On {
  const random = createRandom(1);
  const scheduler = new Scheduler(random, Date.now());
  const wire = new Wire("redis", scheduler, random);
  const model = new StoreModel("{test}", () => scheduler.now);
  const process = scheduler.process("p", 0);
  return {
    locks: pumped(model.locksOver(wire, process), scheduler),
    store: pumped(model.over(wire, process), scheduler),
    audit: async () => await Promise.resolve(model.audit),
    async letPass(ms) {
      scheduler.now += ms;
      await Promise.resolve();
    },
  };
}

const lockFor = (ms: number, over: Partial<Lock> = {}): Lock =>
  aLock({ at: Date.now(), until: Date.now() + ms, ...over });
const orders = (over: Partial<Lock> = {}): Lock => lockFor(60_000, over);
const aRecord = (change: Partial<RequestRecord> = {}): RequestRecord =>
  recordOf({ id: "r1", askedAt: Date.now(), ...change });

describe.each([
  ["Redis", inRedis],
  ["the simulator", inModel],
])("locks in %s", (_, make) => {
  let on: On;
  beforeEach(() => {
    on = make();
  });
  const place = async (lock: Lock, accounts: readonly string[] = []) =>
    await on.locks.place(lock, { accounts, entry: `placed ${lock.id}` });
  const ids = async () => (await on.locks.all()).map(({ id }) => id).toSorted();
  const commit = async (accounts: readonly string[], scopes: readonly string[] = BOTH) =>
    await on.store.commit([{ rev: 0, next: aRecord() }], {
      take: [CLAIM],
      audit: ["committed"],
      unlocked: { scopes, accounts },
    });

  it("are placed with their audit entry, as they were given", async () => {
    expect(await on.locks.all()).toEqual([]);
    const lock = orders();
    expect(await place(lock)).toEqual({ is: "placed" });
    expect(await place(lockFor(60_000, { id: "l2", job: null }))).toEqual({ is: "placed" });
    expect((await on.locks.all()).find(({ id }) => id === lock.id)).toEqual(lock);
    expect(await on.audit()).toEqual(["placed lock1", "placed l2"]);
  });

  it("are held against others, and replaced by their holder, from any account", async () => {
    const lock = orders();
    await place(lock);
    expect(await place(orders({ id: "l2", by: ANA }))).toEqual({ is: "held", lock });
    expect(await place(orders({ id: "l3", by: BEN }))).toEqual({ is: "placed" });
    expect(await place(orders({ id: "l4", by: ANA }), [ANA, BEN])).toEqual({ is: "placed" });
    expect(await ids()).toEqual(["l4"]);
    expect(await on.audit()).toEqual(["placed lock1", "placed l3", "placed l4"]);
  });

  it("are placed once by a command, however often it is delivered, also when they are lifted", async () => {
    const lock = orders();
    await place(lock);
    expect(await place(lock)).toEqual({ is: "placed before" });
    expect(await on.locks.lift(lock, "lifted")).toBe(true);
    expect(await place(lock)).toEqual({ is: "placed before" });
    expect(await ids()).toEqual([]);
    expect(await on.audit()).toEqual(["placed lock1", "lifted"]);
  });

  it("are lifted once, and not where another one stands there now", async () => {
    const lock = orders();
    await place(lock);
    await place(orders({ id: "l2" }));
    expect(await on.locks.lift(lock, "lifted")).toBe(false);
    expect(await ids()).toEqual(["l2"]);
    expect(await on.locks.lift(orders({ id: "l2" }), "lifted")).toBe(true);
    expect(await on.locks.lift(orders({ id: "l2" }), "lifted")).toBe(false);
    expect(await on.audit()).toHaveLength(3);
  });

  it("expire by themselves", async () => {
    await place(lockFor(200));
    await place(lockFor(60_000, { id: "l2", job: null }));
    await on.letPass(300);
    expect(await ids()).toEqual(["l2"]);
    expect((await commit([], ["prod/orders"])).is).toBe("ok");
    expect(await place(lockFor(60_000, { id: "l3", by: ANA }))).toEqual({ is: "placed" });
  });

  it("refuse a commit that needs them gone, as a whole", async () => {
    const lock = orders();
    await place(lock);
    expect(await commit([ANA])).toEqual({ is: "locked", lock });
    expect(await on.store.load("r1")).toMatchObject({ record: null });
    expect(await on.audit()).toEqual(["placed lock1"]);
    expect((await commit([ANA], ["prod", "prod/payments"])).is).toBe("ok");
  });

  it("let their holder's commit pass, but not past somebody else's lock of the cluster", async () => {
    await place(orders({ by: ANA }));
    const cluster = orders({ id: "l2", job: null });
    await place(cluster);
    expect(await commit(["U0ANA00002", ANA])).toEqual({ is: "locked", lock: cluster });
    await on.locks.lift(cluster, "lifted");
    expect((await commit(["U0ANA00002", ANA])).is).toBe("ok");
  });

  it("do not stop a commit that has no effect", async () => {
    await place(orders());
    expect((await on.store.commit([{ rev: 0, next: aRecord() }])).is).toBe("ok");
  });
});

const forge = async (scope: string, fields: Record<string, string>) => {
  await redis.hset(keys.lock(scope), { id: "l9", by: BEN, ...fields });
  await redis.zadd(keys.locks, Date.now() + 60_000, scope);
};
const isGone = async (scope: string): Promise<boolean> =>
  (await redis.exists(keys.lock(scope))) === 0 && (await redis.zscore(keys.locks, scope)) === null;

/** Each as somebody may write it who can write to Redis: of another place, altered, or without a seal. */
async function forged() {
  const seal = aSeal();
  const on = { locks: createLocks({ redis, keys, seal }), store: createStore({ redis, keys, seal }) };
  await on.locks.place(orders(), { accounts: [], entry: "{}" });
  const { json = "", seal: sealed = "" } = await redis.hgetall(keys.lock("prod/orders"));
  return {
    ...on,
    seal,
    cases: [
      ["prod/payments", { json, seal: sealed }, "altered"],
      ["prod/orders", { json: json.replace(BEN, ANA), seal: sealed }, "altered"],
      ["prod/orders", { json, seal: "" }, "no seal"],
      ["prod/orders", {}, "no seal"],
    ] as const,
  };
}

describe("a lock in Redis that flinkops did not write", () => {
  it("is removed and reported by whoever lists locks", async () => {
    const { locks, seal, cases } = await forged();
    for (const [scope, fields, why] of cases) {
      await redis.flushall();
      seal.told.length = 0;
      await forge(scope, fields);
      expect(await locks.all()).toEqual([]);
      expect(await isGone(scope)).toBe(true);
      expect(seal.told).toEqual([{ kind: "lock", id: scope, why }]);
    }
  });

  it("holds no commit, and nobody's own lock", async () => {
    const { locks, store, seal, cases } = await forged();
    for (const [scope, fields, why] of cases) {
      await redis.flushall();
      seal.told.length = 0;
      await forge(scope, fields);
      const unlocked = { scopes: ["prod", scope], accounts: [ANA] };
      expect((await store.commit([{ rev: 0, next: aRecord() }], { unlocked })).is).toBe("ok");
      expect(seal.told).toEqual([{ kind: "lock", id: scope, why }]);
      await forge(scope, fields);
      const lock = orders({ id: "l2", job: scope.slice("prod/".length), by: ANA });
      expect(await locks.place(lock, { accounts: [], entry: "{}" })).toEqual({ is: "placed" });
      expect(await locks.all()).toEqual([lock]);
    }
  });
});

it("nothing of a lock stays in Redis for ever", async () => {
  const locks = createLocks({ redis, keys, seal: aSeal() });
  const lock = orders();
  await locks.place(lock, { accounts: [], entry: "{}" });
  expect(await redis.pexpiretime(keys.lock("prod/orders"))).toBe(lock.until);
  expect(await redis.ttl(keys.locked(lock.id))).toBe(7 * 86_400);
  await locks.place(lockFor(-1, { id: "l2", job: "gone" }), { accounts: [], entry: "{}" });
  await locks.all();
  expect(await redis.zrange(keys.locks, "0", "-1")).toEqual(["prod/orders"]);
});
