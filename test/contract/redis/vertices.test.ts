import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type PrivateRedis, startRedis } from "../../../playground/redis.ts";
import {
  createStates,
  type KeptVertices,
  type SeenStates,
  type States,
} from "../../../src/job-cache/states.ts";
import { backOptions, connectRedis, type RedisClient } from "../../../src/redis/connect.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { aSeal } from "../../fakes/seal.ts";

const keys = keysUnder("{test}");
let server: PrivateRedis;
let redis: RedisClient;
let states: States;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(backOptions(server), () => undefined);
  states = createStates(redis, keys, aSeal());
});
beforeEach(async () => {
  await redis.flushall();
  await redis.set(keys.reader("prod"), "1 w1");
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const of = (jobId: string, length: number): KeptVertices => ({
  v: 1,
  jobId,
  startedAt: 1,
  at: 2,
  vertices: Array.from({ length }, (_, i) => ({
    id: String(i).padStart(32, "0"),
    name: "window -> enrich -> count",
    maxParallelism: 128,
    head: "window",
    bytes: 41_000_000,
  })),
});
const write = async (change: Partial<SeenStates>): Promise<void> =>
  await states.write("prod", {
    token: "1 w1",
    jobs: [],
    vertices: [],
    forget: [],
    stillListed: [],
    ...change,
  });

it("the vertices of a job are written by the cluster's reader only, and forgotten with the job", async () => {
  await write({ token: "0 w2", vertices: [of("j1", 2)] });
  expect(await states.vertices("prod", "j1")).toBeNull();
  await write({ vertices: [of("j1", 2), of("j2", 1)] });
  expect(await states.vertices("prod", "j1")).toEqual(of("j1", 2));
  expect(await redis.ttl(keys.vertices("prod"))).toBeGreaterThan(399 * 86_400);
  await write({ forget: ["j1"] });
  expect(await redis.hkeys(keys.vertices("prod"))).toEqual(["j2"]);
});

it("they are believed only as we wrote them, of that job and cluster", async () => {
  await write({ vertices: [of("j1", 1)] });
  const ours = (await redis.hget(keys.vertices("prod"), "j1")) ?? "";
  await redis.hset(keys.vertices("prod"), "j2", ours);
  await redis.hset(keys.vertices("dev"), "j1", ours);
  await redis.hset(keys.states("prod"), "j1", ours);
  await redis.hset(keys.vertices("prod"), "j1", ours.replace("41000000", "0"));
  expect(await states.vertices("prod", "j1")).toBeNull();
  expect(await states.vertices("prod", "j2")).toBeNull();
  expect(await states.vertices("dev", "j1")).toBeNull();
  expect(await states.read("prod")).toEqual([]);
});

it("some hundreds are stored; of more only that there are too many", async () => {
  await write({ vertices: [of("j1", 500), of("j2", 5000)] });
  expect((await states.vertices("prod", "j1"))?.vertices).toHaveLength(500);
  expect(await states.vertices("prod", "j2")).toEqual({ ...of("j2", 0), vertices: null });
  expect(await redis.memory("USAGE", keys.vertices("prod"))).toBeLessThan(110_000);
});
