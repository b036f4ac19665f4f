import { afterAll, beforeAll, expect, it } from "vitest";
import { type PrivateRedis, startRedis } from "../../../playground/redis.ts";
import { connectRedis, frontOptions, type RedisClient, untilReady } from "../../../src/redis/connect.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { tellOnce } from "../../../src/redis/told.ts";
import { systemClock } from "../../../src/platform/clock.ts";

const keys = keysUnder("{test}");
let server: PrivateRedis;
let clients: RedisClient[] = [];

beforeAll(async () => {
  server = await startRedis();
  clients = [1, 2, 3].map(() => connectRedis(frontOptions(server), () => undefined));
  await Promise.all(clients.map(async (client) => await untilReady(client, 5000, systemClock)));
});
afterAll(async () => {
  for (const client of clients) client.disconnect();
  await server.stop();
});

const fail = (): Promise<void> => Promise.reject(new Error("slack is away"));

it("lets one process of many say it, for some minutes", async () => {
  let said = 0;
  const key = keys.told("policy a");
  await Promise.all(clients.map(async (c) => await tellOnce(c, key, async () => void (said += 1))));
  expect(said).toBe(1);
  expect(await clients[0]?.ttl(key)).toBeGreaterThan(500);
});

it("lets the next one try, where it could not be said", async () => {
  let said = 0;
  const [one, other] = clients;
  if (one === undefined || other === undefined) throw new Error("no clients");
  const key = keys.told("policy b");
  await expect(tellOnce(one, key, fail)).rejects.toThrow("slack is away");
  await tellOnce(other, key, async () => void (said += 1));
  expect(said).toBe(1);
});
