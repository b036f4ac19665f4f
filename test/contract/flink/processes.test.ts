import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { flinkAvailable, until } from "../../../playground/flink/launcher.ts";
import { startSimulated } from "../../../playground/flink/simulated/server.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function run(file: string, args: string[], stdin: "pipe" | "ignore" = "ignore"): ChildProcess {
  const child = spawn(process.execPath, ["--import", "tsx", join(import.meta.dirname, file), ...args], {
    stdio: [stdin, "pipe", "inherit"],
  });
  children.push(child);
  return child;
}
async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("no output");
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) return line;
  return "";
}
/** `T`: stopped by a signal. */
const stateOf = (pid: number): string =>
  execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).slice(0, 1);

describe("a sender held up past its lease", () => {
  it.each([
    [300, "LeaseExpired", 0],
    [60_000, "accepted", 1],
  ])("with a lease of %s ms ends as %s", async (leaseMs, outcome, effects) => {
    const flink = await startSimulated();
    const { jobId } = await flink.control.addJob({});
    const child = run("held-up.ts", [flink.url, jobId, String(leaseMs)]);
    const line = firstLine(child);
    await until("it is stopped", () => Promise.resolve(stateOf(child.pid ?? 0) === "T"));
    const since = performance.now();
    await until("a short lease is over", () => Promise.resolve(performance.now() - since > 400));
    child.kill("SIGCONT");
    expect(await line).toBe(outcome);
    expect(await flink.control.effects()).toHaveLength(effects);
    expect((await flink.control.requests()).filter((r) => r.method === "POST")).toHaveLength(effects);
    await flink.stop();
  });
});

it("runs the simulated JobManager until its parent lets go", async () => {
  const child = run("../../../playground/flink/simulated/main.ts", ["--job", "orders"], "pipe");
  const url = (await firstLine(child)).replace("simulated Flink at ", "");
  const answer = (await (await fetch(`${url}/jobs/overview`)).json()) as { jobs: { name: string }[] };
  expect(answer.jobs.map((j) => j.name)).toEqual(["orders"]);
  const exit = once(child, "exit");
  child.stdin?.end();
  await exit;
});

const missing = await flinkAvailable();
if (missing !== null && process.env["CI"] !== undefined) throw new Error(missing);
if (missing !== null) console.log(`the real Flink's processes are left out: ${missing}`);

describe.skipIf(missing !== null)("a real Flink whose parent is killed", () => {
  it("leaves no process behind", async () => {
    const dir = await mkdtemp(join(tmpdir(), "flink-orphan-"));
    const javas = (): number =>
      execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
        .split("\n")
        .filter((line) => line.startsWith("java ") && line.includes(dir)).length;
    const child = run("orphan.ts", [dir]);
    expect(await firstLine(child)).toMatch(/^http:/u);
    expect(javas()).toBe(2);
    child.kill("SIGKILL");
    await until("no JVM is left", () => Promise.resolve(javas() === 0));
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  });
});
