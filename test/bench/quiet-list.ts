import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { startSimulated } from "../../playground/flink/simulated/server.ts";
import { startProduct } from "../../playground/product.ts";
import { startRedis } from "../../playground/redis.ts";
import { SlackDriver } from "../../playground/slack/driver.ts";
import { startSlack } from "../../playground/slack/server.ts";
import { ANA, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { keysUnder } from "../../src/redis/keys.ts";
import { redisCounts } from "./meter.ts";
import { type Figures, median } from "./show.ts";

const JOBS = 20;
const ROUNDS = 7;
const PREFIX = "{quiet}";
/** A bot marks a cluster as watched at most every five seconds; what was read longer ago than three is read again. */
const QUIET_MS = 6000;

/** From typing `list` to its answer, where nobody has watched the cluster for a while; bot and worker are two processes. */
export async function quietList(dist: string | undefined): Promise<Figures> {
  const redis = await startRedis();
  const slack = await startSlack({ manifestPath: "manifest.yml" });
  const flink = await startSimulated({ slots: 4 * JOBS });
  const driver = new SlackDriver(slack.url);
  const filler = new Redis(redis.url);
  for (let i = 0; i < JOBS; i += 1) await flink.control.addJob({ name: `job-${i}` });
  const start = async (role: string) =>
    await startProduct({
      slack,
      redisUrl: redis.url,
      prefix: PREFIX,
      clusters: { quiet: { url: flink.url, changes: true } },
      // read at the start, and then only because somebody asks
      config: { timings: { directoryIdle: "1h" } },
      roles: [role],
      ...(dist === undefined ? {} : { dist }),
    });
  const products = [await start("worker"), await start("bot")];
  const heard = async (): Promise<ReadonlySet<string>> =>
    new Set((await driver.ephemerals(ANA, FLINK_OPS)).map(({ ts }) => ts));
  try {
    const took: number[] = [];
    const commands: number[] = [];
    // the first one is not measured: it reads Slack's answers about people
    for (let n = 0; n <= ROUNDS; n += 1) {
      await filler.del(keysUnder(PREFIX).watched("quiet"));
      // not always at the same time between two turns of the reader
      await sleep(QUIET_MS + 70 * n);
      const before = await heard();
      const [counted, began] = [await redisCounts(filler), performance.now()];
      await driver.type(ANA, FLINK_OPS, "/flink list");
      await driver.waitForEphemeral(
        ANA,
        FLINK_OPS,
        (m) => m.plain.includes(`job-${JOBS - 1}`) && !before.has(m.ts),
        { timeoutMs: 10_000 },
      );
      const ms = performance.now() - began;
      if (n > 0) {
        took.push(ms);
        commands.push((await redisCounts(filler)).commands - counted.commands);
      }
    }
    return {
      "list typed to answer, quiet cluster, ms": median(took),
      "list typed to answer, quiet cluster: slowest, ms": Math.max(...took),
      "list typed to answer, quiet cluster: Redis commands": median(commands),
    };
  } finally {
    filler.disconnect();
    await Promise.all(products.map(async (product) => await product.stop()));
    await slack.close();
    await flink.stop();
    await redis.stop();
  }
}
