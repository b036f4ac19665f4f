import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { startSimulated } from "../../playground/flink/simulated/server.ts";
import { until } from "../../playground/processes.ts";
import { startProduct } from "../../playground/product.ts";
import { startRedis } from "../../playground/redis.ts";
import { SlackDriver } from "../../playground/slack/driver.ts";
import { startSlack } from "../../playground/slack/server.ts";
import { ANA, BEN, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { draw } from "../../src/pictures/draw.ts";
import { aGraph, aLargeGraph } from "../pictures/a-picture.ts";

/**
 * What flinkops adds to what it cannot avoid. Absolute figures depend on the machine; the ratios, taken within one run,
 * are what to compare. `npm run bench [rounds]`.
 */
const rounds = Number(process.argv[2] ?? 25);
const quiet = { directoryIdle: "1h", directoryWatched: "1h", sweep: "1h" };

const redis = await startRedis();
const slack = await startSlack({ manifestPath: "manifest.yml" });
const flink = await startSimulated({ slots: 8 });
const clusters = { demo: { url: flink.url, changes: true } };
const driver = new SlackDriver(slack.url);

const at = (of: readonly number[], q: number): number =>
  of.toSorted((a, b) => a - b)[Math.min(of.length - 1, Math.floor(of.length * q))] ?? 0;

function line(what: string, ms: readonly number[], base?: readonly number[]): void {
  const ratio = base === undefined ? "" : `${(at(ms, 0.5) / at(base, 0.5)).toFixed(1)}x`;
  const cells = [at(ms, 0.5), at(ms, 0.95)].map((n) => n.toFixed(1).padStart(8));
  console.log(`${what.padEnd(56)}${cells.join("")}  ${ratio}`);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** A savepoint as `curl` would make it: trigger, then ask every 10 ms. */
async function bareSavepoint(jobId: string): Promise<void> {
  const triggered = await fetch(`${flink.url}/jobs/${jobId}/savepoints`, {
    method: "POST",
    body: '{"target-directory":"file:///bench"}',
  });
  const { "request-id": id } = (await triggered.json()) as { "request-id": string };
  for (;;) {
    const answer = await fetch(`${flink.url}/jobs/${jobId}/savepoints/${id}`);
    const { status } = (await answer.json()) as { status: { id: string } };
    if (status.id === "COMPLETED") return;
    await sleep(10);
  }
}

/** From Enter to the outcome on the card; the card is told from others by its reason. */
async function savepointInSlack(name: string, n: number): Promise<{ ack: number; outcome: number }> {
  const start = performance.now();
  const typed = await driver.type(
    ANA,
    FLINK_OPS,
    `/flink savepoint ${name} --reason "round ${n} of the bench"`,
  );
  await driver.waitForMessage(
    ANA,
    FLINK_OPS,
    (m) => m.plain.includes(`round ${n} of the bench`) && m.plain.includes("Ended"),
  );
  return { ack: typed.ackMs ?? Number.NaN, outcome: performance.now() - start };
}

async function speed(): Promise<void> {
  const product = await startProduct({ slack, redisUrl: redis.url, clusters });
  const plain = new Redis(redis.url);
  try {
    const bare: number[] = [];
    const acks: number[] = [];
    const outcomes: number[] = [];
    const sets: number[] = [];
    for (let n = 0; n < rounds; n += 1) {
      const { jobId, name } = await flink.control.addJob({ name: `bench-${n}` });
      bare.push(await timed(async () => await bareSavepoint(jobId)));
      sets.push(await timed(async () => await plain.set(`bench:${n}`, "x")));
      const { ack, outcome } = await savepointInSlack(name, n);
      acks.push(ack);
      outcomes.push(outcome);
      // Slack's own pace: one message a second in a channel
      await sleep(2500);
    }
    console.log(`${"ms, of".padEnd(47)}${String(rounds).padEnd(9)}     p50     p95  ratio`);
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
async function roundTrips(): Promise<void> {
  const file = join(mkdtempSync(join(tmpdir(), "flinkops-bench-")), "calls");
  const { name } = await flink.control.addJob({ name: "counted" });
  const crash = new URL("../crash/crash.mjs", import.meta.url).pathname;
  const product = await startProduct({
    slack,
    redisUrl: redis.url,
    prefix: "{counted}",
    clusters,
    config: { timings: quiet },
    node: ["--import", crash],
    env: { FLINKOPS_CRASH: JSON.stringify({ record: file }) },
  });
  await savepointInSlack(name, rounds + 1);
  await product.stop();
  const calls = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((c) => c.split(" | ")[1] ?? "");
  const slackCalls = calls.filter((c) => c.includes("/api/")).length;
  const flinkCalls = calls.filter((c) => /^(GET|POST|PUT|PATCH) /.test(c) && !c.includes("/api/")).length;
  console.log(
    `\nround trips of one savepoint: Slack ${slackCalls}, Flink ${flinkCalls}, Redis ${calls.length - slackCalls - flinkCalls}`,
  );
}

const BACKLOG = 20;
const BRAKE_ROUNDS = 3;

/** The brake in a channel where `backlog` savepoints have just been asked for: to its card, and from the click to Flink. */
async function brake(round: string, backlog: number): Promise<{ card: number; click: number }> {
  const jobs: string[] = [];
  for (let i = 0; i < backlog; i += 1)
    jobs.push((await flink.control.addJob({ name: `${round}-${i}` })).name);
  const { jobId, name } = await flink.control.addJob({ name: `${round}-brake` });
  const reason = `the brake of ${round}`;
  const product = await startProduct({ slack, redisUrl: redis.url, prefix: `{${round}}`, clusters });
  try {
    // the channel has rested, and who operates is known
    await driver.type(BEN, FLINK_OPS, "/flink help");
    await sleep(3000);
    for (const job of jobs) await driver.type(BEN, FLINK_OPS, `/flink savepoint ${job}`);
    const typed = Date.now();
    await driver.type(ANA, FLINK_OPS, `/flink cancel ${name} --reason "${reason}"`);
    const posted = await driver.waitForMessage(
      ANA,
      FLINK_OPS,
      (m) => m.plain.includes(reason) && m.controls.some((c) => c.label === "Approve cancel"),
      { timeoutMs: 120_000 },
    );
    const clicked = Date.now();
    await driver.click(BEN, posted, "Approve cancel");
    const sent = await until("Flink was told", async () => {
      const effects = await flink.control.effects();
      return effects.find((e) => e.jobId === jobId && e.do === "cancel") ?? null;
    });
    return { card: posted.at - typed, click: sent.at - clicked };
  } finally {
    await product.stop();
  }
}

async function brakes(): Promise<void> {
  for (const backlog of [0, BACKLOG]) {
    const seen: Awaited<ReturnType<typeof brake>>[] = [];
    for (let n = 0; n < BRAKE_ROUNDS; n += 1) seen.push(await brake(`brake-${backlog}-${n}`, backlog));
    const behind = backlog === 0 ? "in a quiet channel" : `after ${backlog} savepoints in its channel`;
    line(
      `cancel ${behind}: to its card`,
      seen.map((s) => s.card),
    );
    line(
      `cancel ${behind}: from the click to Flink`,
      seen.map((s) => s.click),
    );
  }
}

/** What the worker spends on a picture; the first of a process also reads the font. */
async function pictures(): Promise<void> {
  const kinds = [
    ["3 vertices", aGraph()],
    ["500 vertices", aLargeGraph(20, 25)],
  ] as const;
  for (const [what, graph] of kinds) {
    const drawn: number[] = [];
    for (let n = 0; n < rounds; n += 1) drawn.push(await timed(async () => await draw(graph)));
    line(`a job graph of ${what} as PNG`, drawn);
  }
}

try {
  await speed();
  console.log(`\n${"ms, of".padEnd(47)}${String(BRAKE_ROUNDS).padEnd(9)}     p50     p95`);
  await brakes();
  await roundTrips();
  await pictures();
} finally {
  await slack.close();
  await flink.stop();
  await redis.stop();
}
