import { beforeEach, describe, expect, it } from "vitest";
import { ownRedis } from "../../harness/own-redis.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { createRateLimiter } from "../../../src/redis/rate-limiter.ts";
import {
  createStore,
  disposalIndex,
  type Held,
  jobIndex,
  nameIndex,
  type Store,
} from "../../../src/requests/record/store.ts";
import type { RequestRecord } from "../../../src/requests/record/record.ts";
import { aRecord as recordOf } from "../../slack/a-record.ts";
import { aSeal } from "../../fakes/seal.ts";

const keys = keysUnder("{test}");
const seal = aSeal();
const CLAIM = "prod/id/j";
/** Asked just now: what was asked more than a year ago is forgotten. */
const aRecord = (change: Partial<RequestRecord> = {}): RequestRecord =>
  recordOf({ askedAt: Date.now(), ...change });
const { redis } = await ownRedis();
let store: Store;

beforeEach(async () => {
  // what a store has seen it puts back
  store = createStore({ redis, keys, seal });
});

const hold = async (id: string): Promise<Held> => {
  const held = await store.load(id);
  if (held.record === null) throw new Error(`no record ${id}`);
  return held;
};

describe("commit", () => {
  it("writes record, indexes, claim and audit together", async () => {
    const record = aRecord({
      id: "r1",
      milestones: [],
      intent: { ...aRecord().intent, binds: { list: [] } },
    });
    const done = await store.commit([{ rev: 0, next: record }], { audit: ["{}"], take: [CLAIM] });
    expect(done.is).toBe("ok");
    const held = await hold("r1");
    // an empty list stays a list: the script never decodes a record
    expect(held).toMatchObject({ rev: 1, record: { milestones: [], intent: { binds: { list: [] } } } });
    expect(await store.openIds()).toEqual(["r1"]);
    expect(await redis.get(keys.claim(CLAIM))).toBe("r1");
    expect(await redis.xlen(keys.audit)).toBe(1);
  });

  it("is fenced by a rev that moved, and then writes nothing", async () => {
    await store.commit([{ rev: 0, next: aRecord({ id: "r1" }) }]);
    const late = await store.commit([{ rev: 0, next: aRecord({ id: "r1", state: "ended" }) }], {
      audit: ["{}"],
      take: [CLAIM],
    });
    expect(late).toEqual({ is: "fenced", requestId: "r1" });
    expect((await hold("r1")).record.state).toBe("awaiting");
    expect(await redis.exists(keys.claim(CLAIM), keys.audit)).toBe(0);
  });

  it("is busy if another request holds the claim, and names the holder", async () => {
    await store.commit([{ rev: 0, next: aRecord({ id: "r1" }) }], { take: [CLAIM] });
    const second = await store.commit([{ rev: 0, next: aRecord({ id: "r2" }) }], { take: [CLAIM] });
    expect(second).toEqual({ is: "busy", holder: "r1" });
    expect((await store.load("r2")).record).toBeNull();
  });

  it("takes all of several claims, or none", async () => {
    const other = "prod/name/orders";
    await store.commit([{ rev: 0, next: aRecord({ id: "r1" }) }], { take: [other] });
    const both = { take: [CLAIM, other] };
    expect(await store.commit([{ rev: 0, next: aRecord({ id: "r2" }) }], both)).toEqual({
      is: "busy",
      holder: "r1",
    });
    expect(await redis.get(keys.claim(CLAIM))).toBeNull();
    const gone = aRecord({ id: "r1", state: "closed" });
    await store.commit([{ rev: 1, next: gone }], { release: [CLAIM, other] });
    expect((await store.commit([{ rev: 0, next: aRecord({ id: "r2" }) }], both)).is).toBe("ok");
    expect(await redis.mget(keys.claim(CLAIM), keys.claim(other))).toEqual(["r2", "r2"]);
  });

  it("is found by the job's id, by its name, and by the ids of the jobs that it started", async () => {
    const { target } = aRecord();
    if (target.kind !== "job") throw new TypeError("a job");
    const started = "n".repeat(32);
    await store.commit([{ rev: 0, next: aRecord({ id: "r1" }) }]);
    // known only when it is about to be started
    const index = [jobIndex("prod", started)];
    await store.commit([{ rev: 1, next: aRecord({ id: "r1" }) }], { index });
    const all = [jobIndex("prod", target.jobId), jobIndex("prod", started), nameIndex("prod", target.name)];
    const found = all.map(async (one) => await store.ids(`${keys.prefix}:${one}`, 10));
    expect(await Promise.all(found)).toEqual(all.map(() => ["r1"]));
    const path = aRecord({ id: "r2", target: { kind: "path", cluster: "prod", path: "s3://b/1" } });
    await store.commit([{ rev: 0, next: path }]);
    expect(await store.ids(`${keys.prefix}:${disposalIndex("prod")}`, 10)).toEqual(["r2"]);
  });

  it("takes a claim over only from whom it names, both records in one go", async () => {
    await store.commit([{ rev: 0, next: aRecord({ id: "r1" }) }], { take: [CLAIM] });
    const both = [
      { rev: 0, next: aRecord({ id: "r2" }) },
      { rev: 1, next: aRecord({ id: "r1", supersededBy: { requestId: "r2", actor: "U" } }) },
    ];
    expect((await store.commit(both, { take: [CLAIM], from: ["r3"] })).is).toBe("busy");
    expect((await store.commit(both, { take: [CLAIM], from: ["r1"] })).is).toBe("ok");
    expect(await redis.get(keys.claim(CLAIM))).toBe("r2");
    // the end of the one taken over does not release what is not its any more
    const held = await hold("r1");
    await store.commit([{ rev: held.rev, next: { ...held.record, state: "ended" } }], { release: [CLAIM] });
    expect(await redis.get(keys.claim(CLAIM))).toBe("r2");
  });

  it("is late by Redis's clock, not by ours", async () => {
    const now = await store.now();
    const move = [{ rev: 0, next: aRecord({ id: "r1" }) }];
    expect((await store.commit(move, { before: now - 1 })).is).toBe("late");
    expect((await store.commit(move, { before: now + 60_000 })).is).toBe("ok");
  });

  it("lets go of what is closed, and keeps it readable", async () => {
    await store.commit([{ rev: 0, next: aRecord({ id: "r1" }) }]);
    await store.commit([{ rev: 1, next: aRecord({ id: "r1", state: "closed" }) }]);
    expect(await store.openIds()).toEqual([]);
    expect(await store.openOf(aRecord().actor.user)).toEqual([]);
    expect((await hold("r1")).record.state).toBe("closed");
    expect(await redis.ttl(keys.record("r1"))).toBeGreaterThan(365 * 86_400);
  });

  it("finds the open requests of one person, oldest first", async () => {
    const { actor, askedAt } = aRecord();
    const open = [
      aRecord({ id: "r2", askedAt }),
      aRecord({ id: "r1", askedAt: askedAt + 1 }),
      aRecord({ id: "r3", askedAt: askedAt - 1, parent: "r1" }),
      aRecord({ id: "r4", actor: { ...actor, user: "U0BEN00001" } }),
    ];
    for (const next of open) await store.commit([{ rev: 0, next }]);
    expect(await store.openOf(actor.user)).toEqual(["r3", "r2", "r1"]);
    expect(await store.openOf("U0BEN00001")).toEqual(["r4"]);
    expect(await store.openOf("U0CEM00001")).toEqual([]);
  });

  it("keeps audit entries without a record, for clicks that were refused", async () => {
    await store.commit([], { audit: ["{}"] });
    expect(await redis.xlen(keys.audit)).toBe(1);
  });
});

