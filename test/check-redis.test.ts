import { expect, it } from "vitest";
import { type RedisFacts, redisLines } from "../src/check-redis.ts";
import { printed } from "../src/check.ts";
import { loadConfig } from "../src/config/load.ts";

const FACTS: RedisFacts = {
  version: "7.2.4",
  maxmemoryPolicy: "noeviction",
  appendonly: true,
  appendfsync: "always",
  snapshots: false,
  replicas: 2,
  minReplicas: 0,
};
const SENTINELS = "sentinels: [{ host: s1 }]";

function linesFor(redis: string, facts: Partial<RedisFacts>): { text: string; exitCode: number } {
  const config = loadConfig({
    env: { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1", REDIS_URL: "redis://mymaster" },
    file: "f",
    roles: { bot: true, worker: null },
    operations: [],
    readFile: () => `{ clusters: { orders: { url: 'http://orders:8081' } }, redis: { ${redis} } }`,
  });
  return printed(redisLines(config, { ...FACTS, ...facts }));
}

it.each<[name: string, redis: string, facts: Partial<RedisFacts>, line: string, exitCode: number]>([
  [
    "sentinels that may lose what was acknowledged",
    SENTINELS,
    {},
    "warn  Redis: a fail-over may lose requests that were acknowledged just before - set redis.waitReplicas: 1, and min-replicas-to-write 1 on the servers",
    0,
  ],
  [
    "the same where the server guards itself",
    SENTINELS,
    { minReplicas: 1 },
    "warn  Redis: a fail-over may lose requests that were acknowledged just before - set redis.waitReplicas: 1",
    0,
  ],
  [
    "a cluster that may lose what was acknowledged",
    "cluster: [{ host: r1 }]",
    { minReplicas: null },
    "warn  Redis: a fail-over may lose requests that were acknowledged just before - set redis.waitReplicas: 1",
    0,
  ],
  [
    "replicas that confirm",
    `${SENTINELS}, waitReplicas: 1`,
    {},
    "ok    Redis: 1 of 2 replicas confirm each request",
    0,
  ],
  [
    "fewer replicas than have to confirm",
    `${SENTINELS}, waitReplicas: 2`,
    { replicas: 1 },
    "FAIL  Redis: 1 replica follows the master, and redis.waitReplicas is 2: nothing will be accepted - add replicas, or lower redis.waitReplicas",
    1,
  ],
  [
    "a user that may not read the configuration",
    "",
    { appendfsync: null, snapshots: null },
    "warn  Redis: this user may not read whether appendfsync is always; with everysec a power cut loses the last second - ask whoever runs Redis",
    0,
  ],
  [
    "the same without an append-only file",
    "",
    { appendonly: false, appendfsync: null, snapshots: null },
    "warn  Redis: no append-only file, a restart loses the last minutes or everything - set appendonly yes and appendfsync always",
    0,
  ],
])("tells of %s", (_, redis, facts, line, exitCode) => {
  const out = linesFor(redis, facts);
  expect(out.text.split("\n")).toContain(line);
  expect(out.exitCode).toBe(exitCode);
});

it("says nothing about replicas of a single server", () => {
  expect(linesFor("", { replicas: 0 }).text).not.toContain("replica");
});
