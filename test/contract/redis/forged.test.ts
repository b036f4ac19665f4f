import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../../playground/processes.ts";
import { ownRedis } from "../../harness/own-redis.ts";
import { createAuditStream } from "../../../src/audit/stream.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { createJobCache } from "../../../src/job-cache/job-cache.ts";
import { createStates, type KeptJob } from "../../../src/job-cache/states.ts";
import { createLog } from "../../../src/platform/log.ts";
import { operations } from "../../../src/operations/index.ts";
import { lanesOf, type Lane } from "../../../src/queue/lanes.ts";
import { createQueues, type Queues } from "../../../src/queue/queues.ts";
import { startWorker } from "../../../src/queue/worker.ts";
import { connectRedis, frontOptions } from "../../../src/redis/connect.ts";
import { createForged, readForged } from "../../../src/redis/forged.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { again, done, type Next } from "../../../src/requests/ports/engine.ts";
import { auditSeal } from "../../../src/requests/record/audit.ts";
import { notOursLine } from "../../../src/requests/record/not-ours.ts";
import type { RequestRecord } from "../../../src/requests/record/record.ts";
import { createStore, type Store } from "../../../src/requests/record/store.ts";
import type { NotOurs } from "../../../src/platform/seal.ts";
import { UNWATCHED } from "../../fakes/watches.ts";
import { aSeal } from "../../fakes/seal.ts";
import { anIntake } from "../../requests/an-engine.ts";
import { aRecord as recordOf } from "../../slack/a-record.ts";

const keys = keysUnder("{test}");
const laneOf = lanesOf(operations);
const CLAIM = "prod/id/j";
let seal: ReturnType<typeof aSeal>;
const { server, redis } = await ownRedis();
let queues: Queues;
let store: Store;
const closing: { close(): Promise<void> }[] = [];

const aRecord = (change: Partial<RequestRecord> = {}): RequestRecord =>
  recordOf({ id: "r1", askedAt: Date.now(), ...change });

beforeEach(async () => {
  seal = aSeal();
  const client = connectRedis(frontOptions(server), () => undefined);
  await until("connected", () => Promise.resolve(client.status === "ready" ? true : null));
  queues = createQueues({
    client,
    prefix: keys.prefix,
    seal,
    zones: ["a"],
    laneOf,
    onError: () => undefined,
  });
  store = createStore({ redis, keys, seal });
  closing.push({ close: async () => await Promise.resolve(client.disconnect()) }, queues);
});
afterEach(async () => {
  for (const one of closing.splice(0).toReversed()) await one.close();
});

/** Another process, which has seen nothing yet. */
const another = (): Store => createStore({ redis, keys, seal });

const worked = (lane: Lane, step: () => Promise<Next>) => {
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
    log: createLog("silent"),
    clock: systemClock,
    onError: () => undefined,
    step,
  });
  closing.push(worker);
};
const jobKey = (id: string): string => `${keys.prefix}:changes-a:${id}`;
const savepoint = (requestId: string) =>
  anIntake({ requestId, operation: "savepoint", args: { job: "orders" } });

const found = (id: string): NotOurs => ({ kind: "record", id, why: "altered" });
const aProcess = (tell: (found: readonly NotOurs[]) => Promise<void>) => {
  const lines: string[] = [];
  const write = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const forged = createForged<NotOurs>({
    redis,
    keys,
    log: { error: write, warn: write },
    entry(what, at) {
      const line = notOursLine(what, at);
      return line === null ? null : { line, seal: auditSeal(seal, line) };
    },
    tell,
  });
  return { forged, lines };
};

