import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/model/errors.ts";
import { newKey } from "../../src/platform/seal.ts";
import { newSigningKey } from "../../src/platform/signing.ts";
import { changesNamed } from "../fakes/policy.ts";

const ENV = {
  SLACK_BOT_TOKEN: "xoxb-1-hush",
  SLACK_APP_TOKEN: "xapp-1-hush",
  FLINK_URL: "http://jobmanager:8081/prefix",
  REDIS_URL: "redis://:hush@redis:6379/1",
};
const BOTH = { bot: true, worker: { zone: null } };
type Files = Record<string, string>;

function load(options: {
  file?: object | string;
  env?: Record<string, string>;
  roles?: typeof BOTH | { bot: boolean; worker: { zone: string } | null };
  files?: Files;
}) {
  const { file, env = ENV, roles = BOTH, files = {} } = options;
  const all: Files =
    file === undefined ? files : { ...files, "f.yml": typeof file === "string" ? file : stringify(file) };
  return loadConfig({
    env,
    file: file === undefined ? null : "f.yml",
    roles,
    operations: changesNamed("scale", "stop"),
    readFile: (path) => {
      const text = all[path];
      if (text === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
      return text;
    },
  });
}

function problems(options: Parameters<typeof load>[0]): string[] {
  try {
    load(options);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
}

const cluster = (more: object = {}) => ({ clusters: { orders: { url: "http://orders:8081", ...more } } });
const job = (more: object = {}) => ({
  name: "orders",
  cluster: "orders",
  jar: { newest: "orders-*.jar" },
  ...more,
});

describe("without a file", () => {
  it("is one read-only cluster that every full member may look at", () => {
    const config = load({});
    expect(config.clusters).toHaveLength(1);
    expect(config.clusters[0]).toMatchObject({ name: "default", url: ENV.FLINK_URL, changes: false });
    expect(config.policy).toMatchObject({
      form: "simple",
      people: {},
      rules: [{ name: "view", ask: null, verdict: { is: "allow" } }],
      noChanges: expect.stringContaining("seal.keys"),
    });
    expect(config.slack.apiUrl).toBe("https://slack.com/api/");
    expect(config.http.host).toBe("127.0.0.1");
  });

  it("names every variable that is missing", () => {
    expect(problems({ env: {} })).toEqual([
      "- slack.botToken: environment variable SLACK_BOT_TOKEN is not set",
      "- slack.appToken: environment variable SLACK_APP_TOKEN is not set",
      "- redis.url: environment variable REDIS_URL is not set",
      "- clusters.default.url: environment variable FLINK_URL is not set",
    ]);
  });

  it("never repeats a value that is wrong", () => {
    const env = {
      SLACK_BOT_TOKEN: "xapp-swapped-hush",
      SLACK_APP_TOKEN: "xoxb-swapped-hush",
      FLINK_URL: "http://ana:hush@jm:8081",
      REDIS_URL: "hush",
    };
    const file = { ...cluster({ url: { env: "FLINK_URL" } }), seal: { keys: [{ env: "REDIS_URL" }] } };
    const found = problems({ env, file });
    expect(found).toHaveLength(5);
    expect(found.join()).not.toContain("hush");
  });
});

describe("a file", () => {
  it("lists every problem at once, each with its path", () => {
    const found = problems({
      env: {},
      file: {
        slack: { apiUrl: "http://elsewhere/api", command: "flink", botToken: "xoxb-literal", tokn: 1 },
        redis: { url: "redis://:hush@redis", prefix: "flinkops" },
        clusters: {
          "two words": { url: "http://a" },
          a: {
            url: "ftp://a",
            auth: { kind: "magic" },
            headers: { Authorization: "hush" },
            savepointRoots: ["x"],
          },
          b: { url: { env: "B_URL" }, auth: { kind: "bearer", token: { file: "/no/such" } } },
        },
        channels: { general: {}, C123: { cluster: "zz" } },
        people: { operate: {}, approve: { groups: ["@oncall"] } },
        approvalAlso: ["explode"],
        timings: { lock: "10s", lease: "5s", pollMin: 1, pollMax: "soon" },
        http: { port: 70_000 },
        surplus: true,
      },
    });
    const paths = found.map((line) => line.slice(2, line.indexOf(": ")));
    expect(new Set(paths)).toEqual(
      new Set([
        "slack.apiUrl",
        "slack.command",
        "slack.botToken",
        "slack.tokn",
        "slack.appToken",
        "redis.url",
        "redis.prefix",
        "clusters.two words",
        "clusters.a.url",
        "clusters.a.auth.kind",
        "clusters.a.headers.Authorization",
        "clusters.a.savepointRoots.0",
        "clusters.b.url",
        "clusters.b.auth.token",
        "channels.general",
        "channels.C123.cluster",
        "people.operate",
        "people.approve.groups.0",
        "approvalAlso.0",
        "timings.lease",
        "timings.pollMin",
        "timings.pollMax",
        "http.port",
        "surplus",
      ]),
    );
    expect(found.join("\n")).not.toMatch(/hush|xoxb-literal/u);
  });

  it.each<[name: string, file: object, problem: string]>([
    ["no clusters", {}, "- clusters: is missing"],
    ["empty clusters", { clusters: {} }, "- clusters: names no cluster; write at least one with its url"],
    ["a missing url", { clusters: { a: {} } }, "- clusters.a.url: is missing"],
    [
      "user info",
      cluster({ url: "http://u:p@a" }),
      "- clusters.orders.url: must not contain a user or password; use auth: { kind: basic, ... }",
    ],
    [
      "a query",
      cluster({ url: "http://a/?x=1" }),
      "- clusters.orders.url: must not contain a query or fragment",
    ],
    [
      "a lease of half the lock",
      { ...cluster(), timings: { lock: "10s", lease: "5s" } },
      "- timings.lease: must be shorter than half of timings.lock",
    ],
    [
      "a negative time",
      { ...cluster(), timings: { sweep: "-1s" } },
      "- timings.sweep: must be a duration with its unit, like 50ms, 10s, 5m, 1h, above 0",
    ],
    [
      "an address of Slack in the clear",
      { ...cluster(), slack: { apiUrl: "http://127.0.0.1.evil.example/api/" } },
      "- slack.apiUrl: must be https, or loopback",
    ],
    [
      "verification switched off",
      cluster({ insecure: true }),
      "- clusters.orders.insecure: is an unknown key; config.example.yml shows all keys",
    ],
    [
      "a job on a cluster that there is not",
      { ...cluster(), jobs: [job({ cluster: "elsewhere" })] },
      "- jobs.0.cluster: must be one of the clusters: orders",
    ],
    [
      "a job that is listed twice",
      { ...cluster(), jobs: [job(), job({ parallelism: 2 })] },
      "- jobs.1.name: orders on orders is listed twice",
    ],
    [
      "a directory outside the cluster's roots",
      { ...cluster({ savepointRoots: ["s3://a"] }), jobs: [job({ savepointDirectory: "s3://b/orders" })] },
      "- jobs.0.savepointDirectory: must be below one of clusters.orders.savepointRoots",
    ],
    [
      "a jar that is a path",
      { ...cluster(), jobs: [job({ jar: { newest: "../orders.jar" } })] },
      "- jobs.0.jar.newest: must be the name of a jar file, like orders-*.jar",
    ],
    [
      "a class that is none",
      { ...cluster(), jobs: [job({ entryClass: "com.example.Orders; rm" })] },
      "- jobs.0.entryClass: must be the full name of a class",
    ],
    [
      "jars that nobody has named",
      cluster({ jars: "all" }),
      "- clusters.orders.jars: must be catalogued or any",
    ],
    ["a bulk that never begins", { ...cluster(), bulk: { atOnce: 0 } }, "- bulk.atOnce: must be at least 1"],
    ["a text for a flag", cluster({ changes: "yes" }), "- clusters.orders.changes: must be true or false"],
  ])("refuses %s", (_, file, problem) => {
    expect(problems({ file })).toEqual([problem]);
  });

  it("says where it is not YAML without quoting the line", () => {
    const found = problems({ file: "a: 1\nb: [\nc: xoxb-hush" });
    expect(found[0]).toMatch(/^- f\.yml, line \d+: not YAML: /u);
    expect(found.join()).not.toContain("hush");
  });

  it("says when it cannot be read", () => {
    expect(() =>
      loadConfig({
        env: { ...ENV, FLINKOPS_CONFIG: "gone.yml" },
        file: null,
        roles: BOTH,
        operations: [],
        readFile: () => {
          throw new Error("ENOENT");
        },
      }),
    ).toThrow("- gone.yml: cannot be read; name the file with --config or FLINKOPS_CONFIG");
  });

  it("is frozen to the bottom", () => {
    const config = load({ file: cluster({ headers: { "X-Team": "data" } }) });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.clusters[0]?.headers)).toBe(true);
    expect(Object.isFrozen(config.timings)).toBe(true);
  });

  it("knows what may be started, and what is left out is told from what is empty", () => {
    const { catalogue, atOnce } = load({
      file: {
        ...cluster({ jars: "any", savepointRoots: ["s3://a"] }),
        jobs: [
          job(),
          job({ name: "b", jar: { id: "1_b.jar" }, savepointDirectory: "s3://a/b", args: ["-x"] }),
        ],
      },
    });
    expect(catalogue).toEqual({
      entries: [
        {
          name: "orders",
          cluster: "orders",
          jar: { newest: "orders-*.jar" },
          entryClass: null,
          args: [],
          secretArgs: [],
          parallelism: null,
          savepointDirectory: null,
          allowNonRestoredState: false,
          labels: {},
          rehearsal: null,
          digests: [expect.stringMatching(/^[0-9a-f]{64}$/u)],
        },
        expect.objectContaining({ jar: { id: "1_b.jar" }, savepointDirectory: "s3://a/b", args: ["-x"] }),
      ],
      anyJarOn: ["orders"],
    });
    expect(atOnce).toBe(5);
  });

  it("turns durations into ms and keeps Flink's time-outs with each cluster", () => {
    const config = load({
      file: { ...cluster(), timings: { flinkTimeout: "4s", pollMin: "50ms", startWithin: "1.5h" } },
    });
    expect(config.timings).toMatchObject({ flinkTimeout: 4_000, pollMin: 50, startWithin: 5_400_000 });
    expect(config.clusters[0]?.timeouts).toEqual({
      connectMs: 3_000,
      readMs: 4_000,
      changeMs: 20_000,
      startMs: 60_000,
    });
  });
});

