import { mkdtemp, rm, symlink } from "node:fs/promises";
import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { afterEach, expect, it } from "vitest";
import { startRedis } from "../../playground/redis.ts";
import { SlackDriver } from "../../playground/slack/driver.ts";
import { isOver } from "../harness/cards.ts";
import { ANA, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { suiteWith } from "../harness/needs.ts";
import { type DemoProcess, type DemoStart, startDemoProcess } from "./demo-process.ts";

/** Warm 60, cold 180; it is up before the first command is typed. */
const FIRST_SAVEPOINT_MS = 180_000;

const onRealFlink = await suiteWith(["redis", "flink"]);
const onSimulated = await suiteWith(["redis"]);
const withoutRedis = await suiteWith(["redis of Maven Central"]);

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function demo(start: DemoStart = {}): Promise<DemoProcess> {
  const started = await startDemoProcess(start);
  open.push({ close: async () => await started.stop() });
  return started;
}

async function savepointOf(page: string, job: string): Promise<string> {
  const driver = new SlackDriver(page);
  await driver.type(ANA, FLINK_OPS, `/flink savepoint ${job}`);
  const card = await driver.waitForMessage(
    ANA,
    FLINK_OPS,
    (one) => one.plain.includes(`Savepoint of ${job}`) && isOver(one),
    { timeoutMs: 60_000 },
  );
  await driver.waitForReply(ANA, card, (one) => one.plain.includes("@Ana"));
  return card.plain;
}

const LEFT = { timeout: 30_000, message: "what the demo left running" };

/** A PATH with these programs only. */
async function pathWith(...programs: string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "flinkops-path-"));
  open.push({ close: async () => await rm(directory, { recursive: true, force: true }) });
  for (const program of programs) {
    const { stdout } = await promisify(execFile)("sh", ["-c", `command -v ${program}`]);
    await symlink(stdout.trim(), join(directory, program));
  }
  return directory;
}

const ORDINARY = ["bash", "sh", "cat", "ps", "sleep"];

onRealFlink("npm run demo on a real Flink", () => {
  it("answers the first savepoint in time, and leaves nothing behind when it is killed", async () => {
    const began = performance.now();
    const one = await demo();
    const page = await one.page();
    expect(one.lines.join("\n")).toContain("Flink 2.3.0, session cluster");
    const card = await savepointOf(page, "orders");
    const took = performance.now() - began;
    console.log(`first savepoint answered ${(took / 1000).toFixed(1)} s after the start`);
    expect(card).toMatch(/Savepoint of orders is complete/u);
    expect(card).toMatch(/file:\S+\/savepoint-[0-9a-f]{6}-[0-9a-f]{12}/u);
    expect(took).toBeLessThan(FIRST_SAVEPOINT_MS);

    const family = await one.lookAround();
    for (const program of [
      /^\S*redis-server/u,
      /^java .*StandaloneSession/u,
      /^java .*TaskManagerRunner/u,
      /main\.js/u,
    ])
      expect(family).toContainEqual(expect.stringMatching(program));
    one.kill("SIGKILL");
    await expect.poll(async () => await one.leftovers(), LEFT).toEqual([]);
  });
});

