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
