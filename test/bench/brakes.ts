import { setTimeout as sleep } from "node:timers/promises";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { until } from "../../playground/processes.ts";
import { startProduct } from "../../playground/product.ts";
import { startRedis } from "../../playground/redis.ts";
import { SlackDriver } from "../../playground/slack/driver.ts";
import { type SlackStandIn, startSlack } from "../../playground/slack/server.ts";
import { ANA, BEN, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { type Figures, median } from "./show.ts";

const BACKLOG = 20;
const ROUNDS = 3;

interface On {
  redisUrl: string;
  slack: SlackStandIn;
  flink: SimulatedFlink;
  driver: SlackDriver;
  dist: string | undefined;
}

/** A brake in a channel where `backlog` savepoints have just been asked for: to its card, and from the click to Flink. */
export async function brakes(dist: string | undefined): Promise<Figures> {
  const redis = await startRedis();
  const slack = await startSlack({ manifestPath: "manifest.yml" });
  const flink = await startSimulated({ slots: 8 });
  const on = { redisUrl: redis.url, slack, flink, driver: new SlackDriver(slack.url), dist };
  const figures: Record<string, number> = {};
  try {
    for (const backlog of [0, BACKLOG]) {
      const seen: Awaited<ReturnType<typeof brake>>[] = [];
      for (let n = 0; n < ROUNDS; n += 1) seen.push(await brake(on, `brake-${backlog}-${n}`, backlog));
      const where = backlog === 0 ? "in a quiet channel" : `after ${backlog} savepoints`;
      figures[`cancel ${where}: to its card, ms`] = median(seen.map((s) => s.card));
      figures[`cancel ${where}: from the click to Flink, ms`] = median(seen.map((s) => s.click));
    }
    return figures;
  } finally {
    await slack.close();
    await flink.stop();
    await redis.stop();
  }
}

async function brake(on: On, round: string, backlog: number): Promise<{ card: number; click: number }> {
  const jobs: string[] = [];
  for (let i = 0; i < backlog; i += 1)
    jobs.push((await on.flink.control.addJob({ name: `${round}-${i}` })).name);
  const { jobId, name } = await on.flink.control.addJob({ name: `${round}-brake` });
  const reason = `the brake of ${round}`;
  const product = await startProduct({
    slack: on.slack,
    redisUrl: on.redisUrl,
    prefix: `{${round}}`,
    clusters: { demo: { url: on.flink.url, changes: true } },
    ...(on.dist === undefined ? {} : { dist: on.dist }),
  });
  try {
    // the channel has rested, and who operates is known
    await on.driver.type(BEN, FLINK_OPS, "/flink help");
    await sleep(3000);
    for (const job of jobs) await on.driver.type(BEN, FLINK_OPS, `/flink savepoint ${job}`);
    const typed = Date.now();
    await on.driver.type(ANA, FLINK_OPS, `/flink cancel ${name} --reason "${reason}"`);
    const posted = await on.driver.waitForMessage(
      ANA,
      FLINK_OPS,
      (m) => m.plain.includes(reason) && m.controls.some((c) => c.label === "Approve cancel"),
      { timeoutMs: 120_000 },
    );
    const clicked = Date.now();
    await on.driver.click(BEN, posted, "Approve cancel");
    const sent = await until(
      "Flink was told",
      async () => {
        const effects = await on.flink.control.effects();
        return effects.find((e) => e.jobId === jobId && e.do === "cancel") ?? null;
      },
      60_000,
    );
    return { card: posted.at - typed, click: sent.at - clicked };
  } finally {
    await product.stop();
  }
}
