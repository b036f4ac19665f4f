import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort, startTied } from "../../playground/processes.ts";
import { startProduct } from "../../playground/product.ts";
import { HOME_TEAM } from "../../playground/slack/workspace-seed.ts";
import type { Setting } from "./latency.ts";
import { line } from "./show.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const BARE = fileURLToPath(new URL("bare.mjs", import.meta.url));
const WORDS = 15;
const STARTS = 7;

/** From spawn to the end of a short answer, and to a bot and worker that are ready; each beside what Node itself takes. */
export async function start(on: Setting): Promise<void> {
  const [node, version, bare, ready]: number[][] = [[], [], [], []];
  for (let n = 0; n < WORDS; n += 1) {
    node?.push(await ran(["--eval", "0"]));
    version?.push(await ran([MAIN, "--version"]));
  }
  for (let n = 0; n < STARTS; n += 1) {
    bare?.push(await bareReady(on));
    ready?.push(await productReady(on, n));
  }
  line("node that does nothing", node ?? []);
  line("flinkops --version", version ?? [], node);
  line("a process with Bolt and BullMQ, until it listens", bare ?? []);
  line("bot and worker, until they are ready", ready ?? [], bare);
}

/** How long a program of Node takes, ms. Throws unless it leaves with 0. */
async function ran(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const [code]: unknown[] = await once(spawn(process.execPath, args, { stdio: "ignore" }), "exit");
  if (code !== 0) throw new Error(`node ${args.join(" ")} left with ${String(code)}`);
  return performance.now() - began;
}

/** Until something answers there as it should. */
async function answered(url: string, isRight: (status: number) => boolean): Promise<void> {
  for (;;) {
    const answer = await fetch(url).catch(() => null);
    await answer?.arrayBuffer();
    if (answer !== null && isRight(answer.status)) return;
    await sleep(2);
  }
}

async function bareReady({ redis, slack }: Setting): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  const bare = await startTied(process.execPath, [BARE], {
    env: {
      PATH: process.env["PATH"],
      PORT: String(port),
      REDIS: redis.url,
      SECRET: slack.signingSecret,
      API: slack.apiUrl,
      TOKEN: slack.botToken,
      TEAM: HOME_TEAM,
    },
  });
  try {
    await answered(`http://127.0.0.1:${port}/`, () => true);
    return performance.now() - began;
  } finally {
    await bare.stop();
  }
}

async function productReady({ redis, slack, flink }: Setting, n: number): Promise<number> {
  const began = performance.now();
  const product = await startProduct(
    {
      slack,
      redisUrl: redis.url,
      prefix: `{start-${n}}`,
      clusters: { demo: { url: flink.url, changes: true } },
    },
    false,
  );
  try {
    await answered(`${product.healthUrl}/readyz`, (status) => status === 200);
    return performance.now() - began;
  } finally {
    await product.stop();
  }
}
