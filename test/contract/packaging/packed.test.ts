import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

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

it("has what people copy from, and no tests or sources of ours", async () => {
  const names = await readdir(join(folder, "node_modules/flinkops"));
  expect(names.filter((name) => !name.startsWith("."))).toEqual(
    expect.arrayContaining(["config.example.yml", "dist", "manifest.yml", "policy.example.yml", "schema"]),
  );
  expect(names).not.toContain("test");
  expect(names).not.toContain("src");
});
