import { EventEmitter, once } from "node:events";
import { expect, it, vi } from "vitest";
import { isBrief, isServing, parseArguments } from "../src/cli-arguments.ts";
import { sayBriefly } from "../src/brief.ts";
import type { CheckProbes } from "../src/check.ts";
import { createLog } from "../src/platform/log.ts";
import { createPolicySource } from "../src/policy/policy-source.ts";
import { aPolicy, changesNamed } from "./fakes/policy.ts";
import { type App, run as serve, type World } from "../src/run.ts";

const ENV = {
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_APP_TOKEN: "xapp-1",
  FLINK_URL: "http://jm",
  REDIS_URL: "redis://r",
  FLINKOPS_PORT: "0",
};

const GOOD: CheckProbes = {
  redis: async () => ({
    version: "7.2.0",
    maxmemoryPolicy: "noeviction",
    appendonly: true,
    appendfsync: "always",
    snapshots: true,
    replicas: 0,
    minReplicas: 0,
  }),
  forged: async () => [],
  audit: async () => ({ head: null, waiting: 0, sinks: new Map(), problem: null }),
  workers: async () => new Map([["default", 1]]),
  cluster: async () => ({
    version: "2.3.0",
    scheduler: null,
    rescale: true,
    open: false,
    operatorManaged: null,
  }),
  slack: async () => ({ team: "Acme", user: "flink", scopes: [], enterprise: null, orgWide: false }),
  slackNames: async () => [],
  appToken: async () => {},
};

function world(more: Partial<World> & { app?: Partial<App> } = {}) {
  const heard: string[] = [];
  const logged: string[] = [];
  const signals = new EventEmitter();
  const signal = once(signals, "signal").then(([name]) => String(name));
  const it: World = {
    env: ENV,
    readFile: () => "",
    log: createLog("info", { write: (line: string) => void logged.push(line) }),
    version: "1.2.3",
    operations: changesNamed("stop"),
    scopes: [],
    print: (text) => void heard.push(`out: ${text}`),
    complain: (text) => void heard.push(`err: ${text}`),
    signal,
    onHangup: (call) => void signals.on("hangup", call),
    createApp: async () => ({
      start: async () => {},
      stop: async () => {},
      probes: [],
      forged: () => 0,
      metrics: null,
      policies: createPolicySource(aPolicy()),
      notice: async () => {},
      audit: () => undefined,
      ...more.app,
    }),
    createProbes: async () => ({ ...GOOD, close: async () => {} }),
    ...more,
  };
  const hangUp = () => void signals.emit("hangup");
  return { it, heard, logged, hangUp, stop: (name: string) => void signals.emit("signal", name) };
}

const asked = (...words: string[]) => parseArguments(words);
const run = async (words: ReturnType<typeof asked>, it: World): Promise<number> =>
  isBrief(words) ? sayBriefly(words, it) : isServing(words) ? await serve(words, it) : 2;

it("prints a new key for the seal, another one each time, and understands nothing else of it", async () => {
  const w = world();
  expect(await run(asked("seal", "new"), w.it)).toBe(0);
  expect(await run(asked("seal", "new"), w.it)).toBe(0);
  const [one = "", two = ""] = w.heard;
  expect(one).toMatch(/^out: flinkops_seal_[\w-]{43}$/u);
  expect(two).not.toBe(one);
  for (const words of [["seal"], ["seal", "old"], ["seal", "new", "key"], ["seal", "new", "--zone", "a"]])
    expect(asked(...words)).toMatchObject({ do: "usage" });
});

it("prints a new key for the audit log", async () => {
  const w = world();
  expect(await run(asked("audit", "new-key"), w.it)).toBe(0);
  expect(w.heard[0]).toMatch(/^out: flinkops_audit_[\w-]{43}$/u);
});

it("prints its version and its usage", async () => {
  const w = world();
  expect(await run(asked("--version"), w.it)).toBe(0);
  expect(await run(asked("--help"), w.it)).toBe(0);
  expect(w.heard[0]).toBe("out: 1.2.3");
  expect(w.heard[1]).toContain("usage: flinkops");
});

it("answers wrong arguments with the usage and 2", async () => {
  const w = world();
  expect(await run(asked("srve"), w.it)).toBe(2);
  expect(w.heard[0]).toMatch(/^err: srve: unknown command\n\nusage: flinkops/u);
});

it("lists what the configuration lacks and leaves with 1", async () => {
  const w = world({ env: {} });
  expect(await run(asked(), w.it)).toBe(1);
  expect(w.heard[0]?.split("\n")).toHaveLength(5);
  expect(await run(asked("check"), w.it)).toBe(1);
  expect(w.heard[1]).toMatch(/^err: FAIL {2}configuration\n- /u);
});

