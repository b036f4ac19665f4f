import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import type { SimulatedCheckpoint } from "../../playground/flink/simulated/job.ts";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { startProduct } from "../../playground/product.ts";
import { startRedis } from "../../playground/redis.ts";
import { startSlack } from "../../playground/slack/server.ts";
import { cpuMs, redisCounts } from "./meter.ts";
import type { Figures } from "./show.ts";

/** From the start until each job's checkpoints have been read once and the garbage of the start is collected, s. */
const SETTLED_S = 30;
const MEASURED_S = 30;
const HISTORY = 10;

interface Shape {
  clusters: number;
  /** Of each cluster. */
  jobs: number;
}

/** What bot and worker cost in one process while nobody types, with jobs that run and take checkpoints. */
export async function idle({ clusters, jobs }: Shape, dist: string | undefined): Promise<Figures> {
  const redis = await startRedis();
  const slack = await startSlack({ manifestPath: "manifest.yml" });
  const flinks: SimulatedFlink[] = [];
  for (let i = 0; i < clusters; i += 1) flinks.push(await withJobs(i, jobs));
  const counter = new Redis(redis.url);
  const product = await startProduct({
    slack,
    redisUrl: redis.url,
    clusters: Object.fromEntries(flinks.map(({ url }, i) => [`c${i}`, { url, changes: true }])),
    ...(dist === undefined ? {} : { dist }),
  });
  try {
    await sleep(SETTLED_S * 1000);
    await Promise.all(flinks.map(async ({ control }) => await control.clearLog()));
    const [cpu, before] = [cpuMs(product.pid), await redisCounts(counter)];
    await sleep(MEASURED_S * 1000);
    const [used, after] = [cpuMs(product.pid) - cpu, await redisCounts(counter)];
    const requests = await Promise.all(flinks.map(async ({ control }) => (await control.requests()).length));
    const shape = `${clusters} x ${jobs}`;
    return {
      [`idle with ${shape} jobs: CPU, % of a core`]: used / MEASURED_S / 10,
      [`idle with ${shape} jobs: memory, MB`]: residentMb(product.pid),
      [`idle with ${shape} jobs: requests a second to a JobManager`]: Math.max(...requests) / MEASURED_S,
      [`idle with ${shape} jobs: Redis commands a second`]: (after.commands - before.commands) / MEASURED_S,
    };
  } finally {
    counter.disconnect();
    await product.stop();
    await slack.close();
    await Promise.all(flinks.map(async (flink) => await flink.stop()));
    await redis.stop();
  }
}

async function withJobs(cluster: number, jobs: number): Promise<SimulatedFlink> {
  const flink = await startSimulated({ slots: 4 * jobs });
  for (let i = 0; i < jobs; i += 1) {
    const { jobId } = await flink.control.addJob({ name: `team-${i % 7}-pipeline-${i}-of-${cluster}` });
    const checkpoints = Array.from({ length: HISTORY }, (_, n) => completed(jobId, HISTORY - n));
    await flink.control.changeJob(jobId, { checkpoints, checkpointCount: { completed: HISTORY, failed: 0 } });
  }
  return flink;
}

function completed(jobId: string, id: number): SimulatedCheckpoint {
  const at = Date.now() - (HISTORY - id) * 5000;
  return {
    id,
    status: "completed",
    type: "CHECKPOINT",
    triggeredAt: at - 300,
    endedAt: at,
    expectedMs: 300,
    path: `s3://state/checkpoints/${jobId}/chk-${id}`,
    failure: null,
    subtasks: 8,
    discarded: id < HISTORY,
  };
}

/** Memory that the process holds, as the kernel counts it. */
const residentMb = (pid: number): number =>
  Number(/^VmRSS:\s*(\d+)/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
