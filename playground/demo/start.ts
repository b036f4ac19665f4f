import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startProduct } from "../product.ts";
import { SlackDriver } from "../slack/driver.ts";
import { newKey } from "../../src/platform/seal.ts";
import { FLINK_OPS } from "../slack/workspace-seed.ts";
import { type DemoCluster, startDemoFlink, submitAll } from "./flink.ts";
import { placesConfig, startGuarded } from "./guarded.ts";
import { demoPolicy } from "./policy.ts";
import { startDemoRedis } from "./redis.ts";
import type { Screen } from "./screen.ts";
import { openWorkspace } from "./workspace.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Of the page, to be sent with one click; the jobs are those of jobs.ts. */
const SUGGESTIONS = ["/flink list", "/flink status orders", "/flink diagnose clickstream", "/flink help"];
const OF_AN_APPLICATION = ["/flink list", "/flink clusters", "/flink status orders", "/flink stop orders"];

export interface DemoOptions {
  /** Of the page; undefined: 4330 if it is free, else any. */
  port: number | undefined;
  redisUrl: string | undefined;
  cluster: DemoCluster;
  /** Runs before this process ends, the last one first. */
  onStop: (stop: () => Promise<void>) => void;
  /** The bot ended by itself. */
  onEnd: (words: string) => void;
}

export interface Demo {
  page: string;
  flink: { url: string; real: boolean };
  /** Files, relative to the checkout. */
  log: string;
  policy: string;
}

/** Starts everything, side by side where nothing waits for anything. Throws DemoProblem with one line for a person. */
export async function startDemo(o: DemoOptions, screen: Screen): Promise<Demo> {
  const [redis, slack, flink, guarded] = await allOf([
    async () => {
      const started = await startDemoRedis(o.redisUrl, (words) => screen.progress(words));
      o.onStop(async () => await started.stop());
      screen.progress(started.words);
      return started;
    },
    async () => {
      const started = await openWorkspace(
        o.port,
        o.cluster === "application" ? OF_AN_APPLICATION : SUGGESTIONS,
      );
      o.onStop(async () => await started.close());
      screen.progress(`Slack stand-in on ${started.url}`);
      return started;
    },
    async () => {
      const started = await startDemoFlink(screen, o.cluster);
      o.onStop(async () => await started.stop());
      screen.progress(`${started.words} on ${started.url}`);
      return started;
    },
    async () => {
      const started = await startGuarded();
      for (const { name, flink: one } of started) {
        o.onStop(async () => await one.stop());
        screen.progress(`${one.words} on ${one.url} (cluster ${name})`);
      }
      return started;
    },
  ] as const);
  const named = join(".scratch", `demo-${new URL(slack.url).port}`);
  const [log, policy] = [`${named}.log`, `${named}-policy.yml`];
  screen.logTo(join(ROOT, log));
  const { clusters, channels, jobs } = placesConfig(flink, guarded);
  await writeFile(join(ROOT, policy), demoPolicy(Date.now()));

  await allOf([
    async () => {
      const product = await startProduct({
        slack,
        redisUrl: redis.url,
        ...(redis.prefix === null ? {} : { prefix: redis.prefix }),
        clusters,
        channels,
        config: {
          policy: join(ROOT, policy),
          people: undefined,
          deployment: { id: redis.deployment, dev: true },
          seal: { keys: [{ env: "FLINKOPS_SEAL_KEY" }], channel: FLINK_OPS },
          // the first thing that people type is `list`, seconds after the jobs were started
          // and nobody waits five minutes for the follow-up
          timings: { directoryIdle: "2s", healthyWithin: "45s", followUp: "1m" },
          jobs,
        },
        env: { FLINKOPS_SEAL_KEY: newKey() },
        onLine: (line) => screen.product(line),
      });
      o.onStop(async () => await product.stop());
      void product.exited.then((code) => o.onEnd(`flinkops ended with exit code ${code}; its log is ${log}`));
      await new SlackDriver(slack.url).waitForConnections(1);
      screen.progress("flinkops, bot and worker, connected in Socket Mode");
    },
    async () => {
      for (const one of [flink, ...guarded.map((each) => each.flink)])
        await submitAll(one, (job) => screen.progress(`job ${job.runs.name} runs (${job.what})`));
    },
  ] as const);
  return { page: slack.url, flink, log, policy };
}

type Started<T extends readonly (() => Promise<unknown>)[]> = {
  -readonly [K in keyof T]: Awaited<ReturnType<T[K]>>;
};

/** Side by side; the first that fails ends the wait, and says what was being done. */
async function allOf<const T extends readonly (() => Promise<unknown>)[]>(tasks: T): Promise<Started<T>> {
  return (await Promise.all(tasks.map(async (task) => await task()))) as Started<T>;
}
