import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createHealth } from "../../../src/health-server.ts";
import { readCommand, readCopy, readDockerfile, type Stage } from "../../packaging/dockerfile.ts";

/** The Dockerfile's steps as they stand, in folders instead of images, with the Node that the image has. */
const scratch = mkdtempSync(join(tmpdir(), "flinkops-image-"));
const stages = readDockerfile("Dockerfile");
const final = join(scratch, "final");
const node24 = join(scratch, "node24", "node_modules", "node", "bin");

// what a shell here has, but for what npm and vitest add and what would configure the program
const surroundings = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(?!config_(registry|userconfig|cache|cafile|.*proxy))|VITEST|NODE_(ENV|OPTIONS)|INIT_CWD|SLACK_|FLINK|REDIS_)/iu.test(
        name,
      ),
  ),
);

interface Ended {
  code: number;
  out: string;
}

function run(command: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Ended> {
  const [file = "", ...args] = command;
  const path = [
    node24,
    ...(process.env["PATH"] ?? "").split(delimiter).filter((p) => !p.includes("node_modules")),
  ];
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      { cwd, env: { ...surroundings, PATH: path.join(delimiter), ...env }, maxBuffer: 1e8, timeout: 150_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ code, out: stdout + stderr });
      },
    );
  });
}

async function must(command: readonly string[], cwd: string): Promise<void> {
  const { code, out } = await run(command, cwd);
  if (code !== 0) throw new Error(`${command.join(" ")} left with ${code}\n${out}`);
}

async function perform(stage: Stage, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of stage.steps) {
    if (name === "COPY") {
      const copy = readCopy(text);
      for (const source of copy.sources) {
        const from = copy.stage === null ? source : source.replace(/^\/app/u, join(scratch, copy.stage));
        const to = join(folder, copy.to, copy.to.endsWith("/") ? basename(source) : "");
        cpSync(from, to, { recursive: true, verbatimSymlinks: true });
      }
    }
    if (name === "RUN") {
      await must(["sh", "-c", text], folder);
    }
  }
}

beforeAll(async () => {
  const home = join(scratch, "node24");
  mkdirSync(home);
  writeFileSync(join(home, "package.json"), "{}");
  await must(["npm", "install", "--no-audit", "--no-fund", "node@24"], home);
  for (const stage of stages) await perform(stage, join(scratch, stage.as ?? "final"));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A command of the last stage, with the Node of this folder in the place of the image's. */
const commandOf = (name: string): readonly string[] => [
  "node",
  ...readCommand(stages.at(-1)?.steps.find((s) => s.name === name)?.text ?? "").slice(1),
];
const cmd = commandOf("ENTRYPOINT");
const healthcheck = commandOf("HEALTHCHECK");

it("starts on Node 24 and knows its version", async () => {
  expect((await run(["node", "--version"], final)).out).toMatch(/^v24\./u);
  const { version }: { version: string } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(await run([...cmd, "--version"], final)).toEqual({ code: 0, out: `${version}\n` });
});

it("holds the product and nothing that only develops it", () => {
  const there = [
    "playground",
    "test",
    "src",
    "node_modules/typescript",
    "node_modules/bullmq",
    "dist/main.js",
  ];
  expect(there.filter((path) => existsSync(join(final, path)))).toEqual(["dist/main.js"]);
});

it("draws, with the binary and the letters that came along", async () => {
  const script = `
    const drawing = require("node:child_process").fork("./dist/draw.js", { serialization: "advanced" });
    drawing.send({ kind: "checkpoint history", job: "orders", at: 0, checkpoints: [] });
    drawing.on("message", (drawn) => {
      console.log(drawn.drawing?.png.toString("latin1", 1, 4) ?? drawn.failed);
      drawing.disconnect();
    });`;
  expect(await run(["node", "-e", script], final)).toEqual({ code: 0, out: "PNG\n" });
});

it("lists what the configuration lacks and leaves with 1", async () => {
  const { code, out } = await run([...cmd, "check"], final);
  expect(code).toBe(1);
  expect(out).toContain("- slack.botToken: environment variable SLACK_BOT_TOKEN is not set");
  writeFileSync(join(scratch, "bad.yml"), "clusters: { a: { url: 'ftp://a' } }\ntokn: 1\n");
  const bad = await run([...cmd, "--config", join(scratch, "bad.yml")], final);
  expect(bad.code).toBe(1);
  expect(bad.out).toContain("- clusters.a.url: must be Flink's REST address, like http://jobmanager:8081");
  expect(bad.out).toContain("- tokn: is an unknown key");
});

it("answers wrong arguments with its usage and 2", async () => {
  const { code, out } = await run([...cmd, "serve"], final);
  expect(code).toBe(2);
  expect(out).toContain("usage: flinkops");
});

it("has a health check that tells alive from dead", async () => {
  const health = createHealth({ host: "127.0.0.1", port: 0 }, () => []);
  const FLINKOPS_PORT = String(await health.start());
  expect((await run(healthcheck, final, { FLINKOPS_PORT })).code).toBe(0);
  await health.stop();
  expect((await run(healthcheck, final, { FLINKOPS_PORT })).code).toBe(1);
});
