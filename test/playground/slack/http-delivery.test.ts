import { afterEach, expect, test } from "vitest";
import { ANA, BEN, FLINK_OPS } from "../../../playground/slack/workspace-seed.ts";
import { type Served, serve } from "./harness.ts";

let stage: Served;
afterEach(async () => await stage.end());

test("commands, clicks and events arrive signed at a real HTTP receiver", async () => {
  const heard: string[] = [];
  stage = await serve({}, (app) => {
    app.command("/flink", async ({ command, ack }) => {
      heard.push(`command ${command.text}`);
      await ack({ text: "on it" });
    });
    app.action("go", async ({ ack }) => {
      heard.push("click");
      await ack();
    });
    app.event("app_mention", async ({ event }) => void heard.push(`mention ${event.thread_ts}`));
  });
  expect(await stage.driver.type(ANA, FLINK_OPS, "/flink list")).toMatchObject({ reply: "on it" });
  const block = {
    type: "actions",
    elements: [{ type: "button", action_id: "go", text: { type: "plain_text", text: "Go" } }],
  };
  await stage.client.apiCall("chat.postMessage", { channel: FLINK_OPS, text: "x", blocks: [block] });
  const [card] = await stage.driver.messages(FLINK_OPS, BEN);
  if (card === undefined) throw new Error("no card");
  expect(await stage.driver.click(BEN, card, "Go")).toMatchObject({ error: null });
  await stage.driver.type(ANA, FLINK_OPS, "@flink list", { thread: card });
  await stage.driver.waitFor(ANA, () => heard.length === 3);
  expect(heard).toEqual(["command list", "click", `mention ${card.ts}`]);
  expect(stage.received[0]?.headers).toMatchObject({
    "x-slack-signature": expect.stringMatching(/^v0=[0-9a-f]{64}$/),
    "x-slack-request-timestamp": expect.stringMatching(/^\d{10}$/),
  });
});

test("an event whose answer is lost comes again with the number and the reason", async () => {
  const heard: unknown[] = [];
  stage = await serve({ times: { ackTimeoutMs: 1_000, eventRetryMs: [0, 10] } }, (app) =>
    app.event("app_mention", async ({ body }) => void heard.push(body.event_id)),
  );
  await stage.driver.swallowAcks(1);
  await stage.driver.type(ANA, FLINK_OPS, "@flink list");
  await stage.driver.waitFor(ANA, () => stage.slack.world.dispatch.records.at(-1)?.outcome === "acked");
  expect(stage.received.at(-1)?.headers).toMatchObject({
    "x-slack-retry-num": "1",
    "x-slack-retry-reason": "http_timeout",
  });
  expect(new Set(heard).size).toBe(1);
});

test("a signature made with another secret is refused by the receiver, and the person is told", async () => {
  stage = await serve({ wrongSecret: true }, (app) => app.command("/flink", async ({ ack }) => await ack()));
  expect(await stage.driver.type(ANA, FLINK_OPS, "/flink list")).toMatchObject({ error: "dispatch_failed" });
});
