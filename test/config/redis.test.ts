import { expect, it } from "vitest";
import { stringify } from "yaml";
import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/model/errors.ts";

const FILES = ["/ca.pem", "/cert.pem", "/key.pem"];

function load(redis: object, url = "redis://mymaster"): Config["redis"] {
  const text = stringify({ clusters: { orders: { url: "http://orders:8081" } }, redis });
  return loadConfig({
    env: { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1", REDIS_URL: url, SENTINEL_PASSWORD: "hush" },
    file: "f.yml",
    roles: { bot: true, worker: null },
    operations: [],
    readFile(path) {
      if (path === "f.yml") return text;
      if (FILES.includes(path)) return "PEM";
      throw Object.assign(new Error("no such file"), { code: "ENOENT" });
    },
  }).redis;
}

function problems(redis: object, url?: string): string[] {
  try {
    load(redis, url);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
}

const sentinels = [{ host: "s1" }, { host: "10.0.0.2", port: 26_380 }];

it("takes sentinels, with their ports, a user and a password of their own", () => {
  const ours = { sentinels, sentinelUsername: "flinkops", sentinelPassword: { env: "SENTINEL_PASSWORD" } };
  expect(load(ours, "redis://:hush@mymaster/1")).toMatchObject({
    url: "redis://:hush@mymaster/1",
    sentinels: [
      { host: "s1", port: 26_379 },
      { host: "10.0.0.2", port: 26_380 },
    ],
    sentinelUsername: "flinkops",
    sentinelPassword: "hush",
    cluster: [],
    tls: null,
  });
});

it("takes the nodes of a cluster, and files for TLS", () => {
  const tls = { ca: "/ca.pem", cert: "/cert.pem", key: "/key.pem", servername: "redis" };
  expect(load({ cluster: [{ host: "r2" }], tls }, "rediss://r1:6380")).toMatchObject({
    cluster: [{ host: "r2", port: 6379 }],
    tls,
  });
});

it.each<[name: string, redis: object, url: string, problem: string]>([
  [
    "sentinels and a cluster",
    { sentinels, cluster: [{ host: "r1" }] },
    "redis://mymaster",
    "- redis.cluster: a Redis Cluster has no sentinels; keep redis.sentinels or redis.cluster",
  ],
  [
    "an address where the name of the master belongs",
    { sentinels },
    "redis://redis-1:6379",
    "- redis.url: with redis.sentinels, must be the name of the master without a port, like redis://mymaster",
  ],
  [
    "the same in the file",
    { sentinels, url: "redis://redis-1:6379" },
    "",
    "- redis.url: with redis.sentinels, must be the name of the master without a port, like redis://mymaster",
  ],
  [
    "a database of a cluster",
    { cluster: [{ host: "r1" }] },
    "redis://r1/3",
    "- redis.url: a Redis Cluster has database 0 only, like redis://redis-1:6379",
  ],
  [
    "certificates for an address in the clear",
    { tls: { ca: "/ca.pem" } },
    "redis://:hush@r1",
    "- redis.url: must begin with rediss://, because redis.tls is set",
  ],
  [
    "a certificate without its key",
    { tls: { cert: "/cert.pem" } },
    "rediss://r1",
    "- redis.tls: cert and key belong together; one is missing",
  ],
  [
    "a file that is not there",
    { tls: { ca: "/absent.pem" } },
    "rediss://r1",
    "- redis.tls.ca: file /absent.pem cannot be read (ENOENT)",
  ],
  [
    "a sentinel's password in the file",
    { sentinels, sentinelPassword: "hush" },
    "redis://mymaster",
    "- redis.sentinelPassword: a secret must not be in this file; write { env: NAME } or { file: /path }",
  ],
  [
    "a sentinel's password that is not set",
    { sentinels, sentinelPassword: { env: "ABSENT" } },
    "redis://mymaster",
    "- redis.sentinelPassword: environment variable ABSENT is not set",
  ],
  [
    "a user without a password",
    { sentinels, sentinelUsername: "flinkops" },
    "redis://mymaster",
    "- redis.sentinelUsername: needs redis.sentinelPassword",
  ],
  [
    "a password for sentinels that are not named",
    { sentinelPassword: { env: "SENTINEL_PASSWORD" } },
    "redis://r1",
    "- redis.sentinelPassword: needs redis.sentinels",
  ],
  [
    "a port in the name",
    { sentinels: [{ host: "s1 26379" }] },
    "redis://mymaster",
    "- redis.sentinels.0.host: must be the name or IP address of a server",
  ],
  ["no sentinel", { sentinels: [] }, "redis://r1", "- redis.sentinels: names no server; leave it out"],
])("refuses %s", (_, redis, url, problem) => {
  const found = problems(redis, url);
  expect(found).toContain(problem);
  expect(found.join()).not.toContain("hush");
});
