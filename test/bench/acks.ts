import { createHmac } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { Pool } from "undici";
import { freePort, startTied, until } from "../../playground/processes.ts";
import { startProduct } from "../../playground/product.ts";
import { ANA, FLINK_OPS, HOME_TEAM } from "../../playground/slack/workspace-seed.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { startBeats } from "../../src/queue/beats.ts";
import { backOptions, connectRedis } from "../../src/redis/connect.ts";
import { keysUnder } from "../../src/redis/keys.ts";
import type { Setting } from "./latency.ts";
import { seen } from "./list.ts";
import { sealOf } from "./sealed.ts";
import { line } from "./show.ts";

const IN_FLIGHT = [1, 10, 50] as const;
/** Commands of each side and number in flight, in turns of this many. */
const COMMANDS = 600;
const TURN = 100;
const PREFIX = "{acks}";
const CLUSTER = "acks";

/** Where commands are delivered, and how long each took to be acknowledged, ms. */
interface Side {
  pool: Pool;
  took: number[];
}

/** A slash command over HTTP until its acknowledgement, beside Bolt with one `queue.add`; no worker takes from the queues. */
export async function acks({ slack, redis }: Setting): Promise<void> {
  const [port, barePort] = [await freePort(), await freePort()];
  const product = await startProduct({
    slack,
    redisUrl: redis.url,
    prefix: PREFIX,
    clusters: { [CLUSTER]: { url: "http://127.0.0.1:1", changes: true } },
    config: {
      slack: { mode: "http", port, signingSecret: { env: "SLACK_SIGNING_SECRET" }, appToken: undefined },
    },
    env: { SLACK_SIGNING_SECRET: slack.signingSecret },
    roles: ["bot"],
  });
  const bare = await startTied(process.execPath, [fileURLToPath(new URL("bare.mjs", import.meta.url))], {
    env: {
      PATH: process.env["PATH"],
      PORT: String(barePort),
      REDIS: redis.url,
      SECRET: slack.signingSecret,
      API: slack.apiUrl,
      TOKEN: slack.botToken,
      TEAM: HOME_TEAM,
    },
  });
  const client = connectRedis(backOptions({ url: redis.url }), () => undefined);
  const filler = new Redis(redis.url);
  const keys = keysUnder(PREFIX);
  // as if a worker had just read the cluster's jobs
  const beats = startBeats({
    redis: client,
    keys,
    zones: ["default"],
    worker: "bench",
    alive: () => true,
    clock: systemClock,
  });
  const fill = async (): Promise<string> => {
    const json = JSON.stringify(seen(0, Number((await filler.time())[0]) * 1000 + 3_600_000, 20));
    const seal = sealOf(slack.botToken, undefined);
    const value = seal?.close({ kind: "directory", id: CLUSTER, rev: 0 }, json) ?? json;
    await filler.set(keys.directory(CLUSTER), value);
    const { jobs } = JSON.parse(json) as { jobs: readonly { name: string }[] };
    return jobs[0]?.name ?? "";
  };
  try {
    await until("bare Bolt listens", async () =>
      (await fetch(`http://127.0.0.1:${barePort}/`).catch(() => null)) === null ? null : true,
    );
    const job = await fill();
    const signed = signer(slack.signingSecret);
    for (const inFlight of IN_FLIGHT) {
      const open = (at: number): Side => ({
        pool: new Pool(`http://127.0.0.1:${at}`, { connections: inFlight }),
        took: [],
      });
      const [ours, theirs] = [open(port), open(barePort)];
      await deliver([ours, theirs], { commands: TURN, inFlight, job, signed });
      for (const side of [ours, theirs]) side.took.length = 0;
      for (let done = 0; done < COMMANDS; done += TURN)
        for (const side of [theirs, ours]) await deliver([side], { commands: TURN, inFlight, job, signed });
      const words = `${inFlight} in flight`;
      line(`Bolt and one queue.add over HTTP, ${words}`, theirs.took);
      line(`ack of flinkops over HTTP, ${words}`, ours.took, theirs.took);
      for (const side of [ours, theirs]) await side.pool.close();
    }
  } finally {
    await beats.close();
    client.disconnect();
    filler.disconnect();
    await bare.stop();
    await product.stop();
  }
}

type Signed = (body: string) => Record<string, string>;

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
const signer =
  (secret: string): Signed =>
  (body) => {
    const at = String(Math.floor(Date.now() / 1000));
    const mac = createHmac("sha256", secret).update(`v0:${at}:${body}`).digest("hex");
    return {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": at,
      "x-slack-signature": `v0=${mac}`,
    };
  };

let delivered = 0;

async function deliver(
  sides: readonly Side[],
  { commands, inFlight, job, signed }: { commands: number; inFlight: number; job: string; signed: Signed },
): Promise<void> {
  const one = async ({ pool, took }: Side): Promise<void> => {
    delivered += 1;
    const body = new URLSearchParams({
      command: "/flink",
      text: `savepoint ${job} --reason "${delivered}"`,
      team_id: HOME_TEAM,
      user_id: ANA,
      channel_id: FLINK_OPS,
      trigger_id: `${delivered}.1.bench`,
      // nobody listens: what is said afterwards is not measured
      response_url: "http://127.0.0.1:1/",
    }).toString();
    const began = performance.now();
    const answer = await pool.request({ path: "/slack/events", method: "POST", headers: signed(body), body });
    const text = await answer.body.text();
    took.push(performance.now() - began);
    if (answer.statusCode !== 200 || text !== "") throw new Error(`HTTP ${answer.statusCode}: ${text}`);
  };
  for (const side of sides) {
    let left = commands;
    const some = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await one(side);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, some));
  }
}