it("checks, closes what it opened, and leaves with what it found", async () => {
  let closed = 0;
  const close = async () => void closed++;
  const good = world({ createProbes: async () => ({ ...GOOD, close }) });
  expect(await run(asked("check"), good.it)).toBe(0);
  const bad = world({
    createProbes: async () => ({ ...GOOD, close, appToken: () => Promise.reject(new Error("no")) }),
  });
  expect(await run(asked("check"), bad.it)).toBe(1);
  expect(closed).toBe(2);
});

it("explains what it found as a doctor, and leaves with the same code", async () => {
  const good = world();
  expect(await run(asked("doctor"), good.it)).toBe(0);
  expect(good.heard[0]).toMatch(/\n\n0 failed, \d+ to consider, \d+ fine$/u);
  const bad = world({
    createProbes: async () => ({
      ...GOOD,
      appToken: () => Promise.reject(new Error("not_allowed_token_type")),
      close: async () => {},
    }),
  });
  expect(await run(asked("doctor"), bad.it)).toBe(1);
  expect(bad.heard[0]).toMatch(
    /FAIL {2}Slack app token: not_allowed_token_type\n {6}Tried: {2}calling apps\.connections\.open/u,
  );
  const without = world({ env: {} });
  expect(await run(asked("doctor"), without.it)).toBe(1);
  expect(without.heard[0]).toMatch(
    /^err: FAIL {2}configuration\n- [^]*\n {6}Read: {3}docs\/configuration\.md/u,
  );
});

it("serves until a signal, then stops the app once", async () => {
  const steps: string[] = [];
  const w = world({
    app: {
      start: async () => {
        steps.push("start");
        w.stop("SIGTERM");
      },
      stop: async () => void steps.push("stop"),
    },
  });
  expect(await run(asked(), w.it)).toBe(0);
  expect(steps).toEqual(["start", "stop"]);
  expect(w.logged.at(-1)).toContain('"drained":true');
});

it("stops also while it is still starting", async () => {
  const w = world({ app: { start: () => new Promise(() => {}) } });
  w.stop("SIGINT");
  expect(await run(asked(), w.it)).toBe(0);
});

it("leaves after the drain time when something hangs", async () => {
  const w = world({
    readFile: () => "{ clusters: { a: { url: 'http://a' } }, timings: { drain: 10ms } }",
    app: { stop: () => new Promise(() => {}) },
  });
  w.stop("SIGTERM");
  expect(await run(asked("--config", "f"), w.it)).toBe(0);
  expect(w.logged.at(-1)).toContain('"drained":false');
});

it("says why it could not start, and leaves with 1", async () => {
  const w = world({
    app: { start: () => Promise.reject(new Error("slack answered invalid_auth for xoxb-1-hush")) },
  });
  expect(await run(asked(), w.it)).toBe(1);
  expect(w.heard.join()).toContain("slack answered invalid_auth");
  expect([...w.heard, ...w.logged].join()).not.toContain("hush");
});

it("loads the policy again at SIGHUP, and says on /readyz how that went, without being less ready for it", async () => {
  const people = { a: { groups: ["S0123456789"] } };
  const files: Record<string, string> = {
    "c.yml": JSON.stringify({ policy: "/p.yml", clusters: { a: { url: "http://a" } }, http: { port: 0 } }),
    "/p.yml": JSON.stringify({ people, rules: [] }),
  };
  const w = world({ readFile: (path) => files[path] ?? "", env: { ...ENV, FLINKOPS_PORT: "0" } });
  const running = run(asked("--config", "c.yml"), w.it);
  const started = await vi.waitFor(() => {
    const line = w.logged.find((one) => one.includes('"started"'));
    if (line === undefined) throw new Error("not yet");
    return line;
  });
  const port = /"port":(\d+)/u.exec(started)?.[1] ?? "";
  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    return [response.status, await response.json()];
  };
  expect(await ready()).toEqual([
    200,
    { status: "ready", policy: { hash: expect.any(String), state: "current" } },
  ]);
  files["/p.yml"] = "rules: 1";
  w.hangUp();
  expect(await ready()).toMatchObject([200, { status: "ready", policy: { state: "not loaded" } }]);
  files["/p.yml"] = JSON.stringify({ people, rules: [] });
  w.hangUp();
  expect(await ready()).toMatchObject([200, { status: "ready", policy: { state: "current" } }]);
  w.stop("SIGTERM");
  expect(await running).toBe(0);
});

it("does not start with a policy whose tests fail", async () => {
  const files: Record<string, string> = {
    "c.yml": JSON.stringify({ policy: "/p.yml", clusters: { a: { url: "http://a" } } }),
    "/p.yml": JSON.stringify({ rules: [], tests: [{ as: "member", say: "help", expect: "refuse" }] }),
  };
  const w = world({ readFile: (path) => files[path] ?? "" });
  expect(await run(asked("--config", "c.yml"), w.it)).toBe(1);
  expect(w.heard.join()).toContain("policy test tests.0");
});
