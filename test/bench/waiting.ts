import { setTimeout as sleep } from "node:timers/promises";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { startSimulated } from "../../playground/flink/simulated/server.ts";
import { until } from "../../playground/processes.ts";
import { startProduct } from "../../playground/product.ts";
import { startRedis } from "../../playground/redis.ts";
import { SlackDriver } from "../../playground/slack/driver.ts";
import { startSlack } from "../../playground/slack/server.ts";
import {
  ANA,
  defaultSeed,
  FLINK_OPS,
  HOME_TEAM,
  OPERATORS,
  type Seed,
  user,
} from "../../playground/slack/workspace-seed.ts";
import { sealedIntake } from "../../src/queue/intake.ts";
import { connectRedis, backOptions } from "../../src/redis/connect.ts";
import { keysUnder } from "../../src/redis/keys.ts";
import type { Intake, RequestRecord } from "../../src/requests/record/record.ts";
import { cpuMs, redisCounts } from "./meter.ts";
import { sealOf } from "./sealed.ts";
import type { Figures } from "./show.ts";

const REQUESTS = 1000;
const WATCHED_S = 20;
const PREFIX = "{waiting}";
/** Nothing is missing in Slack of what was drawn at this rev. */
export const DRAWN = 1_000_000;

/** Nobody may have more open. */
const EACH = 20;

/** One of those who ask. */
export const waiter = (i: number): string => `U0WAITS${String(i).padStart(3, "0")}`;

/** The workspace, with so many more operators. */
export function withWaiters(people: number): Seed {
  const seed = defaultSeed();
  const ids = Array.from({ length: people }, (_, i) => waiter(i));
  return {
    ...seed,
    users: [...seed.users, ...ids.map((id) => user(id, id.toLowerCase(), id))],
    groups: seed.groups.map((g) => (g.id === OPERATORS ? { ...g, users: [...g.users, ...ids] } : g)),
  };
}

/** What requests cost that wait for their jobs' claims, with what an idle program does anyway. */
export async function waiting(dist: string | undefined): Promise<Figures> {
  const redis = await startRedis();
  const slack = await startSlack({ manifestPath: "manifest.yml", seed: withWaiters(REQUESTS / EACH) });
  const flink = await startSimulated({ slots: 8 });
  const driver = new SlackDriver(slack.url);
  const client = connectRedis(backOptions(redis), () => undefined);
  const keys = keysUnder(PREFIX);
  const queue = new Queue("changes-default", { connection: client, prefix: PREFIX });
  const seal = sealOf(slack.botToken, dist);
  const dataOf = (intake: Intake): object => (seal === null ? intake : sealedIntake(seal, intake));
  const recordOf = async (id: string): Promise<RequestRecord | null> =>
    JSON.parse((await client.hget(keys.record(id), "json")) ?? "null") as RequestRecord | null;
  const product = await startProduct({
    slack,
    redisUrl: redis.url,
    prefix: PREFIX,
    clusters: { demo: { url: flink.url, changes: true } },
    config: { timings: { startWithin: "1h" } },
    ...(dist === undefined ? {} : { dist }),
  });
  const counter = new Redis(redis.url);
  const over = async (seconds: number) => {
    const [cpu, before] = [cpuMs(product.pid), await redisCounts(counter)];
    await sleep(seconds * 1000);
    const after = await redisCounts(counter);
    return {
      cpu: (cpuMs(product.pid) - cpu) / seconds / 10,
      commands: (after.commands - before.commands) / seconds,
    };
  };
  try {
    await flink.control.timings({ snapshotMs: 600_000 });
    await flink.control.addJob({ name: "held" });
    await driver.type(ANA, FLINK_OPS, "/flink savepoint held");
    const holder = await until("the holder runs", async () => {
      for (const id of await client.zrange(keys.open, "0", "-1"))
        if ((await recordOf(id))?.state === "running") return id;
      return null;
    });
    const intakes: Intake[] = [];
    for (let i = 0; i < REQUESTS; i += 1) {
      const { jobId, name } = await flink.control.addJob({ name: `waits-${i}` });
      const requestId = `r${String(i).padStart(31, "0")}`;
      await counter.set(keys.claim(`demo/id/${jobId}`), holder);
      await counter.hset(keys.cards(requestId), "C0 1.1", DRAWN);
      intakes.push({
        v: 1,
        requestId,
        operation: "savepoint",
        args: { job: name },
        cluster: "demo",
        find: "job",
        job: name,
        bound: { jobId, name },
        actor: { user: waiter(Math.floor(i / EACH)), team: HOME_TEAM },
        place: { channel: FLINK_OPS, thread: null, door: "command" },
        reason: null,
        askedAt: Date.now(),
        parent: null,
      });
    }
    await queue.addBulk(
      intakes.map((intake) => ({
        name: intake.operation,
        data: dataOf(intake),
        opts: { jobId: intake.requestId, attempts: 1_000_000, backoff: { type: "fixed", delay: 1000 } },
      })),
    );
    await until(
      "all of them wait",
      async () => {
        await sleep(500);
        const records = await Promise.all(intakes.map(async (i) => await recordOf(i.requestId)));
        const ended = records.find((r) => r !== null && r.end !== null);
        if (ended != null) throw new Error(JSON.stringify(ended.end));
        return records.filter((r) => r?.waiting?.holder === holder).length === REQUESTS ? true : null;
      },
      300_000,
    );
    const busy = await over(WATCHED_S);
    return {
      [`Redis commands a second with ${REQUESTS} waiting requests`]: busy.commands,
      [`CPU with ${REQUESTS} waiting requests, %`]: busy.cpu,
    };
  } finally {
    counter.disconnect();
    await queue.close();
    client.disconnect();
    await product.stop();
    await slack.close();
    await flink.stop();
    await redis.stop();
  }
}
