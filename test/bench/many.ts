import { Redis } from "ioredis";
import { startSimulated } from "../../playground/flink/simulated/server.ts";
import { startProduct } from "../../playground/product.ts";
import { startRedis } from "../../playground/redis.ts";
import { SlackDriver } from "../../playground/slack/driver.ts";
import { startSlack } from "../../playground/slack/server.ts";
import { ANA, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { cpuMs, redisCounts } from "./meter.ts";
import type { Figures } from "./show.ts";

/** Kept out of what is measured: a second before it is asked for. */
const WARM_MS = 1500;

/** `savepoint --all` over so many jobs: what each of them costs. `profile`: a folder for a CPU profile of it. */
export async function many(jobs: number, dist?: string, profile?: string): Promise<Figures> {
  const redis = await startRedis();
  const slack = await startSlack({ manifestPath: "manifest.yml" });
  const flink = await startSimulated({ slots: 8 });
  const driver = new SlackDriver(slack.url);
  for (let i = 0; i < jobs; i += 1) await flink.control.addJob({ name: `job-${i}` });
  const product = await startProduct({
    slack,
    redisUrl: redis.url,
    clusters: { demo: { url: flink.url, changes: true } },
    ...(dist === undefined ? {} : { dist }),
    ...(profile === undefined ? {} : { node: ["--cpu-prof", `--cpu-prof-dir=${profile}`] }),
  });
  const counter = new Redis(redis.url);
  try {
    await driver.type(ANA, FLINK_OPS, "/flink help");
    await new Promise((resolve) => setTimeout(resolve, WARM_MS));
    const [cpu, before, began] = [cpuMs(product.pid), await redisCounts(counter), performance.now()];
    await driver.type(ANA, FLINK_OPS, "/flink savepoint --all --cluster demo");
    await driver.waitForMessage(ANA, FLINK_OPS, (m) => m.plain.includes(`${jobs} savepoints complete`), {
      timeoutMs: 180_000,
    });
    const after = await redisCounts(counter);
    return {
      [`CPU per job of savepoint --all over ${jobs}, ms`]: (cpuMs(product.pid) - cpu) / jobs,
      [`Redis round trips per job over ${jobs}`]: (after.roundTrips - before.roundTrips) / jobs,
      [`Redis commands per job over ${jobs}`]: (after.commands - before.commands) / jobs,
      [`time per job over ${jobs}, ms`]: (performance.now() - began) / jobs,
    };
  } finally {
    counter.disconnect();
    await product.stop();
    await slack.close();
    await flink.stop();
    await redis.stop();
  }
}