describe("secrets", () => {
  const two = {
    clusters: {
      near: {
        url: "http://near",
        zone: "east",
        auth: { kind: "basic", user: "u", password: { env: "NEAR" } },
      },
      far: { url: { env: "FAR_URL" }, zone: "west", auth: { kind: "bearer", token: { file: "/far" } } },
    },
  };

  it("come from environment and files, and a file stays one because it may rotate", () => {
    const config = load({
      file: two,
      env: { ...ENV, NEAR: "hush", FAR_URL: "https://far/x" },
      files: { "/far": "token\n" },
    });
    expect(config.clusters.map((c) => c.auth)).toEqual([
      { kind: "basic", user: "u", password: { value: "hush" } },
      { kind: "bearer", token: { file: "/far" } },
    ]);
  });

  it("of a cluster reach only the workers of its zone", () => {
    const env = { SLACK_BOT_TOKEN: "xoxb-1", REDIS_URL: "redis://r", NEAR: "hush" };
    const worker = load({ file: two, env, roles: { bot: false, worker: { zone: "east" } } });
    expect(worker.slack.door).toBeNull();
    expect(worker.clusters.map((c) => c.auth.kind)).toEqual(["basic", "none"]);
    const bot = load({
      file: two,
      env: { ...env, SLACK_APP_TOKEN: "xapp-1" },
      roles: { bot: true, worker: null },
    });
    expect(JSON.stringify(bot)).not.toContain("hush");
    expect(bot.clusters.map((c) => c.name)).toEqual(["near", "far"]);
  });

  it("of the HTTP door are the signing secret instead of the app token", () => {
    const file = { ...cluster(), slack: { mode: "http", port: 3001 } };
    const { SLACK_APP_TOKEN: _, ...env } = ENV;
    expect(problems({ file, env })).toEqual([
      "- slack.signingSecret: environment variable SLACK_SIGNING_SECRET is not set",
    ]);
    const all = { ...env, SLACK_SIGNING_SECRET: "hush" };
    const door = { mode: "http", signingSecret: "hush", host: "0.0.0.0", port: 3001 };
    expect(load({ file, env: all }).slack.door).toEqual(door);
    const local = { ...cluster(), slack: { ...file.slack, listen: "loopback" } };
    expect(load({ file: local, env: all }).slack.door).toEqual({ ...door, host: "127.0.0.1" });
  });

  it("of certificates are paths, and must be readable", () => {
    const file = cluster({ ca: "/ca", auth: { kind: "mtls", cert: "/cert", key: "/key" } });
    expect(problems({ file, files: { "/ca": "PEM" } })).toEqual([
      "- clusters.orders.auth.cert: file /cert cannot be read (ENOENT)",
      "- clusters.orders.auth.key: file /key cannot be read (ENOENT)",
    ]);
  });
});

