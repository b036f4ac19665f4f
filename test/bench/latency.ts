import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import type { SimulatedFlink } from "../../playground/flink/simulated/server.ts";
import { startProduct } from "../../playground/product.ts";
import type { PrivateRedis } from "../../playground/redis.ts";
import type { SlackDriver } from "../../playground/slack/driver.ts";
import type { SlackStandIn } from "../../playground/slack/server.ts";
import { ANA, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { isOver } from "../harness/cards.ts";
import { acks } from "./acks.ts";
import { draw } from "../../src/pictures/draw.ts";
import { aGraph, aLargeGraph } from "../pictures/a-picture.ts";
import { flinkCli } from "./flink-cli.ts";
import { line, results } from "./show.ts";
import { start } from "./start.ts";

/** What latency is measured in: one Redis, Slack and Flink for all of it. */
export interface Setting {
  redis: PrivateRedis;
  slack: SlackStandIn;
  flink: SimulatedFlink;
  driver: SlackDriver;
  rounds: number;
}
const clustersOf = ({ flink }: Setting) => ({ demo: { url: flink.url, changes: true } });
const quiet = { directoryIdle: "1h", directoryWatched: "1h", sweep: "1h" };

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** A savepoint as `curl` would make it: trigger, then ask every 10 ms. */
async function bareSavepoint(on: Setting, jobId: string): Promise<void> {
  const triggered = await fetch(`${on.flink.url}/jobs/${jobId}/savepoints`, {
    method: "POST",
    body: '{"target-directory":"file:///bench"}',
  });
  const { "request-id": id } = (await triggered.json()) as { "request-id": string };
  for (;;) {
    const answer = await fetch(`${on.flink.url}/jobs/${jobId}/savepoints/${id}`);
    const { status } = (await answer.json()) as { status: { id: string } };
    if (status.id === "COMPLETED") return;
    await sleep(10);
  }
}

/** From Enter to the outcome on the card; the card is told from others by its reason. */
export async function savepointInSlack(
  on: Setting,
  name: string,
  n: number,
): Promise<{ ack: number; outcome: number }> {
  const start = performance.now();
  const typed = await on.driver.type(
    ANA,
    FLINK_OPS,
    `/flink savepoint ${name} --reason "round ${n} of the bench"`,
  );
  await on.driver.waitForMessage(
    ANA,
    FLINK_OPS,
    (m) => m.plain.includes(`round ${n} of the bench`) && isOver(m),
  );
  return { ack: typed.ackMs ?? Number.NaN, outcome: performance.now() - start };
}

async function speed(on: Setting): Promise<void> {
  const product = await startProduct({ slack: on.slack, redisUrl: on.redis.url, clusters: clustersOf(on) });
  const plain = new Redis(on.redis.url);
  try {
    const bare: number[] = [];
    const acks: number[] = [];
    const outcomes: number[] = [];
    const sets: number[] = [];
    for (let n = 0; n < on.rounds; n += 1) {
      const { jobId, name } = await on.flink.control.addJob({ name: `bench-${n}` });
      bare.push(await timed(async () => await bareSavepoint(on, jobId)));
      sets.push(await timed(async () => await plain.set(`bench:${n}`, "x")));
      const { ack, outcome } = await savepointInSlack(on, name, n);
      acks.push(ack);
      outcomes.push(outcome);
      // Slack's own pace: one message a second in a channel
      await sleep(2500);
    }
    console.log(`${"ms, of".padEnd(47)}${String(on.rounds).padEnd(9)}     p50     p95  ratio`);
    line("one durable write to Redis (AOF always)", sets);
    line("ack of /flink savepoint", acks, sets);
    line("a 40 ms savepoint by bare REST", bare);
    line("the same, from Enter in Slack to the card's outcome", outcomes, bare);
  } finally {
    plain.disconnect();
    await product.stop();
  }
}

/** Outside calls of one undisturbed savepoint, by where they go. */
async function roundTrips(on: Setting): Promise<void> {
  const file = join(mkdtempSync(join(tmpdir(), "flinkops-bench-")), "calls");
  const { name } = await on.flink.control.addJob({ name: "counted" });
  const crash = new URL("../crash/crash.mjs", import.meta.url).pathname;
  const product = await startProduct({
    slack: on.slack,
    redisUrl: on.redis.url,
    prefix: "{counted}",
    clusters: clustersOf(on),
    config: { timings: quiet },
    node: ["--import", crash],
    env: { FLINKOPS_CRASH: JSON.stringify({ record: file }) },
  });
  await savepointInSlack(on, name, on.rounds + 1);
  await product.stop();
  const calls = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((c) => c.split(" | ")[1] ?? "");
  const slackCalls = calls.filter((c) => c.includes("/api/")).length;
  const flinkCalls = calls.filter((c) => /^(GET|POST|PUT|PATCH) /.test(c) && !c.includes("/api/")).length;
  const redisCalls = calls.length - slackCalls - flinkCalls;
  const figure = `Slack ${slackCalls}, Flink ${flinkCalls}, Redis ${redisCalls}`;
  results.push({ what: "calls of one savepoint", figure });
  console.log(`\ncalls of one savepoint: ${figure}`);
}

/** What the worker spends on a picture; the first of a process also reads the font. */
async function pictures(on: Setting): Promise<void> {
  const kinds = [
    ["3 vertices", aGraph()],
    ["500 vertices", aLargeGraph(20, 25)],
  ] as const;
  for (const [what, graph] of kinds) {
    const drawn: number[] = [];
    for (let n = 0; n < on.rounds; n += 1) drawn.push(await timed(async () => await draw(graph)));
    line(`a job graph of ${what} as PNG`, drawn);
  }
}

/** The parts, by the name that `--only` takes. */
export const latency: { readonly [part: string]: (on: Setting) => Promise<void> } = {
  speed,
  start,
  acks,
  "flink-cli": flinkCli,
  calls: roundTrips,
  pictures,
};