describe("a record in Redis", () => {
  const STATES = ["awaiting", "ready", "running", "ended", "closed"] as const;

  it.each(STATES)("that was altered while %s is not read", async (state) => {
    await store.commit([{ rev: 0, next: aRecord({ state }) }]);
    await redis.hset(keys.record("r1"), "json", JSON.stringify(aRecord({ state: "ready", approval: null })));
    for (const reads of [store, another()]) {
      expect(await reads.load("r1")).toMatchObject({ record: null, forged: true });
      expect(await reads.loadMany(["r1"])).toEqual([]);
    }
    expect(seal.told[0]).toEqual({ kind: "record", id: "r1", why: "altered" });
  });

  it.each(STATES)("that someone else wrote as %s is not read", async (state) => {
    const json = JSON.stringify(aRecord({ state }));
    await redis.hset(keys.record("r1"), { rev: 1, json });
    expect(await store.load("r1")).toMatchObject({ record: null, forged: true });
    await redis.hset(keys.record("r1"), "seal", aSeal().of({ kind: "record", id: "r1", rev: 1 }, json));
    expect(await store.load("r1")).toMatchObject({ record: null, forged: true });
    expect(seal.told.map((one) => one.why)).toEqual(["no seal", "unknown key"]);
  });

  it("is not taken for another request's, nor for another revision", async () => {
    await store.commit([{ rev: 0, next: aRecord() }]);
    const fields = await redis.hgetall(keys.record("r1"));
    await redis.hset(keys.record("r2"), fields);
    expect(await store.load("r2")).toMatchObject({ record: null, forged: true });
    await redis.hset(keys.record("r1"), "rev", 7);
    expect(await store.load("r1")).toMatchObject({ record: null, forged: true });
  });

  it("is not read where only a part of it is left", async () => {
    await store.commit([{ rev: 0, next: aRecord() }]);
    for (const field of ["seal", "json", "rev"]) {
      const fields = await redis.hgetall(keys.record("r1"));
      await redis.hdel(keys.record("r1"), field);
      expect(await another().load("r1")).toMatchObject({ record: null, forged: true });
      await redis.hset(keys.record("r1"), fields);
    }
    expect(await another().load("r1")).toMatchObject({ rev: 1 });
  });

  it("is written over by whoever had it in hand", async () => {
    await store.commit([{ rev: 0, next: aRecord() }]);
    await redis.hset(keys.record("r1"), "json", JSON.stringify(aRecord({ state: "ready" })));
    expect(await store.commit([{ rev: 1, next: aRecord({ reason: "ours" }) }])).toMatchObject({ is: "ok" });
    expect(await another().load("r1")).toMatchObject({ rev: 2, record: { reason: "ours" } });
  });
});

describe("an older record that is brought back", () => {
  const take = { take: [CLAIM] };
  const running = aRecord({ state: "running", claims: [CLAIM] });

  it("gives way to the newest that was seen, with what that holds", async () => {
    await store.commit([{ rev: 0, next: aRecord({ state: "ready" }) }]);
    const old = await redis.hgetall(keys.record("r1"));
    await store.commit([{ rev: 1, next: running }], take);
    await redis.hset(keys.record("r1"), old);
    await redis.del(keys.claim(CLAIM));
    expect(await store.load("r1")).toMatchObject({ rev: 2, record: { state: "running" } });
    expect(await redis.hget(keys.record("r1"), "rev")).toBe("2");
    expect(await redis.get(keys.claim(CLAIM))).toBe("r1");
    expect(seal.told).toEqual([{ kind: "record", id: "r1", why: "older" }]);
    const [last] = await redis.xrevrange(keys.audit, "+", "-", "COUNT", 1);
    expect(JSON.parse(last?.[1][1] ?? "")).toMatchObject({
      event: "put back",
      requestId: "r1",
      detail: { from: 1, to: 2, state: "running" },
    });
    // in Redis it is in order again, for everybody
    expect(await another().load("r1")).toMatchObject({ rev: 2 });
  });

  it("is taken for what it is by whoever has seen none that is newer", async () => {
    await store.commit([{ rev: 0, next: aRecord({ state: "ready" }) }]);
    const old = await redis.hgetall(keys.record("r1"));
    await store.commit([{ rev: 1, next: running }]);
    await redis.hset(keys.record("r1"), old);
    expect(await another().load("r1")).toMatchObject({ rev: 1, record: { state: "ready" } });
  });

  it("as one that is gone is put back, and open", async () => {
    await store.commit([{ rev: 0, next: running }]);
    await redis.del(keys.record("r1"), keys.open);
    expect(await store.load("r1")).toMatchObject({ rev: 1, record: { state: "running" } });
    expect(await store.openIds()).toEqual(["r1"]);
  });

  it("holds no claim and is not open where the newest has ended", async () => {
    await store.commit([{ rev: 0, next: running }], take);
    const old = await redis.hgetall(keys.record("r1"));
    await store.commit([{ rev: 1, next: { ...running, state: "closed" } }], { release: [CLAIM] });
    await redis.hset(keys.record("r1"), old);
    await redis.zadd(keys.open, Date.now(), "r1");
    await redis.set(keys.claim(CLAIM), "r1");
    expect(await store.load("r1")).toMatchObject({ rev: 2, record: { state: "closed" } });
    expect(await store.openIds()).toEqual([]);
    expect(await redis.ttl(keys.record("r1"))).toBeGreaterThan(0);
    expect(await redis.exists(keys.claim(CLAIM))).toBe(0);
  });

  it("is in line again if it waited, and not if it no longer waits", async () => {
    const line = async () => await redis.zrange(keys.waiters(CLAIM), "0", "-1");
    const ready = aRecord({ state: "ready" });
    await store.commit([{ rev: 0, next: aRecord({ id: "r0", state: "running", claims: [CLAIM] }) }], take);
    await store.commit([{ rev: 0, next: ready }]);
    const before = await redis.hgetall(keys.record("r1"));
    const waiting = { holder: "r0", words: "waits", claims: [CLAIM] };
    await store.commit([{ rev: 1, next: { ...ready, waiting } }]);
    const waits = await redis.hgetall(keys.record("r1"));
    expect(await line()).toEqual(["r1"]);
    await redis.del(keys.record("r1"), keys.waiters(CLAIM));
    await redis.hset(keys.record("r1"), before);
    await store.load("r1");
    expect(await line()).toEqual(["r1"]);
    await store.commit([{ rev: 2, next: { ...ready, state: "closed" } }]);
    await redis.hset(keys.record("r1"), waits);
    await redis.zadd(keys.waiters(CLAIM), 1, "r1");
    await store.load("r1");
    expect(await line()).toEqual([]);
  });

  it("does not stand in the way of somebody who moves it at the same time", async () => {
    await store.commit([{ rev: 0, next: aRecord({ state: "ready" }) }]);
    await Promise.all([
      store.load("r1"),
      store.commit([{ rev: 1, next: running }]),
      ...Array.from({ length: 20 }, async () => await store.load("r1")),
    ]);
    expect(seal.told).toEqual([]);
    expect(await store.load("r1")).toMatchObject({ rev: 2 });
  });
});

