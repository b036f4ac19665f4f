import { describe, expect, it } from "vitest";
import { check, type CheckProbes, printed } from "../src/check.ts";
import type { Config } from "../src/config/config.ts";
import { loadConfig } from "../src/config/load.ts";
import { ConfigError } from "../src/model/errors.ts";
import { newKey } from "../src/platform/seal.ts";

const KEY = newKey();
const ENV = {
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_APP_TOKEN: "xapp-1",
  REDIS_URL: "redis://r",
  KEY,
  NEXT: newKey(),
  BAD: "a-secret-of-my-own",
};
const roles = { bot: true, worker: { zone: null } };
const CLUSTERS = "clusters: { orders: { url: 'http://orders:8081', changes: true } }";

const load = (file: string): Config =>
  loadConfig({ env: ENV, file: "f", roles, operations: [], readFile: () => `${CLUSTERS}\n${file}` });

const unreached = (): Promise<never> => Promise.reject(new Error("not asked"));
const run = async (
  file: string,
  found: Awaited<ReturnType<CheckProbes["forged"]>> = [],
): Promise<{ text: string; exitCode: 0 | 1 }> =>
  printed(
    await check(
      { config: load(file), roles, scopes: [] },
      {
        redis: unreached,
        forged: () => Promise.resolve(found),
        audit: () => Promise.resolve({ head: null, waiting: 0, sinks: new Map(), problem: null }),
        workers: unreached,
        cluster: unreached,
        slack: unreached,
        slackNames: () => Promise.resolve([]),
        appToken: unreached,
      },
    ),
  );

const problem = (file: string): string => {
  try {
    load(file);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  return "";
};

describe("keys of the seal", () => {
  it("come from the environment or a file, for bot and worker alike", () => {
    for (const one of [roles, { bot: true, worker: null }, { bot: false, worker: { zone: null } }]) {
      const config = loadConfig({
        env: ENV,
        file: "f",
        roles: one,
        operations: [],
        readFile: (path) =>
          path === "f" ? `${CLUSTERS}\nseal: { keys: [{ file: /key }, { env: NEXT }] }` : `${KEY}\n`,
      });
      expect(config.seal.keys).toEqual([KEY, ENV.NEXT]);
      expect(config.policy.noChanges).toBeUndefined();
    }
  });

  it("that are none are a problem of the file, and are not repeated", () => {
    expect(problem("seal: { keys: [{ env: KEY }, { env: BAD }] }")).toBe(
      "- seal.keys.1: must be a key as `flinkops seal new` prints one",
    );
    expect(problem("seal: { keys: [{ env: NONE }] }")).toContain("NONE is not set");
    expect(problem(`seal: { keys: ['${KEY}'] }`)).toContain("a secret must not be in this file");
    expect(problem(`seal: { keys: ['${KEY}'] }`)).not.toContain(KEY);
  });

  it("that are missing make every change refused, but not where nothing counts", () => {
    expect(load("").policy.noChanges).toContain("seal.keys");
    expect(load("deployment: { dev: true }").policy.noChanges).toBeUndefined();
  });
});

describe("flinkops check", () => {
  it("fails where changes are wanted and there is no key", async () => {
    expect((await run("")).text).toContain("FAIL  seal: no key, so every change is refused");
    expect((await run("deployment: { dev: true }")).text).toContain("warn  seal: no key of its own");
  });

  it("says how many keys there are, and where nobody would be told", async () => {
    const one = await run("seal: { keys: [{ env: KEY }] }");
    expect(one.text).toContain("ok    seal: one key");
    expect(one.text).toContain("warn  seal: no channel gets reports");
    const two = await run("seal: { keys: [{ env: KEY }, { env: NEXT }], channel: C0APPROVERS }");
    expect(two.text).toContain("ok    seal: 2 keys, the first one seals");
    expect(two.text).not.toContain("no channel gets reports");
  });

  it("names the newest values that are not ours", async () => {
    const found = Array.from({ length: 7 }, (_, i) => ({
      kind: "record",
      id: `r${i}`,
      why: "altered",
      at: 1_700_000_000 + i,
    }));
    const { text, exitCode } = await run("", found);
    expect(text).toContain("FAIL  Redis: 7 values are not as flinkops wrote them");
    expect(text).toContain("record r6 (altered, 2023-11-14T22:13:26.000Z)");
    expect(text).not.toContain("record r1 ");
    expect(exitCode).toBe(1);
  });
});
