import { noReviews } from "../fakes/reviewing.ts";
import { noSuggestions } from "../fakes/suggesting.ts";
import { createServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Answer, Inbox } from "../../src/requests/ports/inbox.ts";
import { createSlack, type Slack } from "../../src/slack/bolt.ts";
import { ANA, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { view } from "./a-record.ts";
import { aWorkspace } from "./workspace.ts";

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });

const answer = (): Promise<Answer> => Promise.resolve({ is: "no", what: { refuse: "heard" } });

let workspace: Awaited<ReturnType<typeof aWorkspace>>;
let slack: Slack;
let url: string;

beforeEach(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/slack/events`;
  workspace = await aWorkspace({ deliver: { http: url } });
  const inbox: Inbox = {
    say: answer,
    press: answer,
    click: () => Promise.resolve({ is: "not counted", tell: "heard" }),
    suggesting: noSuggestions,
    foreign: () => Promise.resolve(),
    reviewing: noReviews,
    denial: () => Promise.resolve({ refuse: "no denial" }),
    details: () => Promise.resolve({ refuse: "no details" }),
  };
  slack = createSlack({
    ...workspace.access,
    ...view,
    mode: { is: "http", signingSecret: workspace.slack.signingSecret, port, host: "127.0.0.1" },
    inbox,
  });
  await slack.start();
});
afterEach(async () => {
  await slack.stop();
  await workspace.slack.close();
});

test("HTTP mode hears commands and mentions", async () => {
  expect(slack.ready()).toBe(true);
  expect((await workspace.driver.type(ANA, FLINK_OPS, "/flink list")).reply).toContain("heard");
  await workspace.driver.type(ANA, FLINK_OPS, "@flink list");
  await workspace.driver.waitForEphemeral(ANA, FLINK_OPS, (m) => m.plain.includes("heard"));
});

test("HTTP mode takes nothing without Slack's signature", async () => {
  const body = "command=%2Fflink&text=list&team_id=T1&user_id=U1";
  const type = "application/x-www-form-urlencoded";
  const forged = {
    "content-type": type,
    "x-slack-request-timestamp": String(Math.floor(Date.now() / 1000)),
    "x-slack-signature": "v0=0000",
  };
  for (const headers of [{ "content-type": type }, forged])
    expect((await fetch(url, { method: "POST", headers, body })).status).toBe(401);
});
