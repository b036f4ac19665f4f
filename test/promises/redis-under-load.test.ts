import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN, CEM } from "../../playground/slack/workspace-seed.ts";
import { isOver } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import type { Asked } from "../harness/people.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);
const REQUESTS = 30;

suite("Redis killed and started again under load", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ timings: { startWithin: "2m" } });
    for (let i = 0; i < REQUESTS; i += 1) await world.flink.control.addJob({ name: `load-${i}` });
    await world.flink.control.timings({ snapshotMs: 400 });
  });
  afterAll(async () => await world.stop());

  it("does each accepted request once and tells each outcome; the others were told that they were not taken", async () => {
    const people = [ANA, BEN, CEM];
    const asked: Asked[] = [];
    for (let i = 0; i < REQUESTS; i += 1) {
      if (i === 10) await world.redis.kill();
      if (i === 15) await world.redis.restart();
      asked.push(await world.people.change(people[i % 3] ?? ANA, `savepoint load-${i}`));
    }
    expect(asked.filter((one) => one.typed.error !== null)).toEqual([]);

    const refused = asked.filter((one) => one.typed.reply?.includes("nothing was accepted"));
    const doubtful = asked.filter((one) => one.typed.reply?.includes("not certain"));
    const accepted = asked.filter((one) => one.typed.reply === null);
    expect(refused.length + doubtful.length + accepted.length).toBe(REQUESTS);
    expect(refused.length).toBeGreaterThan(0);
    expect(accepted.length).toBeGreaterThanOrEqual(10);

    for (const one of accepted) expect(isOver(await one.outcome(90_000))).toBe(true);
    await world.stored.atRest(90_000);
    const effects = await world.flink.control.effects();
    const done = new Map<string | null, number>();
    for (const { jobId } of effects) done.set(jobId, (done.get(jobId) ?? 0) + 1);
    expect([...done.values()].filter((n) => n !== 1)).toEqual([]);
    expect(effects.length).toBeGreaterThanOrEqual(accepted.length);
    expect(effects.length).toBeLessThanOrEqual(accepted.length + doubtful.length);
    await judge(world);
  });

  it("is ready again afterwards", async () => {
    await until("flinkops is ready", async () => {
      const [product] = world.products;
      return (await fetch(`${product?.healthUrl}/readyz`)).ok ? true : null;
    });
  });
});
