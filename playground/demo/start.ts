import { join } from "node:path";
import { startProduct } from "../product.ts";
import { SlackDriver } from "../slack/driver.ts";
import { type SlackStandIn, startSlack } from "../slack/server.ts";
import { newKey } from "../../src/platform/seal.ts";
import { DORA, FLINK_OPS, INCIDENT } from "../slack/workspace-seed.ts";
import { type DemoCluster, startDemoFlink, submitAll } from "./flink.ts";
import { catalogue } from "./jobs.ts";
import { DemoProblem, startDemoRedis } from "./redis.ts";
import type { Screen } from "./screen.ts";

const ROOT = join(import.meta.dirname, "../..");
const DEFAULT_PORT = 4330;

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
  log: string;
}

/** Starts everything, side by side where nothing waits for anything. Throws DemoProblem with one line for a person. */
export async function startDemo(o: DemoOptions, screen: Screen): Promise<Demo> {
  const [redis, slack, flink] = await allOf([
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
  ] as const);
  const log = join(".scratch", `demo-${new URL(slack.url).port}.log`);
  screen.logTo(join(ROOT, log));

  await allOf([
    async () => {
      const product = await startProduct({
        slack,
        redisUrl: redis.url,
        ...(redis.prefix === null ? {} : { prefix: redis.prefix }),
        clusters: {
          demo: { url: flink.url, changes: true, savepointRoots: [flink.savepoints] },
        },
        config: {
          deployment: { id: redis.deployment, dev: true },
          seal: { keys: [{ env: "FLINKOPS_SEAL_KEY" }], channel: FLINK_OPS },
          // the first thing that people type is `list`, seconds after the jobs were started
          // and nobody waits five minutes for the follow-up
          timings: { directoryIdle: "2s", healthyWithin: "45s", followUp: "1m" },
          jobs: catalogue("demo", flink.jobs),
        },
        env: { FLINKOPS_SEAL_KEY: newKey() },
        onLine: (line) => screen.product(line),
      });
      o.onStop(async () => await product.stop());
      void product.exited.then((code) => o.onEnd(`flinkops ended with exit code ${code}; its log is ${log}`));
      await new SlackDriver(slack.url).waitForConnections(1);
      screen.progress("flinkops, bot and worker, connected in Socket Mode");
    },
    async () => await submitAll(flink, (job) => screen.progress(`job ${job.runs.name} runs (${job.what})`)),
  ] as const);
  return { page: slack.url, flink, log };
}

const open = async (port: number, suggestions: readonly string[]): Promise<SlackStandIn> =>
  await startSlack({
    port,
    manifestPath: join(ROOT, "manifest.yml"),
    optionalScopes: "granted",
    suggestions,
  });

async function openWorkspace(
  wanted: number | undefined,
  suggestions: readonly string[],
): Promise<SlackStandIn> {
  const slack = await open(wanted ?? DEFAULT_PORT, suggestions).catch(async (error: unknown) => {
    if (!isTaken(error)) throw error;
    if (wanted !== undefined) throw new DemoProblem(`port ${wanted} is taken; set PORT to another one`);
    return await open(0, suggestions);
  });
  // a first message, so that there is a thread to mention the bot in
  await new SlackDriver(slack.url).type(
    DORA,
    INCIDENT,
    "Orders have been late for a few minutes. Does anybody know why?",
  );
  return slack;
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "EADDRINUSE" || error.code === "EACCES");

type Started<T extends readonly (() => Promise<unknown>)[]> = {
  -readonly [K in keyof T]: Awaited<ReturnType<T[K]>>;
};

/** Side by side; the first that fails ends the wait, and says what was being done. */
async function allOf<const T extends readonly (() => Promise<unknown>)[]>(tasks: T): Promise<Started<T>> {
  return (await Promise.all(tasks.map(async (task) => await task()))) as Started<T>;
}
