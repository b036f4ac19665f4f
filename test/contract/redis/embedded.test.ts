import { afterAll, beforeAll, expect, it } from "vitest";
import { type PrivateRedis, startRedis } from "../../../playground/redis.ts";
import { downloadRedisServer } from "../../../playground/redis-server.ts";
import { backOptions, connectRedis, type RedisClient } from "../../../src/redis/connect.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { createStore } from "../../../src/requests/record/store.ts";
import { aSeal } from "../../fakes/seal.ts";
import { suiteWith } from "../../harness/needs.ts";
import { aRecord } from "../../slack/a-record.ts";

const suite = await suiteWith(["redis of Maven Central"]);

// all other suites use the installed one where there is one
suite("the Redis of Maven Central, which a machine without redis-server uses", () => {
  let server: PrivateRedis;
  let redis: RedisClient;

  beforeAll(async () => {
    server = await startRedis([], await downloadRedisServer());
    redis = connectRedis(backOptions(server), () => undefined);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it("answers, is the version that we document as the oldest, and evicts nothing", async () => {
    expect(await redis.ping()).toBe("PONG");
    expect(server.words).toMatch(/^6\.2\.\d+ \(from Maven Central, .*redis-server/u);
    expect(await redis.info("server")).toMatch(/^redis_version:6\.2\./mu);
    expect(await redis.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
  });

  it("runs our commit script, and keeps what it wrote when it is killed", async () => {
    const keys = keysUnder("{test}");
    const seal = aSeal();
    const store = createStore({ redis, keys, seal });
    const next = aRecord({ id: "r1", askedAt: Date.now() });
    const claim = { take: ["prod/id/j"] };
    expect((await store.commit([{ rev: 0, next }], { audit: ["{}"], ...claim })).is).toBe("ok");
    expect(await store.commit([{ rev: 0, next }], claim)).toEqual({ is: "fenced", requestId: "r1" });

    await server.kill();
    await server.restart();
    // no store that has seen it before, which would put it back
    const later = createStore({ redis, keys, seal });
    expect(await later.load("r1")).toMatchObject({ rev: 1, record: { id: "r1", state: next.state } });
    expect(await redis.get(keys.claim("prod/id/j"))).toBe("r1");
    expect(await redis.xlen(keys.audit)).toBe(1);
  });
});
