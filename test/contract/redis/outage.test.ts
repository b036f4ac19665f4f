import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../../playground/processes.ts";
import { type PrivateRedis, startRedis } from "../../../playground/redis.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { RedisUnavailable } from "../../../src/model/errors.ts";
import { createLog } from "../../../src/platform/log.ts";
import { operations } from "../../../src/operations/index.ts";
import { createGlance, createReach } from "../../../src/queue/glance.ts";
import { lanesOf } from "../../../src/queue/lanes.ts";
import { createQueues, type Queues } from "../../../src/queue/queues.ts";
import { connectRedis, frontOptions, type RedisClient } from "../../../src/redis/connect.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { type Pulse, startPulse } from "../../../src/redis/pulse.ts";
import { anIntake } from "../../requests/an-engine.ts";
import { aSeal } from "../../fakes/seal.ts";

const keys = keysUnder("{test}");
const seal = aSeal();
const lines: { level: string; msg: string }[] = [];
const log = createLog(
  "info",
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as (typeof lines)[number]);
      done();
    },
  }),
);
const said = (): string[] => lines.map((line) => `${line.level}: ${line.msg}`);
const took = async (work: Promise<unknown>): Promise<number> => {
  const before = performance.now();
  await work.catch(() => undefined);
  return performance.now() - before;
};
const sleep = async (ms: number): Promise<void> => await systemClock.sleep(ms);

let server: PrivateRedis;
let redis: RedisClient;
let pulse: Pulse;
let queues: Queues;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(frontOptions(server), (error) => pulse.failed(error));
  pulse = startPulse(redis, { clock: systemClock, log });
  queues = createQueues({
    client: redis,
    prefix: keys.prefix,
    seal,
    zones: ["a", "b"],
    laneOf: lanesOf(operations),
    onError: pulse.failed,
  });
  await until("Redis answers", () => Promise.resolve(pulse.ok() ? true : null));
});
afterAll(async () => {
  pulse.close();
  await queues.close();
  redis.disconnect();
  await server.stop();
});

const reach = (): Promise<void> => createReach(redis, systemClock)();
let known: ReturnType<typeof createGlance> | null = null;
const glance = async (): Promise<unknown> => {
  known ??= createGlance({ redis, keys, seal, watch: () => undefined, clock: systemClock });
  return await known({ name: "prod", zone: "a" });
};
/** What accepting a request does to Redis. */
const accept = async (id: string): Promise<void> => {
  await reach();
  await glance();
  await queues.add("a", anIntake({ requestId: id }));
};

describe("a Redis that is gone", () => {
  it("is known at once, and is one line in the log, whoever meets it and however often", async () => {
    lines.splice(0);
    await server.kill();
    await until("it is known", () => Promise.resolve(pulse.ok() ? null : true), 1000);
    for (let i = 0; i < 3; i += 1) await expect(accept(`r${i}`)).rejects.toBeInstanceOf(RedisUnavailable);
    await sleep(1500);
    expect(said()).toEqual(["warn: redis is not available"]);
    expect(JSON.stringify(lines)).not.toContain(".ts:");
  });

  it("takes the very first command after it is back, and is ready within a second; that is one more line", async () => {
    await server.restart();
    const back = performance.now();
    await accept("r-first");
    await until("it is ready", () => Promise.resolve(pulse.ok() ? true : null), 1000);
    expect(performance.now() - back).toBeLessThan(1000);
    expect(said()).toEqual(["warn: redis is not available", "info: redis is available again"]);
    expect(lines[1]).toMatchObject({ afterMs: expect.any(Number) });
    expect(await redis.exists(`${keys.prefix}:changes-a:r-first`)).toBe(1);
  });
});

describe("a Redis that hangs", () => {
  it("fails each call within a second and is not ready after two; when Redis continues, so does flinkops", async () => {
    server.signal("SIGSTOP");
    try {
      expect(await took(accept("r-hung"))).toBeLessThan(1000);
      await until("it is known", () => Promise.resolve(pulse.ok() ? null : true), 2000);
      // long enough for the silent socket to be replaced, behind which there may be nobody any more
      await sleep(3500);
    } finally {
      server.signal("SIGCONT");
    }
    await until("it is ready", () => Promise.resolve(pulse.ok() ? true : null), 1000);
    await accept("r-unhung");
    expect(await redis.exists(`${keys.prefix}:changes-a:r-unhung`)).toBe(1);
  });

  it("tells Redis's own time all the while, whatever this machine's clock says", async () => {
    const [seconds] = await redis.time();
    expect(Math.abs(pulse.now() - Number(seconds) * 1000)).toBeLessThan(1500);
    // a script that is given a part of a millisecond is refused
    expect(Number.isInteger(pulse.now())).toBe(true);
    const skewed = { ...systemClock, now: () => systemClock.now() - 3_600_000 };
    const other = startPulse(redis, { clock: skewed, log });
    await until("it has asked", () => Promise.resolve(other.ok() ? true : null));
    expect(Math.abs(other.now() - pulse.now())).toBeLessThan(200);
    other.close();
  });
});
