import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type RealFlink, startFlink } from "../../playground/flink/launcher.ts";
import { startProduct } from "../../playground/product.ts";
import { savepointInSlack, type Setting } from "./latency.ts";
import { line } from "./show.ts";

const ROUNDS = 5;
/** Told from the rounds of other parts by their numbers. */
const FIRST = 10_000;

/** A savepoint on a real Flink, typed until its outcome is on the card, beside Flink's own command line. */
export async function flinkCli(on: Setting): Promise<void> {
  const flink = await startFlink({ version: "2.3.0", slots: 2 });
  const [cli, ours]: [number[], number[]] = [[], []];
  try {
    const name = "beside-the-cli";
    const jobId = await flink.submit({ name, rate: 20 });
    const product = await startProduct({
      slack: on.slack,
      redisUrl: on.redis.url,
      prefix: "{flink-cli}",
      clusters: { real: { url: flink.url, changes: true } },
    });
    try {
      for (let n = 0; n <= ROUNDS; n += 1) {
        const took = await savepointByCli(flink, jobId);
        const { outcome } = await savepointInSlack(on, name, FIRST + n);
        // the first of each warms up Flink
        if (n > 0) {
          cli.push(took);
          ours.push(outcome);
        }
        // Slack's own pace: one message a second in a channel
        await sleep(2500);
      }
    } finally {
      await product.stop();
    }
  } finally {
    await flink.stop();
  }
  line("a savepoint on a real Flink by its own `flink savepoint`", cli);
  line("the same, from Enter in Slack to the outcome on the card", ours, cli);
}

/** How long it takes, ms: a JVM as bin/flink starts it. Throws with what it said unless it tells of a savepoint. */
async function savepointByCli({ dir, lib }: RealFlink, jobId: string): Promise<number> {
  const began = performance.now();
  const child = spawn(
    "java",
    [
      "--add-opens=java.base/java.lang=ALL-UNNAMED",
      "--add-opens=java.base/java.util=ALL-UNNAMED",
      "-cp",
      join(lib, "*"),
      "org.apache.flink.client.cli.CliFrontend",
      "savepoint",
      jobId,
    ],
    { env: { ...process.env, FLINK_CONF_DIR: join(dir, "conf") }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  const [code]: unknown[] = await once(child, "close");
  if (code !== 0 || !/Savepoint completed|Savepoint stored/u.test(said))
    throw new Error(`flink savepoint left with ${String(code)}:\n${said.slice(-3000)}`);
  return performance.now() - began;
}