it("refuses a zone without clusters", () => {
  expect(problems({ file: cluster(), roles: { bot: false, worker: { zone: "west" } } })).toEqual([
    "- --zone west: no cluster is in it; the zones are default",
  ]);
});

it("lets several processes share a file, each with its own port", () => {
  expect(load({ env: { ...ENV, FLINKOPS_PORT: "0" } }).http.port).toBe(0);
  expect(problems({ env: { ...ENV, FLINKOPS_PORT: "many" } })).toEqual([
    "- FLINKOPS_PORT: must be a port, 0 to 65535",
  ]);
});

describe("config.example.yml", () => {
  const example = readFileSync("config.example.yml", "utf8");
  const operations = ["savepoint", "scale", "stop", "cancel"];
  const keys = { FLINKOPS_SEAL_KEY: newKey(), FLINKOPS_AUDIT_KEY: newSigningKey() };
  const env = { ...ENV, ...keys, ORDERS_PASSWORD: "hush", SIEM_TOKEN: "Bearer hush" };

  const loaded = () =>
    loadConfig({
      env,
      file: "x",
      roles: BOTH,
      operations: changesNamed(...operations),
      readFile: (p) => (p === "x" ? example : "PEM"),
    });

  it("can be used as it is", () => {
    const config = loaded();
    expect(config.clusters.length).toBeGreaterThan(1);
    expect(config.policy.people).toHaveProperty("approve");
  });

  it("shows every timing with the value it has anyway", () => {
    const config = loaded();
    expect(config.timings).toEqual(load({}).timings);
    for (const name of Object.keys(config.timings)) expect(example).toMatch(new RegExp(`^  ${name}: `, "mu"));
  });
});