describe("a queue job", () => {
  it("that is not ours is never stepped, and stays as evidence", async () => {
    let steps = 0;
    await queues.add("a", savepoint("r-mine"));
    await queues.add("a", savepoint("r-theirs"));
    const { json = "", seal: sealed = "" } = JSON.parse((await redis.hget(jobKey("r-mine"), "data")) ?? "");
    for (const [i, data] of [
      savepoint("r-theirs"),
      { json: JSON.stringify(savepoint("r-theirs")), seal: sealed },
      { json, seal: sealed },
      { json, seal: 7 },
      {},
    ].entries()) {
      const id = i === 0 ? "r-theirs" : `r-theirs-${i}`;
      await queues.add("a", savepoint(id));
      await redis.hset(jobKey(id), "data", JSON.stringify(data));
    }
    worked("changes", () => Promise.resolve((steps += 1) > 0 ? done : done));
    await until("all were looked at", async () =>
      (await redis.zcard(`${keys.prefix}:changes-a:failed`)) === 5 ? true : null,
    );
    expect(steps).toBe(1);
    expect(await redis.hget(jobKey("r-theirs"), "failedReason")).toContain("not ours");
    expect(new Set(seal.told.map((one) => `${one.kind} ${one.id}`)).size).toBe(5);
    expect(await queues.waiting(new Set())).toEqual([]);
  });

  it("is written anew where its record is ours, by the sweeper and by whoever wakes it", async () => {
    let steps = 0;
    worked("changes", () => Promise.resolve((steps += 1) > 2 ? done : again(60_000)));
    await queues.add("a", savepoint("r1"));
    await until("it is parked", () => Promise.resolve(steps === 1 ? true : null));
    await redis.hset(jobKey("r1"), "data", "{}");
    await queues.wake("a", savepoint("r1"));
    await until("it is stepped", () => Promise.resolve(steps === 2 ? true : null));
    await redis.hset(jobKey("r1"), "data", JSON.stringify(savepoint("r1")));
    await redis.zadd(`${keys.prefix}:changes-a:delayed`, 0, "r1");
    await until("it is set aside", async () =>
      (await redis.zscore(`${keys.prefix}:changes-a:failed`, "r1")) === null ? null : true,
    );
    expect(await queues.ensure("a", savepoint("r1"))).toBe("revived");
    await until("it is stepped again", () => Promise.resolve(steps === 3 ? true : null));
  });

  it("that waits and is not ours is not told of", async () => {
    await queues.add("a", savepoint("r1"));
    await queues.add("a", savepoint("r2"));
    await redis.hset(jobKey("r2"), "data", JSON.stringify(savepoint("r2")));
    expect((await queues.waiting(new Set())).map((w) => w.intake.requestId)).toEqual(["r1"]);
  });
});

