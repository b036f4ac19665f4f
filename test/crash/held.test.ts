import { existsSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { startProduct } from "../../playground/product.ts";
import { ANA } from "../../playground/slack/workspace-seed.ts";
import { judge } from "../harness/judge.ts";
import { QUICK, ROOT, startWorld, type World } from "../harness/world.ts";

const CRASH = new URL("./crash.mjs", import.meta.url).pathname;
const WORKER = ["worker", "--zone", "default"];
let world: World;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flinkops-held-"));
});
afterEach(async () => {
  await world.stop();
  await rm(folder, { recursive: true, force: true });
});

const triggers = async (jobId: string): Promise<number> =>
  (await world.flink.control.requests()).filter(
    (r) => r.method === "POST" && r.path.startsWith(`/jobs/${jobId}/savepoints`),
  ).length;

describe("a worker that pauses between saving and sending", () => {
  it("finds its lease expired when it continues, and sends nothing", async () => {
    world = await startWorld({ roles: ["bot"] });
    const { jobId } = await world.flink.control.addJob({ name: "orders" });
    const reached = join(folder, "reached");
    const plan = {
      point: "running savepoint.0 sending leased | POST /jobs/:id/savepoints #1",
      when: "before",
      reached,
      hold: true,
    };
    const held = await startProduct({
      slack: world.slack,
      redisUrl: world.redis.url,
      clusters: { demo: { url: world.flink.url, changes: true, savepointRoots: [ROOT] } },
      // background readings are named as well
      config: { timings: { ...QUICK, directoryIdle: "1h", directoryWatched: "1h", sweep: "1h" } },
      roles: WORKER,
      node: ["--import", CRASH],
      env: { FLINKOPS_CRASH: JSON.stringify(plan) },
    });
    try {
      const savepoint = await world.people.change(ANA, "savepoint orders");
      await until("the worker is stopped", async () => (existsSync(reached) ? true : null));
      expect(await triggers(jobId)).toBe(0);
      await world.start({ roles: WORKER });
      expect((await savepoint.outcome()).plain).toMatch(/^✅ /u);
      expect(await triggers(jobId)).toBe(1);
      held.kill("SIGCONT");
      // it is alive again and has had its turn once it says that it is ready
      await until("the first worker is back", async () =>
        (await fetch(`${held.healthUrl}/readyz`).catch(() => null))?.ok === true ? true : null,
      );
      await held.stop();
      expect(await triggers(jobId)).toBe(1);
      await judge(world);
    } finally {
      held.kill("SIGCONT");
      await held.stop();
    }
  });
});

describe("Redis that went back in time", () => {
  it.each([
    ["puts back what was seen, where somebody has seen it", false],
    ["makes the request ask Flink again, which has it already, where nobody has", true],
  ])("%s", async (_, isNew) => {
    world = await startWorld();
    const { jobId } = await world.flink.control.addJob({ name: "orders" });
    const aof = join(world.redis.directory, "appendonlydir");
    // Flink has it; its answer is a while on the way
    await world.flink.control.fault({
      method: "POST",
      path: `${jobId}/savepoints$`,
      when: "after",
      delayMs: 900,
      times: 1,
    });
    const savepoint = await world.people.change(ANA, "savepoint orders");
    await until("Flink has it", async () => ((await triggers(jobId)) > 0 ? true : null));
    await cp(aof, join(folder, "earlier"), { recursive: true });
    const card = await savepoint.outcome();
    await world.stored.atRest();

    if (isNew) await Promise.all(world.products.map(async (product) => await product.stop()));
    await world.redis.kill();
    await rm(aof, { recursive: true });
    await cp(join(folder, "earlier"), aof, { recursive: true });
    await world.redis.restart();
    if (isNew) await world.start();
    await until("the request is open again, and closed again", async () =>
      (await world.stored.open()).length === 0 &&
      (await world.stored.events(await savepoint.id())).includes(isNew ? "ended" : "put back")
        ? true
        : null,
    );
    expect((await savepoint.outcome()).plain.split("\n")[0]).toBe(card.plain.split("\n")[0]);
    expect((await world.flink.control.effects()).filter((e) => e.jobId === jobId)).toHaveLength(1);
    await judge(world);
  });
});
