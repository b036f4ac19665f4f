import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { until } from "../../../playground/processes.ts";
import { type PrivateRedis, startRedis } from "../../../playground/redis.ts";
import { createJobCache } from "../../../src/job-cache/job-cache.ts";
import { startReader } from "../../../src/job-cache/reader.ts";
import { createStates } from "../../../src/job-cache/states.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { createLog } from "../../../src/platform/log.ts";
import { aclLine } from "../../../src/redis/acl.ts";
import {
  backOptions,
  connectRedis,
  frontOptions,
  listeningOptions,
  type RedisClient,
  untilReady,
} from "../../../src/redis/connect.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { listen } from "../../../src/redis/listen.ts";
import { FakeFlinkReads } from "../../fakes/flink-reads.ts";
import { aSeal } from "../../fakes/seal.ts";

const keys = keysUnder("{test}");
const seal = aSeal();
const configured = [{ name: "prod", label: "Prod" }];
let server: PrivateRedis;
let redis: RedisClient;
const clients: RedisClient[] = [];
const running: { close(): Promise<void> }[] = [];

const open = (options: Parameters<typeof connectRedis>[0]): RedisClient => {
  const client = connectRedis(options, () => undefined);
  clients.push(client);
  return client;
};

beforeAll(async () => {
  server = await startRedis();
  redis = open(backOptions(server));
});
beforeEach(async () => {
  await redis.flushall();
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
  for (const client of clients.splice(1)) client.disconnect();
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

class CountedReads extends FakeFlinkReads {
  readings = 0;
  override async overview() {
    this.readings += 1;
    return await super.overview();
  }
}

/** A worker that reads once, and then only because of hints: its next turn would never come by itself. */
async function aWorker({ url = server.url, worker = "w1" } = {}) {
  const reads = new CountedReads();
  const refused: string[] = [];
  let later = 0;
  const clock = {
    ...systemClock,
    monotonic: () => systemClock.monotonic() + later,
    sleep: async (ms: number, signal?: AbortSignal) =>
      ms <= 100
        ? await systemClock.sleep(ms, signal)
        : await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve())),
  };
  const own = open(backOptions({ url }));
  const reader = startReader({
    redis: own,
    keys,
    jobCache: createJobCache({ redis: own, keys, seal, configured }),
    clusters: [reads],
    worker,
    idle: 3_600_000,
    watched: 2000,
    states: createStates(own, keys, seal),
    everyState: 60_000,
    onWaited: (hint) =>
      listen(open(listeningOptions({ url })), keys.waited, {
        heard: hint,
        refused: ({ message }) => void refused.push(message),
      }),
    log: createLog("silent"),
    clock,
  });
  running.push(reader);
  return { reads, refused, pass: (ms: number) => (later += ms) };
}

const listeners = async (): Promise<number> => Number((await redis.pubsub("NUMSUB", keys.waited))[1]);
const untilListening = async (count: number): Promise<void> =>
  void (await until("they listen", async () => ((await listeners()) === count ? true : null)));

/** The entry is now so old that a list waits for a newer one. */
async function age(): Promise<number> {
  const cache = createJobCache({ redis, keys, seal, configured });
  const seen = await until("an entry", async () => (await cache.peek(["prod"])).get("prod") ?? null);
  const readAt = (seen.readAt ?? 0) - 20_000;
  const json = JSON.stringify({ ...seen, readAt });
  await redis.set(keys.directory("prod"), seal.close({ kind: "directory", id: "prod", rev: 0 }, json));
  return readAt;
}
/** The bot's list: when the jobs that it shows were read. */
const list = async (over: RedisClient = redis): Promise<number> =>
  (await createJobCache({ redis: over, keys, seal, configured }).clusters())[0]?.readAt ?? 0;

it("is read at once when a list waits for it, and after a reconnection as well", async () => {
  const { reads, pass } = await aWorker();
  await untilListening(1);
  for (const readings of [2, 3]) {
    const old = await age();
    expect(reads.readings).toBe(readings - 1);
    pass(2000);
    expect(await list()).toBeGreaterThanOrEqual(old + 20_000);
    expect(reads.readings).toBe(readings);
    await redis.call("CLIENT", "KILL", "TYPE", "pubsub");
    await untilListening(0);
    await untilListening(1);
  }
});

it("is not read because of hints alone, nor more often than a watched cluster", async () => {
  const { reads, pass } = await aWorker();
  await untilListening(1);
  await age();
  const turns = async (): Promise<number> =>
    Number(/cmdstat_evalsha:calls=(\d+)/u.exec(await redis.info("commandstats"))?.[1]);
  const hinted = async (): Promise<void> => {
    const before = await turns();
    await until("some turns", async () => {
      await redis.publish(keys.waited, "anything at all");
      return (await turns()) >= before + 3 ? true : null;
    });
  };
  pass(2000);
  await hinted();
  expect(reads.readings).toBe(1);
  await redis.set(keys.watched("prod"), 1);
  await hinted();
  expect(reads.readings).toBe(2);
  await hinted();
  expect(reads.readings).toBe(2);
});

it("is heard by the workers of all zones, and the one that has the seat reads", async () => {
  const first = await aWorker();
  await until("it reads", () => Promise.resolve(first.reads.readings > 0 ? true : null));
  const second = await aWorker({ worker: "w2" });
  await untilListening(2);
  const old = await age();
  for (const { pass } of [first, second]) pass(2000);
  expect(await list()).toBeGreaterThanOrEqual(old + 20_000);
  expect([first.reads.readings, second.reads.readings]).toEqual([2, 0]);
});

it("is read at the next turn of a reader that does not listen, as that of an earlier version", async () => {
  const reads = new CountedReads();
  running.push(
    startReader({
      redis,
      keys,
      jobCache: createJobCache({ redis, keys, seal, configured }),
      clusters: [reads],
      worker: "w1",
      idle: 3_600_000,
      watched: 200,
      states: createStates(redis, keys, seal),
      everyState: 60_000,
      onWaited: () => undefined,
      log: createLog("silent"),
      clock: systemClock,
    }),
  );
  const old = await age();
  expect(await list()).toBeGreaterThanOrEqual(old + 20_000);
});

it("works as slowly as before for a Redis user that has no right to the channel", async () => {
  const words = aclLine("{test}")
    .replace("'&{test}:*'", "")
    .replace(/\+publish|\+subscribe/gu, "")
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => word.replace(/^'(.*)'$/u, "$1").replace("CHANGE-ME", "secret"));
  await redis.call(...(words as [string, ...string[]]));
  const own = new URL(server.url);
  own.username = "flinkops";
  own.password = "secret";
  const { refused } = await aWorker({ url: own.href });
  expect(await until("the refusal", () => Promise.resolve(refused[0] ?? null))).toMatch(/NOPERM/u);
  const old = await age();
  const bot = open(frontOptions({ url: own.href }));
  await untilReady(bot, 3000, systemClock);
  // nobody reads it, so it is shown as it is
  expect(await list(bot)).toBe(old);
});