onSimulated("npm run demo", () => {
  it.each([
    ["Ctrl-C", "SIGINT", 130],
    ["a closed terminal", "SIGHUP", 129],
    ["SIGTERM", "SIGTERM", 143],
  ] as const)("stops all of it on %s", async (_name, signal, code) => {
    const one = await demo({ args: ["--simulated"] });
    expect(await savepointOf(await one.page(), "orders")).toContain("Savepoint of orders is complete");
    await one.lookAround();
    one.kill(signal);
    expect(await one.exited).toBe(code);
    expect(one.lines.at(-1)).toMatch(/stopped$/u);
    await expect.poll(async () => await one.leftovers(), LEFT).toEqual([]);
    expect(one.lines.filter((line) => /\.ts:\d|^\s+at |warn/iu.test(line))).toEqual([]);
  });

  it("stops when whoever started it is killed", async () => {
    const one = await demo({ args: ["--simulated"], throughShell: true });
    await one.page();
    await one.lookAround();
    one.kill("SIGKILL");
    await expect.poll(async () => await one.leftovers(), LEFT).toEqual([]);
  });

  it("uses only its own prefix in an existing Redis", async () => {
    const redis = await startRedis();
    open.push({ close: async () => await redis.stop() });
    const client = new Redis(redis.url);
    open.push({ close: async () => await client.quit() });
    await client.set("theirs", "1");
    const one = await demo({ args: ["--simulated"], env: { DEMO_REDIS_URL: redis.url } });
    await savepointOf(await one.page(), "orders");
    const ours = (await client.keys("*")).filter((key) => key !== "theirs");
    expect(ours.length).toBeGreaterThan(0);
    expect(new Set(ours.map((key) => /^\{flinkops-demo-[0-9a-f]{12}\}/u.exec(key)?.[0])).size).toBe(1);
    one.kill("SIGINT");
    await one.exited;
    expect(await client.keys("*")).toEqual(["theirs"]);
  });

  it("continues without Java, and says so in one line", async () => {
    const PATH = await pathWith(...ORDINARY, "redis-server");
    const one = await demo({ env: { PATH } });
    expect(await savepointOf(await one.page(), "orders")).toContain("Savepoint of orders is complete");
    expect(one.lines.filter((line) => line.includes("Java"))).toEqual([
      expect.stringMatching(/needs Java 11 .* and Maven .*; continuing with the simulated JobManager$/u),
    ]);
  });

  it("says how to get a Redis, in one line, where Maven is absent too", async () => {
    const PLAYGROUND_CACHE = await mkdtemp(join(tmpdir(), "flinkops-cache-"));
    open.push({ close: async () => await rm(PLAYGROUND_CACHE, { recursive: true, force: true }) });
    const env = { PATH: await pathWith(...ORDINARY), PLAYGROUND_CACHE };
    const one = await demo({ args: ["--simulated"], env });
    expect(await one.exited).toBe(1);
    expect(one.lines.filter((line) => line.includes("redis"))).toEqual([
      expect.stringMatching(
        /cannot start: redis-server is not installed: apt-get .*a JDK and Maven.*DEMO_REDIS_URL/u,
      ),
    ]);
    expect(one.lines.filter((line) => /^\s+at /u.test(line))).toEqual([]);
  });

  it("says which port is taken, and what it does not know", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push({ close: async () => await new Promise((resolve) => server.close(resolve)) });
    const address = server.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const taken = await demo({ args: ["--simulated"], env: { PORT: port } });
    expect(await taken.exited).toBe(1);
    expect(taken.lines).toContainEqual(
      expect.stringContaining(`port ${port} is taken; set PORT to another one`),
    );

    const odd = await demo({ args: ["--fast"] });
    expect(await odd.exited).toBe(2);
    expect(odd.lines).toContainEqual("--fast: not known");
  });
});

withoutRedis("npm run demo without redis-server", () => {
  it("takes the Redis of Maven Central where none is installed, and says so in one line", async () => {
    const one = await demo({ args: ["--simulated"], env: { PATH: await pathWith(...ORDINARY) } });
    expect(await savepointOf(await one.page(), "orders")).toContain("Savepoint of orders is complete");
    expect(one.lines.filter((line) => line.includes("Redis"))).toEqual([
      expect.stringMatching(/Redis 6\.2\.\d+ \(from Maven Central, .*redis-server-\S+\) on port \d+$/u),
    ]);
    expect(await one.lookAround()).toContainEqual(expect.stringMatching(/^\S*redis-server/u));
    one.kill("SIGINT");
    await one.exited;
    await expect.poll(async () => await one.leftovers(), LEFT).toEqual([]);
  });
});
