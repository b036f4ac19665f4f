import { expect, test } from "vitest";
import { stringify } from "yaml";
import { loadConfig } from "../../src/config/load.ts";
import type { Roles } from "../../src/config/config.ts";
import { keptArgs } from "../../src/model/catalog.ts";

const BOTH: Roles = { bot: true, worker: { zone: null } };
const ENV = {
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_APP_TOKEN: "xapp-1",
  REDIS_URL: "redis://redis:6379",
  DB_PASSWORD: "hunter2",
};
const file = {
  clusters: { near: { url: "http://near", zone: "east" }, far: { url: "http://far", zone: "west" } },
  jobs: [
    {
      name: "orders",
      cluster: "near",
      jar: { newest: "orders-*.jar" },
      args: ["--topic", "orders", "--db", { env: "DB_PASSWORD" }, "--license", { file: "/license" }],
    },
  ],
};
const load = (roles: Roles, env: Record<string, string> = ENV) =>
  loadConfig({
    env,
    file: "f.yml",
    roles,
    operations: [],
    readFile: (path) => (path === "f.yml" ? stringify(file) : "abc\n"),
  });

test("arguments of a job come from environment and files as well, and are hidden whatever they look like", () => {
  const entry = load(BOTH).catalogue.entries[0];
  if (entry === undefined) throw new Error("no entry");
  expect(entry.args).toEqual(["--topic", "orders", "--db", "hunter2", "--license", "abc"]);
  expect(keptArgs(entry).shown).toEqual(["--topic", "orders", "--db", "***", "--license", "***"]);
});

test("they reach only the workers of the cluster's zone", () => {
  const bot = load({ bot: true, worker: null }, { ...ENV, DB_PASSWORD: "" });
  const west = load({ bot: false, worker: { zone: "west" } });
  for (const config of [bot, west]) expect(JSON.stringify(config.catalogue)).not.toMatch(/hunter2|abc/u);
});

test("one that is not there is a problem before anything starts", () => {
  expect(() => load(BOTH, { ...ENV, DB_PASSWORD: "" })).toThrow(
    "jobs.0.args.3: environment variable DB_PASSWORD is not set",
  );
});

test("a job that can be rehearsed has other arguments for that, with a digest of their own", () => {
  const args = ["--topic", "orders", { env: "DB_PASSWORD" }];
  const cluster = { url: "http://near", requireRehearsal: "1h" };
  const written = (rehearsal: object) => ({
    clusters: { near: cluster },
    jobs: [{ name: "orders", cluster: "near", jar: { newest: "orders-*.jar" }, args, rehearsal }],
  });
  const read = (rehearsal: object) =>
    loadConfig({
      env: ENV,
      file: "f.yml",
      roles: BOTH,
      operations: [],
      readFile: () => stringify(written(rehearsal)),
    });
  const { catalogue, clusters } = read({ args, healthyWithin: "2m" });
  const [entry] = catalogue.entries;
  expect(entry?.rehearsal).toMatchObject({
    args: ["--topic", "orders", "hunter2"],
    secretArgs: [2],
    parallelism: null,
    healthyWithin: 120_000,
  });
  expect(entry?.rehearsal?.digests).not.toEqual(entry?.digests);
  expect(clusters[0]?.requireRehearsal).toBe(3_600_000);
  expect(() => read({ args, healthyWithin: "soon" })).toThrow(
    "- jobs.0.rehearsal.healthyWithin: must be a duration with its unit",
  );
});
