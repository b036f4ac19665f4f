import { expect, it } from "vitest";
import { type CheckProbes, check, type ClusterFacts, printed } from "../src/check.ts";
import type { RedisFacts } from "../src/check-redis.ts";
import type { AuditFacts } from "../src/check-audit.ts";
import type { SlackName, SlackNameProblem } from "../src/check-names.ts";
import type { SlackFacts } from "../src/check-slack.ts";
import type { Config } from "../src/config/config.ts";
import { loadConfig } from "../src/config/load.ts";
import { SlackUnavailable } from "../src/model/errors.ts";

const SCOPES = ["commands", "chat:write"];
const BOTH = { bot: true, worker: { zone: null } };

function aConfig(file = "clusters: { orders: { url: 'http://orders:8081' } }"): Config {
  return loadConfig({
    env: { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1", REDIS_URL: "redis://r" },
    file: "f",
    roles: BOTH,
    operations: [],
    readFile: () => file,
  });
}

const REDIS: RedisFacts = {
  version: "7.0.15",
  maxmemoryPolicy: "noeviction",
  appendonly: true,
  appendfsync: "always",
  snapshots: false,
  replicas: 0,
  minReplicas: 0,
};
const CLUSTER: ClusterFacts = {
  version: "2.3.0",
  scheduler: "Adaptive",
  rescale: true,
  open: false,
  operatorManaged: null,
};

const SLACK = { team: "Acme", user: "flink", enterprise: null, orgWide: false };

const or = <T>(value: T | Error): T => {
  if (value instanceof Error) throw value;
  return value;
};

function probes(more: {
  redis?: Partial<RedisFacts> | Error;
  forged?: Awaited<ReturnType<CheckProbes["forged"]>>;
  workers?: number | Error;
  audit?: Partial<AuditFacts>;
  cluster?: Partial<ClusterFacts> | Error;
  scopes?: readonly string[] | Error;
  slack?: Partial<SlackFacts>;
  appToken?: Error;
  names?: readonly SlackNameProblem[] | Error;
}): CheckProbes {
  return {
    redis: async () => ({ ...REDIS, ...or(more.redis ?? {}) }),
    forged: async () => or(more.forged ?? []),
    audit: async () => ({ head: 7, waiting: 0, sinks: new Map(), problem: null, ...more.audit }),
    workers: async () => new Map([["default", or(more.workers ?? 2)]]),
    cluster: async () => ({ ...CLUSTER, ...or(more.cluster ?? {}) }),
    slack: async () => ({ ...SLACK, scopes: or(more.scopes ?? SCOPES), ...more.slack }),
    slackNames: async () => or(more.names ?? []),
    appToken: async () => void or(more.appToken ?? null),
  };
}

async function run(more: Parameters<typeof probes>[0], config = aConfig()) {
  return printed(await check({ config, roles: BOTH, scopes: SCOPES }, probes(more)));
}

it("prints a line for each thing that is as it should be", async () => {
  expect(await run({})).toEqual({
    exitCode: 0,
    text: [
      "ok    configuration: 1 cluster, deployment flinkops",
      "ok    policy: read-only, people.operate is not set",
      "ok    seal: no key; reading needs none",
      "ok    Redis: version 7.0.15",
      "ok    Redis: maxmemory-policy noeviction",
      "ok    Redis: every write is on disk before it counts",
      "ok    Redis: all values were written by flinkops",
      "ok    audit log: 7 entries",
      "ok    zone default: 2 workers",
      "ok    cluster orders: Flink 2.3.0, scheduler Adaptive",
      "ok    cluster orders: parallelism can be changed in place",
      "ok    Slack bot token: flink in Acme",
      "ok    Slack scopes: complete",
      "ok    Slack app token: Socket Mode answers",
    ].join("\n"),
  });
});

it.each<[name: string, more: Parameters<typeof probes>[0], line: string, exitCode: 0 | 1]>([
  [
    "a zone that nobody serves",
    { workers: 0 },
    "warn  zone default: no worker runs, so requests for its clusters wait - start `flinkops worker --zone default`",
    0,
  ],
  [
    "an old Redis",
    { redis: { version: "6.0.16" } },
    "FAIL  Redis: version 6.0.16 is too old - use 6.2 or newer",
    1,
  ],
  [
    "a Redis that evicts",
    { redis: { maxmemoryPolicy: "allkeys-lru" } },
    "FAIL  Redis: maxmemory-policy allkeys-lru may delete requests - set maxmemory-policy noeviction",
    1,
  ],
  [
    "a Redis that writes nothing",
    { redis: { appendonly: false } },
    "FAIL  Redis: nothing is written to disk, a restart loses every request - set appendonly yes and appendfsync always (or deployment.dev: true)",
    1,
  ],
  [
    "a Redis with snapshots only",
    { redis: { appendonly: false, snapshots: true } },
    "warn  Redis: snapshots only, a restart loses the last minutes - set appendonly yes and appendfsync always",
    0,
  ],
  [
    "a Redis that writes each second",
    { redis: { appendfsync: "everysec" } },
    "warn  Redis: appendfsync everysec, a power cut loses the last second - set appendfsync always; the load of a chat bot is small",
    0,
  ],
  [
    "no Redis",
    { redis: new Error("connect ECONNREFUSED redis://:hush@r") },
    "FAIL  Redis: connect ECONNREFUSED redis://***@r - start it, or set REDIS_URL",
    1,
  ],
  [
    "a cluster that does not answer",
    { cluster: new Error("connect ECONNREFUSED\n at Socket") },
    "FAIL  cluster orders: connect ECONNREFUSED - check clusters.orders: url, auth, ca, and the network",
    1,
  ],
  [
    "a scheduler that cannot rescale",
    { cluster: { rescale: false } },
    "warn  cluster orders: scale will be refused - use jobmanager.scheduler: adaptive and web.rescale.enabled: true",
    0,
  ],
  [
    "an open cluster",
    { cluster: { open: true } },
    "warn  cluster orders: answers without credentials: anyone who can reach it needs no approval - let only flinkops reach it, by network policy or a proxy that asks for credentials",
    0,
  ],
  [
    "a missing scope",
    { scopes: ["commands"] },
    "FAIL  Slack scopes: chat:write missing - update the app from manifest.yml and reinstall it",
    1,
  ],
  [
    "a bad bot token",
    { scopes: new Error("slack answered invalid_auth") },
    "FAIL  Slack bot token: slack answered invalid_auth - copy it from OAuth & Permissions of the installed app",
    1,
  ],
  [
    "Slack out of reach",
    { scopes: new SlackUnavailable("slack did not answer", 0) },
    "FAIL  Slack bot token: slack did not answer - check slack.apiUrl and the network",
    1,
  ],
  [
    "a bad app token",
    { appToken: new Error("slack answered not_allowed_token_type") },
    "FAIL  Slack app token: slack answered not_allowed_token_type - create one under Basic Information with connections:write",
    1,
  ],
])("tells of %s, and what to do", async (_, more, line, exitCode) => {
  const out = await run(more);
  expect(out.text.split("\n")).toContain(line);
  expect(out.exitCode).toBe(exitCode);
});

it("accepts a Redis that writes nothing where people only develop", async () => {
  const config = aConfig("{ deployment: { dev: true }, clusters: { o: { url: 'http://o' } } }");
  const out = await run({ redis: { appendonly: false } }, config);
  expect(out.text).toContain("warn  Redis: nothing is written to disk");
  expect(out.exitCode).toBe(0);
});

it("says when the Kubernetes operator seems to own a cluster that may be changed", async () => {
  const config = aConfig("clusters: { orders: { url: 'http://o', changes: true } }");
  const out = await run({ cluster: { operatorManaged: "kubernetes.cluster-id is set" } }, config);
  expect(out.text).toContain("set clusters.orders.managedBy to operator or none");
});

it("says when nobody could ever approve", async () => {
  const operators = "people: { operate: { users: [U100] }";
  const none = await run({}, aConfig(`{ clusters: { o: { url: 'http://o' } }, ${operators} } }`));
  expect(none.text).toContain("warn  policy: nobody may approve");
  const one = await run(
    {},
    aConfig(`{ clusters: { o: { url: 'http://o' } }, ${operators}, approve: { users: [U200] } } }`),
  );
  expect(one.text).toContain("warn  policy: a single approver");
});

const NAMES = `
  clusters: { o: { url: 'http://o', approvals: C333 }, p: { url: 'http://p', approvals: C222 } }
  channels: { C111: { cluster: o }, D999: { cluster: o } }
  externalChannels: [C222]
  people: { operate: { groups: [S100], users: [U100] }, approve: { groups: [S100, S200], users: [U300] } }`;

it("looks at every user group, user and channel that the configuration names, once each", async () => {
  const asked: string[] = [];
  const looking = {
    ...probes({}),
    slackNames: async (names: readonly SlackName[]) => {
      asked.push(
        ...names.map(
          ({ kind, id, internalFor }) =>
            `${kind} ${id}${internalFor === undefined ? "" : ` for ${internalFor}`}`,
        ),
      );
      return [];
    },
  };
  const lines = await check({ config: aConfig(NAMES), roles: BOTH, scopes: SCOPES }, looking);
  expect(asked).toEqual([
    "group S100",
    "user U100",
    "group S200",
    "user U300",
    "channel C111",
    "channel C222",
    "channel C333 for approvals",
  ]);
  expect(printed(lines).text).toContain(
    "ok    Slack names of the configuration: 7 of 7 user groups, users and channels are fine",
  );
});

it("says of each that is not as it should be where it is named, and what to do", async () => {
  const names: SlackNameProblem[] = [
    { kind: "group", id: "S100", isGrave: true, what: "does not exist in Slack", todo: "correct the id" },
    { kind: "channel", id: "C111", isGrave: false, what: "the bot is not in it", todo: "invite it" },
  ];
  const out = await run({ names }, aConfig(NAMES));
  expect(out.text).toContain(
    "FAIL  Slack user group S100 (people.operate, people.approve): does not exist in Slack - correct the id",
  );
  expect(out.text).toContain("warn  Slack channel C111 (channels): the bot is not in it - invite it");
  expect(out.exitCode).toBe(1);
});

it("looks only at what a zone's worker needs", async () => {
  const config = aConfig(
    "clusters: { near: { url: 'http://n', zone: east }, far: { url: 'http://f', zone: west } }",
  );
  const roles = { bot: false, worker: { zone: "east" } };
  const lines = await check({ config, roles, scopes: SCOPES }, probes({}));
  expect(lines.map((l) => l.what).filter((w) => w.startsWith("cluster"))).toEqual([
    "cluster near: Flink 2.3.0, scheduler Adaptive",
    "cluster near: parallelism can be changed in place",
  ]);
});

it("says what it does without a scope that is optional, and does not mind", async () => {
  const optionalScopes = { "files:write": "show pictures" };
  const lines = await check({ config: aConfig(), roles: BOTH, scopes: SCOPES, optionalScopes }, probes({}));
  expect(lines.at(-1)?.level).toBe("ok");
  expect(lines.map((l) => l.what)).toContain(
    "Slack scopes: files:write is optional and not granted, so it does not show pictures",
  );
});
