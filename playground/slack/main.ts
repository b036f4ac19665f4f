import { startSlack } from "./server.ts";

/** `node --import tsx playground/slack/main.ts [port] [manifest.yml]`: runs until SIGINT or SIGTERM, prints one line of JSON. */
const port = Number(process.argv[2] ?? process.env["PLAYGROUND_SLACK_PORT"] ?? 0);
const manifestPath = process.argv[3] ?? process.env["PLAYGROUND_SLACK_MANIFEST"];
const http = process.env["PLAYGROUND_SLACK_DELIVER_TO"];

const slack = await startSlack({
  port,
  deliver: http === undefined ? "socket" : { http },
  rateLimits: process.env["PLAYGROUND_SLACK_RATE_LIMITS"] === "1",
  optionalScopes: "granted",
  ...(manifestPath === undefined ? {} : { manifestPath }),
});
const { url, apiUrl, appToken, botToken, signingSecret } = slack;
console.log(JSON.stringify({ url, apiUrl, appToken, botToken, signingSecret }));

// with an IPC channel it ends with its parent, however that died
process.once("disconnect", () => void slack.close());
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void slack.close());
