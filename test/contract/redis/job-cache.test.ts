import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { until } from "../../../playground/processes.ts";
import { type PrivateRedis, startRedis } from "../../../playground/redis.ts";
import { createJobCache, type JobCache } from "../../../src/job-cache/job-cache.ts";
import { type ReaderOptions, startReader } from "../../../src/job-cache/reader.ts";
import { createLog } from "../../../src/platform/log.ts";
import { backOptions, connectRedis, type RedisClient } from "../../../src/redis/connect.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { createStates } from "../../../src/job-cache/states.ts";
import { createStore, type Store } from "../../../src/requests/record/store.ts";
import { aJob, FakeFlinkReads } from "../../fakes/flink-reads.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { ManualClock } from "../../fakes/clock.ts";
import { aSeal } from "../../fakes/seal.ts";

const keys = keysUnder("{test}");
const seal = aSeal();
let server: PrivateRedis;
let redis: RedisClient;
let jobCache: JobCache;
let store: Store;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(backOptions(server), () => undefined);
  jobCache = createJobCache({ redis, keys, seal, configured: [{ name: "prod", label: "Prod" }] });
  store = createStore({ redis, keys, seal });
});
beforeEach(async () => {
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** Counts how often the cluster's jobs are read, and holds an answer back where told. */
class CountedReads extends FakeFlinkReads {
  readings = 0;
  held: Promise<void> = Promise.resolve();
  override async overview() {
    this.readings += 1;
    const jobs = await super.overview();
    await this.held;
    return jobs;
  }
}

function gate(): { passed: Promise<void>; open(): void } {
  const waiting: (() => void)[] = [];
  const passed = new Promise<void>((resolve) => void waiting.push(resolve));
  return { passed, open: () => waiting.forEach((go) => go()) };
}

const start = (reads: FakeFlinkReads, change: Partial<ReaderOptions> = {}) =>
  startReader({
    redis,
    keys,
    jobCache,
    clusters: [reads],
    worker: "w1",
    idle: 60_000,
    watched: 20,
    states: createStates(redis, keys, seal),
    everyState: 60_000,
    onWaited: () => undefined,
    log: createLog("silent"),
    clock: systemClock,
    ...change,
  });
const seen = async () => (await jobCache.peek(["prod"])).get("prod");
const readBy = async (reads: CountedReads): Promise<void> =>
  void (await until("a reading", () => Promise.resolve(reads.readings > 0 ? true : null), 2000));

it("reads more often while somebody looks, and never keeps itself looking", async () => {
  const reads = new CountedReads();
  const reader = start(reads);
  try {
    await until("the first reading", async () => ((await seen()) === undefined ? null : true));
    expect(await redis.exists(keys.watched("prod"))).toBe(0);
    expect(reads.readings).toBe(1);
    const before = (await store.now()) - 20_000;
    const old = JSON.stringify({ ...(await seen()), readAt: before });
    await redis.set(keys.directory("prod"), seal.close({ kind: "directory", id: "prod", rev: 0 }, old));
    // what is old is read anew before it is shown
    expect((await jobCache.clusters())[0]?.readAt).toBeGreaterThanOrEqual(before + 20_000);
    await until("more readings", () => Promise.resolve(reads.readings > 3 ? true : null));
    expect(await redis.exists(keys.watched("prod"))).toBe(1);
  } finally {
    await reader.close();
  }
});

it("hands its seat over at the end, so that the next reader need not wait for it to lapse", async () => {
  const [first, second] = [new CountedReads(), new CountedReads()];
  const reader = start(first);
  await readBy(first);
  expect(await redis.pttl(keys.reader("prod"))).toBeGreaterThan(9000);
  const next = start(second, { worker: "w2" });
  try {
    await systemClock.sleep(200);
    expect(second.readings).toBe(0);
    await reader.close();
    await readBy(second);
    expect(await redis.get(keys.reader("prod"))).toMatch(/^\d+ w2$/u);
    // a second farewell is nobody else's
    await reader.close();
    expect(await redis.get(keys.reader("prod"))).toMatch(/^\d+ w2$/u);
  } finally {
    await next.close();
  }
});

class OfCluster extends CountedReads {
  override readonly cluster: string;
  constructor(cluster: string) {
    super();
    this.cluster = cluster;
  }
}

it("asks for the seats of all clusters in one call, and reads those that are free", async () => {
  const names = Array.from({ length: 30 }, (_, i) => `c${i}`);
  const [mine, theirs] = [names, names.slice(0, 10)].map((some) => some.map((name) => new OfCluster(name)));
  const other = start(new FakeFlinkReads(), { clusters: theirs ?? [], worker: "w2" });
  await until("the other one has its ten", () =>
    Promise.resolve(theirs?.every((reads) => reads.readings > 0) === true ? true : null),
  );
  await redis.config("RESETSTAT");
  const reader = start(new FakeFlinkReads(), { clusters: mine ?? [], watched: 100 });
  try {
    await until("the others were read", () =>
      Promise.resolve(mine?.slice(10).every((reads) => reads.readings === 1) === true ? true : null),
    );
    await systemClock.sleep(500);
    expect(mine?.slice(0, 10).map((reads) => reads.readings)).toEqual(names.slice(0, 10).map(() => 0));
    expect(await redis.get(keys.reader("c3"))).toMatch(/ w2$/u);
    expect(await redis.get(keys.reader("c13"))).toMatch(/ w1$/u);
    const calls = /cmdstat_evalsha:calls=(\d+)/u.exec(await redis.info("commandstats"))?.[1];
    // twenty entries written; each turn of 100 ms, and of 20 ms of the other one, is one call and not thirty
    expect(Number(calls)).toBeLessThan(20 + 200);
  } finally {
    await Promise.all([reader.close(), other.close()]);
  }
  expect(await redis.exists(...names.map((name) => keys.reader(name)))).toBe(0);
});

it("keeps its seat while it reads, however long that takes", async () => {
  const [slow, other] = [new CountedReads(), new CountedReads()];
  const answer = gate();
  slow.held = answer.passed;
  // a seat of 300 ms
  const reader = start(slow, { idle: 100 });
  await readBy(slow);
  const rival = start(other, { idle: 100, worker: "w2" });
  try {
    await systemClock.sleep(1000);
    expect(other.readings).toBe(0);
  } finally {
    answer.open();
    await Promise.all([reader.close(), rival.close()]);
  }
});

it("writes nothing any more where it stood still and another one has taken over", async () => {
  const [old, fresh] = [new CountedReads(), new CountedReads()];
  const answer = gate();
  old.held = answer.passed;
  old.theJob = aJob({ name: "of-yesterday" });
  fresh.theJob = aJob({ name: "of-today" });
  const awake = gate();
  // its process is stopped: no tick, so the seat is not kept
  const stopped = { ...systemClock, sleep: async () => await awake.passed };
  const reader = start(old, { idle: 100, clock: stopped });
  await readBy(old);
  const next = start(fresh, { idle: 100, worker: "w2" });
  try {
    const names = async () => (await seen())?.jobs.map((job) => job.name).join(" ");
    await until("the next one has read", async () => ((await names()) === "of-today" ? true : null));
    answer.open();
    awake.open();
    await reader.close();
    expect(await names()).toBe("of-today");
    expect(await redis.get(keys.reader("prod"))).toMatch(/ w2$/u);
  } finally {
    answer.open();
    awake.open();
    await next.close();
  }
});

it("dates what it has seen by Redis's clock, whatever this machine's says", async () => {
  const reads = new CountedReads();
  const fast = { ...systemClock, now: () => systemClock.now() + 3_600_000 };
  const reader = start(reads, { clock: fast });
  try {
    await until("a reading", async () => ((await seen()) === undefined ? null : true));
    expect(Math.abs((await store.now()) - ((await seen())?.readAt ?? 0))).toBeLessThan(5000);
  } finally {
    await reader.close();
  }
});

it("marks a cluster as watched once for many looks, and again in good time", async () => {
  const clock = new ManualClock(1_000_000);
  const own = createJobCache({ redis, keys, seal, configured: [{ name: "prod", label: "Prod" }], clock });
  const marks = async (): Promise<boolean> => {
    await redis.del(keys.watched("prod"));
    for (let i = 0; i < 3; i += 1) await own.read(["prod"]);
    // the same connection answers in order
    return (await redis.exists(keys.watched("prod"))) === 1;
  };
  expect(await marks()).toBe(true);
  clock.at += 4000;
  expect(await marks()).toBe(false);
  clock.at += 1000;
  expect(await marks()).toBe(true);
});
