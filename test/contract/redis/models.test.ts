import { beforeEach, describe, expect, it } from "vitest";
import { until } from "../../../playground/processes.ts";
import { ownRedis } from "../../harness/own-redis.ts";
import { operations } from "../../../src/operations/index.ts";
import { lanesOf } from "../../../src/queue/lanes.ts";
import { createQueues, type Queues } from "../../../src/queue/queues.ts";
import { connectRedis, frontOptions } from "../../../src/redis/connect.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import type { RequestRecord } from "../../../src/requests/record/record.ts";
import { createStore, jobIndex, nameIndex, type Store } from "../../../src/requests/record/store.ts";
import { aSeal } from "../../fakes/seal.ts";
import { anIntake } from "../../requests/an-engine.ts";
import { QueueModel } from "../../simulate/queue-model.ts";
import { pumped } from "../../simulate/pumped.ts";
import { createRandom } from "../../simulate/random.ts";
import { Scheduler } from "../../simulate/scheduler.ts";
import { StoreModel } from "../../simulate/store-model.ts";
import { Wire } from "../../simulate/wire.ts";
import { aRecord as recordOf } from "../../slack/a-record.ts";

/** The simulator's models promise what Redis does, and no more: the same suite is held by both. */

const keys = keysUnder("{test}");
const laneOf = lanesOf(operations);
const CLAIM = "prod/id/j";
const OTHER = "prod/name/orders";
const LAUNCHED = {
  jar: "a.jar",
  entryClass: null,
  args: [],
  parallelism: null,
  allowNonRestoredState: false,
  from: null,
};
const { server, redis } = await ownRedis();

const aRecord = (change: Partial<RequestRecord> = {}): RequestRecord =>
  recordOf({ id: "r1", askedAt: Date.now(), ...change });

/** A record as anybody may write it. */
type Fields = Readonly<Record<"rev" | "json" | "seal", string>>;

interface Both {
  store: Store;
  /** Another process. */
  another: () => Store;
  audit: () => Promise<number>;
  claim: (name: string) => Promise<string | null>;
  fields: (id: string) => Promise<Fields>;
  write: (id: string, fields: Fields | null) => Promise<void>;
  letPass: (ms: number) => Promise<void>;
}

