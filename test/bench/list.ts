import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { startProduct } from "../../playground/product.ts";
import { startRedis } from "../../playground/redis.ts";
import { SlackDriver } from "../../playground/slack/driver.ts";
import { startSlack } from "../../playground/slack/server.ts";
import { ANA, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import type { Seen } from "../../src/job-cache/job-cache.ts";
import { keysUnder } from "../../src/redis/keys.ts";
import { longestBlock } from "./meter.ts";
import { sealOf } from "./sealed.ts";
import type { Figures } from "./show.ts";

const CLUSTERS = 50;
const JOBS = 1000;
const ROUNDS = 5;
const PREFIX = "{list}";

/** A cluster as it was last read, with so many jobs. */
export const seen = (cluster: number, readAt: number, jobs = JOBS): Seen => ({
  v: 1,
  readAt,
  unreachableSince: null,
  problem: null,
  answeringSince: readAt,
  missing: [],
  facts: null,
  jobs: Array.from({ length: jobs }, (_, i) => ({
    jobId: `${String(cluster).padStart(4, "0")}${String(i).padStart(4, "0")}`.repeat(4),
    name: `team-${(i * 7919) % 97}-pipeline-${(i * 104_729) % JOBS}-of-${cluster}`,
    state: i % 50 === 0 ? "RESTARTING" : "RUNNING",
    startedAt: readAt - 3_600_000 - i,
    endedAt: null,
    lastModifiedAt: readAt - i,
    ageMs: 3_600_000 + i,
    tasks: { total: 4, running: 4, finished: 0, failed: 0 },
    scheduler: null,
    jobType: "STREAMING",
  })),
});

/** The longest time that the bot's event loop is blocked while it answers `list` over many clusters. */
export async function list(dist: string | undefined): Promise<Figures> {
  const redis = await startRedis();
  const slack = await startSlack({ manifestPath: "manifest.yml" });
  const driver = new SlackDriver(slack.url);
  const file = join(mkdtempSync(join(tmpdir(), "flinkops-bench-")), "loop");
  const names = Array.from({ length: CLUSTERS }, (_, i) => `c${i}`);
  const filler = new Redis(redis.url);
  const keys = keysUnder(PREFIX);
  const product = await startProduct({
    slack,
    redisUrl: redis.url,
    prefix: PREFIX,
    clusters: Object.fromEntries(names.map((name) => [name, { url: "http://127.0.0.1:1", changes: true }])),
    roles: ["bot"],
    node: ["--import", new URL("loop.mjs", import.meta.url).pathname],
    env: { FLINKOPS_LOOP: file },
    ...(dist === undefined ? {} : { dist }),
  });
  const seal = sealOf(slack.botToken, dist);
  const sealed = (cluster: string, json: string): string =>
    seal === null ? json : seal.close({ kind: "directory", id: cluster, rev: 0 }, json);
  const fill = async (): Promise<void> => {
    const now = Number((await filler.time())[0]) * 1000;
    for (const [i, name] of names.entries())
      await filler.set(keys.directory(name), sealed(name, JSON.stringify(seen(i, now + 60_000))));
  };
  try {
    await fill();
    await driver.type(ANA, FLINK_OPS, "/flink list --cluster c1");
    let longest = 0;
    let took = 0;
    for (let n = 0; n < ROUNDS; n += 1) {
      await longestBlock(product.pid, file);
      const began = performance.now();
      const asked = await driver.type(ANA, FLINK_OPS, `/flink list --page ${n + 1}`);
      await driver.waitForEphemeral(ANA, FLINK_OPS, (m) => m.plain.includes(`Page ${n + 1} of`), {
        timeoutMs: 30_000,
      });
      void asked;
      took += (performance.now() - began) / ROUNDS;
      longest = Math.max(longest, await longestBlock(product.pid, file));
    }
    return {
      [`longest block by list of ${CLUSTERS} x ${JOBS}, ms`]: longest,
      [`list of ${CLUSTERS} x ${JOBS} in Slack, ms`]: took,
    };
  } finally {
    filler.disconnect();
    await product.stop();
    await slack.close();
    await redis.stop();
  }
}
