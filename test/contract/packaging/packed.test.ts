import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startSimulated } from "../../../playground/flink/simulated/server.ts";
import { freePort, startTied, until } from "../../../playground/processes.ts";
import { startRedis } from "../../../playground/redis.ts";
import { SlackDriver } from "../../../playground/slack/driver.ts";
import { startSlack } from "../../../playground/slack/server.ts";
import { ANA, APPROVERS, BEN, FLINK_OPS, OPERATORS } from "../../../playground/slack/workspace-seed.ts";

const run = promisify(execFile);
let folder: string;

/** Runs the installed program as people do. Its own configuration is not that of whoever runs the tests. */
async function flinkops(...words: string[]): Promise<{ code: number; said: string }> {
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], npm_config_offline: "true" };
  try {
    const { stdout, stderr } = await run("npx", ["--no-install", "flinkops", ...words], { cwd: folder, env });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, "utf8")));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flinkops-packed-"));
  await run("npm", ["pack", "--pack-destination", folder]);
  const packed = (await readdir(folder)).find((name) => name.endsWith(".tgz")) ?? "";
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true }));
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", join(folder, packed)], {
    cwd: folder,
  });
}, 300_000);
afterAll(async () => await rm(folder, { recursive: true, force: true }));

it("the packed tarball, installed in an empty folder, runs by npx", async () => {
  const { code, said } = await flinkops("--version");
  expect([code, said.trim()]).toEqual([0, "0.1.0"]);
});

/** What a file of the bundle loads before its first line runs, with itself; bytes. */
async function loaded(path: string, seen = new Set<string>()): Promise<number> {
  if (seen.has(path)) return 0;
  seen.add(path);
  const text = await readFile(path, "utf8");
  const next = [...text.matchAll(/^(?:import|export) ?[^()]*?"(\.[^"]+)";$/gmu)].map(([, to = ""]) => to);
  const sizes = next.map(async (to) => await loaded(join(dirname(path), to), seen));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, text.length);
}

it("loads less than 50 KB for --version, and more than 1 MB to serve", async () => {
  const dist = join(folder, "node_modules/flinkops/dist");
  expect(await loaded(join(dist, "main.js"))).toBeLessThan(50_000);
  const program = (await readdir(join(dist, "chunks"))).find((name) => /^program-\w+\.js$/u.test(name));
  expect(await loaded(join(dist, "chunks", program ?? ""))).toBeGreaterThan(1_000_000);
});

it("init writes what the program then loads and tests", async () => {
  const people = ["--operate", "S0123456789", "--approve", "S0987654321"];
  const init = await flinkops(
    "init",
    "--url",
    "http://127.0.0.1:1",
    "--redis",
    "redis://127.0.0.1:1",
    ...people,
  );
  expect(init).toMatchObject({ code: 0 });
  const tested = await flinkops("policy", "test", "--config", "config.yml");
  expect(tested).toMatchObject({ code: 0 });
  expect(tested.said).toContain("4 tests, all passed");
  // the tokens and keys are in .env, which nobody has loaded
  const started = await flinkops("--config", "config.yml");
  expect(started.code).toBe(1);
  expect(started.said).toContain("environment variable SLACK_BOT_TOKEN is not set");
});

it("serves a workspace after the steps of README and docs/install.md", async () => {
  const redis = await startRedis();
  const slack = await startSlack({ manifestPath: "manifest.yml" });
  const flink = await startSimulated();
  const home = join(folder, "team");
  const { name } = await flink.control.addJob({ name: "orders" });
  const about = ["--url", flink.url, "--cluster", "prod", "--redis", redis.url];
  const people = ["--operate", OPERATORS, "--approve", APPROVERS];
  const init = await flinkops("init", "team", ...about, ...people);
  expect(init).toMatchObject({ code: 0 });
  expect(init.said).toContain("npx flinkops --config team/config.yml");
  const manifest = /From a manifest\*: (.+)/u.exec(init.said)?.[1] ?? "";
  expect(await readFile(join(folder, manifest), "utf8")).toBe(await readFile("manifest.yml", "utf8"));
  // what people do by hand: the two tokens; and Slack is elsewhere
  await edit(join(home, ".env"), (text) =>
    text.replace("xoxb-...", slack.botToken).replace("xapp-...", slack.appToken),
  );
  await edit(join(home, "config.yml"), (text) => text.replace("slack:", `slack:\n  apiUrl: ${slack.apiUrl}`));
  const port = await freePort();
  // as init says, but for npx, which ended before would leave what it started
  const start = ". team/.env; exec node_modules/.bin/flinkops --config team/config.yml";
  const bot = await startTied("sh", ["-ac", start], {
    cwd: folder,
    env: { PATH: process.env["PATH"], FLINKOPS_PORT: String(port) },
  });
  try {
    await until("flinkops is ready", async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
      return answer?.ok === true ? true : null;
    });
    const driver = new SlackDriver(slack.url);
    await driver.type(ANA, FLINK_OPS, `/flink stop ${name} --reason "new release"`);
    const card = await driver.waitForMessage(ANA, FLINK_OPS, (m) => m.plain.includes("Waiting for approval"));
    await driver.click(BEN, card, "Approve stop");
    await driver.waitForMessage(ANA, FLINK_OPS, (m) => m.plain.includes("orders is stopped"));
    expect((await flink.control.effects()).map((effect) => effect.do)).toEqual(["stop"]);
  } finally {
    await bot.stop();
    await slack.close();
    await flink.stop();
    await redis.stop();
  }
}, 120_000);

it("has what people copy from and read, and no tests or sources of ours", async () => {
  const names = await readdir(join(folder, "node_modules/flinkops"));
  expect(await readdir(join(folder, "node_modules/flinkops/docs"))).toContain("install.md");
  expect(names.filter((name) => !name.startsWith("."))).toEqual(
    expect.arrayContaining(["config.example.yml", "dist", "manifest.yml", "policy.example.yml", "schema"]),
  );
  expect(names).not.toContain("test");
  expect(names).not.toContain("src");
});
