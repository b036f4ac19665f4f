// What a Slack bot with a queue cannot do without: Bolt over HTTP, and one `queue.add` before each acknowledgement.
import bolt from "@slack/bolt";
import { Queue } from "bullmq";

const { PORT, REDIS, SECRET, API, TOKEN, TEAM } = process.env;
const redis = new URL(REDIS);
const queue = new Queue("bare", { connection: { host: redis.hostname, port: Number(redis.port) } });
const app = new bolt.App({
  signingSecret: SECRET,
  clientOptions: { slackApiUrl: API },
  authorize: async () => ({ botToken: TOKEN, botId: "B1", botUserId: "U1", teamId: TEAM }),
});
app.command("/flink", async ({ command, ack }) => {
  await queue.add("command", command, { jobId: command.trigger_id });
  await ack();
});
await app.start(Number(PORT));