describe("cards", () => {
  it("remembers what was drawn where, and that somebody was about to post", async () => {
    expect(await store.cardsToPost("r1")).toEqual({ messages: [], said: new Set(["posting"]), tried: false });
    expect((await store.cardsToPost("r1")).tried).toBe(true);
    await store.drawn("r1", { channel: "C1", ts: "1.2" }, 3);
    await store.addCard("r1", { channel: "C1", ts: "1.2" });
    await store.addCard("r1", { channel: "C2", ts: "3.4" });
    const { messages } = await store.cards("r1");
    expect(messages.map((m) => [m.card.channel, m.drawn])).toEqual([
      ["C1", 3],
      ["C2", 0],
    ]);
  });
});

describe("pieces of a request that Slack is shown", () => {
  it("are said by one process at a time, and by another where that one died", async () => {
    const mine = { by: "w1", forMs: 60_000 };
    expect(await store.saying("r1", "end", mine)).toBe(true);
    expect(await store.saying("r1", "end", mine)).toBe(true);
    expect(await store.saying("r1", "end", { by: "w2", forMs: 60_000 })).toBe(false);
    expect(await store.saying("r1", "second look", { by: "w2", forMs: 60_000 })).toBe(true);
    expect(await redis.pttl(keys.saying("r1", "end"))).toBeGreaterThan(50_000);
    await redis.del(keys.saying("r1", "end"));
    expect(await store.saying("r1", "end", { by: "w2", forMs: 60_000 })).toBe(true);
  });

  it("are remembered, and forgotten where they were not said after all", async () => {
    await store.said("r1", "end");
    await store.cardsToPost("r1");
    await store.unsaid("r1", "posting");
    expect((await store.cards("r1")).said).toEqual(new Set(["end"]));
    expect((await store.cardsToPost("r1")).tried).toBe(false);
  });
});

describe("pace", () => {
  it("lets a burst through, then one each period, for all who share it", async () => {
    const rate = { periodMs: 10_000, toleranceMs: 10_000 };
    const [mine, theirs] = [createRateLimiter(redis, keys), createRateLimiter(redis, keys)];
    expect((await mine.take("post:C1", rate)).waitMs).toBe(0);
    expect((await theirs.take("post:C1", rate)).waitMs).toBe(0);
    const third = await mine.take("post:C1", rate);
    expect(third.waitMs).toBeGreaterThan(9000);
    expect(third.waitMs).toBeLessThanOrEqual(10_000);
    expect((await mine.take("post:C2", rate)).waitMs).toBe(0);
  });

  it("keeps what is less urgent from using up what the others may need", async () => {
    const limiter = createRateLimiter(redis, keys);
    const [low, high] = [
      { periodMs: 10_000, toleranceMs: 0 },
      { periodMs: 10_000, toleranceMs: 20_000 },
    ];
    expect((await limiter.take("post:C3", low)).waitMs).toBe(0);
    expect((await limiter.take("post:C3", low)).waitMs).toBeGreaterThan(9000);
    expect((await limiter.take("post:C3", high)).waitMs).toBe(0);
    expect((await limiter.take("post:C3", high)).waitMs).toBe(0);
    expect((await limiter.take("post:C3", high)).waitMs).toBeGreaterThan(9000);
  });
});