describe("what was seen of Flink", () => {
  const job: KeptJob = {
    v: 1,
    jobId: "j1",
    name: "orders",
    state: "RUNNING",
    seenAt: 1,
    retainedOnCancel: true,
    retainedOnFailure: true,
    states: [{ isSavepoint: true, path: "s3://ours/1", at: 1, sizeBytes: 1, format: "CANONICAL" }],
  };

  it("of a state to start from is believed only as we wrote it, of that job and cluster", async () => {
    const states = createStates(redis, keys, seal);
    await redis.set(keys.reader("prod"), "1 w");
    await states.write("prod", { token: "1 w", jobs: [job], vertices: [], forget: [], stillListed: [] });
    expect(await states.read("prod")).toEqual([job]);
    const ours = (await redis.hget(keys.states("prod"), "j1")) ?? "";
    await redis.hset(keys.states("prod"), "j2", JSON.stringify({ ...job, jobId: "j2" }));
    await redis.hset(keys.states("prod"), "j3", ours);
    await redis.hset(keys.states("prod"), "j1", ours.replace("s3://ours/1", "s3://them/1"));
    await redis.hset(keys.states("dev"), "j1", ours);
    expect(await states.read("prod")).toEqual([]);
    expect(await states.read("dev")).toEqual([]);
  });

  it("of its jobs is believed only as we wrote it, of that cluster", async () => {
    const configured = ["prod", "dev"].map((name) => ({ name, label: name }));
    const jobCache = createJobCache({ redis, keys, seal, configured });
    const seen = {
      v: 1 as const,
      readAt: 1,
      unreachableSince: null,
      problem: null,
      jobs: [],
      answeringSince: null,
      missing: [],
      facts: null,
    };
    await redis.set(keys.reader("prod"), "1 w");
    await jobCache.write("prod", seen, "1 w");
    expect((await jobCache.peek(["prod"])).get("prod")).toEqual(seen);
    await redis.set(keys.directory("dev"), (await redis.get(keys.directory("prod"))) ?? "");
    await redis.set(keys.directory("prod"), JSON.stringify(seen));
    expect((await jobCache.peek(["prod", "dev"])).size).toBe(0);
  });
});

describe("values that are not ours", () => {
  it("are logged once by each process, told once by one of them, and listed for everybody", async () => {
    const told: string[] = [];
    const tell = async (all: readonly NotOurs[]) => void told.push(...all.map((one) => one.id));
    const [one, two] = [aProcess(tell), aProcess(tell)];
    for (let i = 0; i < 5; i += 1)
      for (const { forged } of [one, two]) {
        forged.note(found("r1"));
        forged.note(found("r2"));
      }
    await until("they are told", () => Promise.resolve(told.length === 2 ? true : null));
    expect(told.toSorted()).toEqual(["r1", "r2"]);
    expect([one.forged.count(), two.forged.count()]).toEqual([2, 2]);
    expect(one.lines).toHaveLength(2);
    expect(await readForged(redis, keys)).toMatchObject([
      { kind: "record", id: "r1", why: "altered" },
      { kind: "record", id: "r2", why: "altered" },
    ]);
    expect(await redis.ttl(keys.forged)).toBeGreaterThan(0);
    const entries = await createAuditStream({ redis, keys, seal }).waiting(10, 0);
    expect(entries.map(({ genuine }) => genuine)).toEqual(["ours", "ours"]);
    expect(entries.map(({ entry }) => JSON.parse(entry) as object)).toMatchObject(
      ["r1", "r2"].map((id) => ({ event: "forged", detail: { kind: "record", id, why: "altered" } })),
    );
  });

  it("are told together where they come while people are being told", async () => {
    const told: number[] = [];
    const waiting: (() => void)[] = [];
    const first = new Promise<void>((resolve) => void waiting.push(resolve));
    const { forged } = aProcess(async (all) => {
      told.push(all.length);
      if (told.length === 1) await first;
    });
    forged.note(found("r0"));
    await until("the first is told", () => Promise.resolve(told.length === 1 ? true : null));
    for (let i = 1; i <= 20; i += 1) forged.note(found(`r${i}`));
    await until("all are noted", async () => ((await redis.hlen(keys.forged)) === 21 ? true : null));
    for (const go of waiting) go();
    await until("the others are told", () =>
      Promise.resolve(told.reduce((sum, n) => sum + n, 0) === 21 ? true : null),
    );
    expect(told.length).toBeLessThanOrEqual(3);
  });

  it("do not fill Redis, the log or Slack, however many there are", async () => {
    const told: number[] = [];
    const { forged, lines } = aProcess(async (all) => void told.push(all.length));
    for (let i = 0; i < 3000; i += 1) forged.note(found(`r${i}`));
    await until("they are noted", async () => ((await redis.hlen(keys.forged)) === 1000 ? true : null));
    expect(lines).toHaveLength(1000);
    expect(forged.count()).toBe(1000);
  });
});