function inRedis(): Both {
  const seal = aSeal();
  const make = (): Store => createStore({ redis, keys, seal });
  return {
    store: make(),
    another: make,
    audit: async () => await redis.xlen(keys.audit),
    claim: async (name) => await redis.get(keys.claim(name)),
    fields: async (id) => (await redis.hgetall(keys.record(id))) as Fields,
    async write(id, fields) {
      if (fields === null) await redis.del(keys.record(id));
      else await redis.hset(keys.record(id), fields);
    },
    letPass: async (ms) => await new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

function inModel(): Both {
  const random = createRandom(1);
  const scheduler = new Scheduler(random, Date.now());
  const wire = new Wire("redis", scheduler, random);
  const model = new StoreModel("{test}", () => scheduler.now);
  let made = 0;
  const make = (): Store => pumped(model.over(wire, scheduler.process(`p${(made += 1)}`, 0)), scheduler);
  return {
    store: make(),
    another: make,
    audit: async () => await Promise.resolve(model.audit.length),
    claim: async (name) => await Promise.resolve(model.claims.get(name) ?? null),
    async fields(id) {
      const { rev = 0, json = "", seal = "" } = model.records.get(id) ?? {};
      return await Promise.resolve({ rev: String(rev), json, seal });
    },
    async write(id, fields) {
      if (fields === null) model.records.delete(id);
      else model.records.set(id, { ...fields, rev: Number(fields.rev) });
      await Promise.resolve();
    },
    async letPass(ms) {
      scheduler.now += ms;
      await Promise.resolve();
    },
  };
}

describe.each([
  ["Redis", inRedis],
  ["the simulator", inModel],
])("a store in %s", (_, make) => {
  let on: Both;
  beforeEach(() => {
    on = make();
  });
  const put = async (change: Partial<RequestRecord> = {}, rev = 0, extras = {}) =>
    await on.store.commit([{ rev, next: aRecord(change) }], extras);

  it("writes record, claim and audit together, or nothing", async () => {
    expect(await on.store.load("r1")).toMatchObject({ record: null, forged: false });
    expect((await put({}, 0, { audit: ["{}"], take: [CLAIM] })).is).toBe("ok");
    expect(await on.store.load("r1")).toMatchObject({ rev: 1, record: { id: "r1" } });
    expect([await on.claim(CLAIM), await on.audit()]).toEqual(["r1", 1]);
    expect(await put({ state: "ended" }, 0, { audit: ["{}"], take: [OTHER] })).toEqual({
      is: "fenced",
      requestId: "r1",
    });
    expect(await put({ id: "r2" }, 0, { audit: ["{}"], take: [OTHER, CLAIM] })).toEqual({
      is: "busy",
      holder: "r1",
    });
    expect([await on.claim(OTHER), await on.audit()]).toEqual([null, 1]);
    expect(await on.store.loadMany(["r2", "r1"])).toMatchObject([{ rev: 1, record: { id: "r1" } }]);
  });

  it("takes over from whom it is told, and releases only what is its own", async () => {
    await put({ state: "running" }, 0, { take: [CLAIM] });
    const both = [
      { rev: 0, next: aRecord({ id: "r2" }) },
      { rev: 1, next: aRecord({ supersededBy: { requestId: "r2", actor: "U" } }) },
    ];
    expect((await on.store.commit(both, { take: [CLAIM], from: ["r3"] })).is).toBe("busy");
    expect((await on.store.commit(both, { take: [CLAIM], from: ["r1"] })).is).toBe("ok");
    await put({ state: "ended" }, 2, { release: [CLAIM] });
    expect(await on.claim(CLAIM)).toBe("r2");
    await put({ id: "r2", state: "ended" }, 1, { release: [CLAIM] });
    expect(await on.claim(CLAIM)).toBeNull();
  });

  it("is late by its own clock", async () => {
    const now = await on.store.now();
    expect((await put({}, 0, { before: now - 1 })).is).toBe("late");
    expect((await put({}, 0, { before: now + 60_000 })).is).toBe("ok");
  });

  it("finds requests that are open, of a name, of a job, and who started one, newest first", async () => {
    const at = Date.now();
    for (const i of [1, 2, 3]) await put({ id: `r${i}`, askedAt: at + i });
    await put({ id: "r2", askedAt: at + 2, state: "closed" }, 1);
    expect([...(await on.store.openIds())].toSorted()).toEqual(["r1", "r3"]);
    const { target } = aRecord();
    if (target.kind !== "job") throw new TypeError("a job");
    for (const index of [nameIndex("prod", target.name), jobIndex("prod", target.jobId)])
      expect(await on.store.ids(`${keys.prefix}:${index}`, 2)).toEqual(["r3", "r2"]);
    expect(await on.store.about(target, 9)).toEqual(["r3", "r2", "r1"]);
    expect(await on.store.starterOf("prod", "new")).toBeNull();
    const launched = [{ ...LAUNCHED, jobId: "new" }];
    await put({ id: "r3", askedAt: at + 3, launched }, 1);
    expect(await on.store.starterOf("prod", "new")).toBe("r3");
  });

  it("remembers cards, what was said, and who says something now", async () => {
    expect((await on.store.cardsToPost("r1")).tried).toBe(false);
    expect((await on.store.cardsToPost("r1")).tried).toBe(true);
    await on.store.unsaid("r1", "posting");
    await on.store.drawn("r1", { channel: "C1", ts: "1.2" }, 3);
    await on.store.addCard("r1", { channel: "C1", ts: "1.2" });
    await on.store.addCard("r1", { channel: "C2", ts: "3.4" });
    await on.store.said("r1", "end");
    const { messages, said } = await on.store.cards("r1");
    expect(messages.map((m) => [m.card.channel, m.drawn])).toEqual([
      ["C1", 3],
      ["C2", 0],
    ]);
    expect([...said]).toEqual(["end"]);
    expect(await on.store.saying("r1", "x", { by: "w1", forMs: 100 })).toBe(true);
    expect(await on.store.saying("r1", "x", { by: "w1", forMs: 100 })).toBe(true);
    expect(await on.store.saying("r1", "x", { by: "w2", forMs: 100 })).toBe(false);
    await on.letPass(150);
    expect(await on.store.saying("r1", "x", { by: "w2", forMs: 100 })).toBe(true);
  });

  it("notes down what was refused once for each person and rule", async () => {
    for (const whose of ["U1 approve own", "U1 approve own", "U2 approve own"])
      await on.store.refused("r1", whose, "{}");
    expect(await on.audit()).toBe(2);
  });

  it("reads nothing that someone else wrote, of any revision or request", async () => {
    await put({ state: "awaiting" });
    await put({ id: "r2" });
    const ours = await on.fields("r1");
    const theirs = JSON.stringify(aRecord({ state: "ready", approval: null }));
    for (const fields of [
      { ...ours, json: theirs },
      { ...ours, rev: "9" },
      { ...ours, seal: "" },
      await on.fields("r2"),
    ]) {
      await on.write("r1", fields);
      expect(await on.another().load("r1")).toMatchObject({ record: null, forged: true });
      expect(await on.another().loadMany(["r1"])).toEqual([]);
    }
    await on.write("r1", ours);
    expect(await on.another().load("r1")).toMatchObject({ rev: 1, record: { state: "awaiting" } });
  });

  it("puts back what this process has seen, and no other can know", async () => {
    await put({ state: "ready" });
    const old = await on.fields("r1");
    await put({ state: "running", claims: [CLAIM] }, 1, { take: [CLAIM] });
    await on.write("r1", old);
    expect(await on.another().load("r1")).toMatchObject({ rev: 1 });
    expect(await on.store.load("r1")).toMatchObject({ rev: 2, record: { state: "running" } });
    expect(await on.another().load("r1")).toMatchObject({ rev: 2 });
    await on.write("r1", null);
    expect(await on.another().load("r1")).toMatchObject({ record: null, forged: false });
    expect(await on.store.load("r1")).toMatchObject({ rev: 2, record: { state: "running" } });
    expect(await on.claim(CLAIM)).toBe("r1");
  });
});

interface Queued {
  queues: Queues;
  /** Who may write to Redis makes of a waiting job what they like. */
  alter: (id: string) => Promise<void>;
  close: () => Promise<void>;
}

async function queuesInRedis(): Promise<Queued> {
  const client = connectRedis(frontOptions(server), () => undefined);
  await until("connected", () => Promise.resolve(client.status === "ready" ? true : null));
  const queues = createQueues({
    client,
    prefix: keys.prefix,
    seal: aSeal(),
    zones: ["a"],
    laneOf,
    onError: () => undefined,
  });
  return {
    queues,
    alter: async (id) => void (await redis.hset(`${keys.prefix}:changes-a:${id}`, "data", "{}")),
    async close() {
      await queues.close();
      client.disconnect();
    },
  };
}

async function queuesInModel(): Promise<Queued> {
  const random = createRandom(1);
  const scheduler = new Scheduler(random, Date.now());
  const wire = new Wire("redis", scheduler, random);
  const model = new QueueModel(scheduler, () => scheduler.now);
  return await Promise.resolve({
    queues: pumped(model.over(wire, scheduler.process("p", 0), laneOf), scheduler),
    async alter(id) {
      const job = model.jobs.get(`changes/${id}`);
      if (job !== undefined) job.data = { json: "{}", seal: "" };
      await Promise.resolve();
    },
    close: async () => await Promise.resolve(),
  });
}

const savepoint = (requestId: string) =>
  anIntake({ requestId, operation: "savepoint", args: { job: "orders" } });

describe.each([
  ["Redis", queuesInRedis],
  ["the simulator", queuesInModel],
])("queues in %s", (_, make) => {
  it("keep each request once, whoever adds it again", async () => {
    const { queues, close } = await make();
    try {
      await queues.add("a", savepoint("r1"));
      await queues.add("a", { ...savepoint("r1"), reason: "another" });
      await queues.addAll("a", [savepoint("r1"), savepoint("r2")]);
      expect(await queues.has("a", ["r1", "r2"])).toBe(true);
      expect(await queues.has("a", ["r1", "r3"])).toBe(false);
      const waiting = await queues.waiting(new Set(["r2"]));
      expect(waiting.map((w) => [w.intake.requestId, w.intake.reason, w.lane, w.taken])).toEqual([
        ["r1", savepoint("r1").reason, "changes", false],
      ]);
    } finally {
      await close();
    }
  });

  it("have a live job for what must have one, with what it was asked for in it", async () => {
    const { queues, alter, close } = await make();
    try {
      expect(await queues.ensure("a", savepoint("r1"))).toBe("revived");
      expect(await queues.ensure("a", savepoint("r1"))).toBe("live");
      await alter("r1");
      expect(await queues.waiting(new Set())).toEqual([]);
      expect(await queues.ensure("a", savepoint("r1"))).toBe("live");
      expect((await queues.waiting(new Set())).map((w) => w.intake.requestId)).toEqual(["r1"]);
    } finally {
      await close();
    }
  });

  it("wake what there is, and add what is not there", async () => {
    const { queues, close } = await make();
    try {
      await queues.wake("a", savepoint("r1"));
      expect(await queues.has("a", ["r1"])).toBe(true);
      await queues.wake("a", savepoint("r1"));
      expect((await queues.waiting(new Set())).map((w) => w.intake.requestId)).toEqual(["r1"]);
    } finally {
      await close();
    }
  });
});
