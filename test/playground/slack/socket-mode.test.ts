import { afterEach, expect, test } from "vitest";
import { ANA, BEN, BOT, DORA, FLINK_OPS, SLACKBOT } from "../../../playground/slack/workspace-seed.ts";
import { connect, newClient, newStage, type Stage } from "./harness.ts";

let stage: Stage;
afterEach(async () => await stage.end());

const button = (more: object = {}) => ({
  type: "actions" as const,
  elements: [
    {
      type: "button" as const,
      action_id: "approve",
      text: { type: "plain_text" as const, text: "Approve stop" },
      value: "op-1",
      ...more,
    },
  ],
});

test("a command reaches a real Bolt app, whose ack is seen by its user only", async () => {
  stage = await newStage();
  const heard: object[] = [];
  await connect(stage, (app) =>
    app.command("/flink", async ({ command, ack }) => {
      heard.push(command);
      await ack("on it");
    }),
  );
  const typed = await stage.driver.type(ANA, FLINK_OPS, "/flink stop orders --reason @ben & co");
  expect(typed).toMatchObject({ kind: "command", reply: "on it", error: null });
  expect(heard).toMatchObject([
    {
      command: "/flink",
      text: `stop orders --reason <@${BEN}|ben> &amp; co`,
      user_id: ANA,
      channel_id: FLINK_OPS,
      channel_name: "flink-ops",
    },
  ]);
  expect(heard[0]).not.toHaveProperty("thread_ts");
  expect(await stage.driver.ephemerals(ANA, FLINK_OPS)).toMatchObject([{ plain: "on it", user: BOT }]);
  expect(await stage.driver.ephemerals(BEN, FLINK_OPS)).toEqual([]);
});

test("a card is posted, pressed by another person, edited and answered in its thread", async () => {
  stage = await newStage();
  await connect(stage, (app) => {
    app.command("/flink", async ({ ack, client, command }) => {
      await ack();
      await client.apiCall("chat.postMessage", {
        channel: command.channel_id,
        text: "Stop?",
        blocks: [button()],
      });
    });
    app.action("approve", async ({ ack, body, client, respond }) => {
      await ack();
      if (body.type !== "block_actions" || body.channel === undefined || body.message === undefined) return;
      const { ts } = body.message;
      await client.chat.update({ channel: body.channel.id, ts, text: `approved by <@${body.user.id}>` });
      await client.apiCall("chat.postMessage", { channel: body.channel.id, thread_ts: ts, text: "stopped" });
      await respond({ text: "thank you", replace_original: false });
    });
  });
  await stage.driver.type(ANA, FLINK_OPS, "/flink stop orders");
  const card = await stage.driver.waitForMessage(DORA, FLINK_OPS, (one) => one.fallback === "Stop?");
  expect(card.controls).toMatchObject([{ label: "Approve stop", actionId: "approve", value: "op-1" }]);
  expect(await stage.driver.click(BEN, card, "Approve stop")).toMatchObject({ kind: "clicked", error: null });
  const edited = await stage.driver.waitForChange(ANA, card, (one) => one.plain === "approved by @Ben");
  expect(edited.history).toMatchObject([{ text: "Stop?" }]);
  expect(edited.controls).toEqual([]);
  await stage.driver.waitForReply(ANA, card, (one) => one.plain === "stopped");
  await stage.driver.waitForEphemeral(BEN, FLINK_OPS, (one) => one.plain === "thank you");
});

test("a command without an ack in time fails in Slack's words, and a late ack changes nothing", async () => {
  stage = await newStage({ times: { ackTimeoutMs: 500 } });
  const release: (() => Promise<void>)[] = [];
  await connect(stage, (app) => app.command("/flink", async ({ ack }) => void release.push(ack)));
  const typed = await stage.driver.type(ANA, FLINK_OPS, "/flink list");
  expect(typed).toMatchObject({
    error: "operation_timeout",
    reply: "/flink failed because the app did not respond",
    ackMs: null,
  });
  await release[0]?.();
  await stage.driver.waitFor(ANA, () => stage.slack.world.dispatch.records[0]?.outcome === "late");
  const seen = await stage.driver.ephemerals(ANA, FLINK_OPS);
  expect(seen).toMatchObject([{ user: SLACKBOT, plain: "/flink failed because the app did not respond" }]);
});

test("with nobody connected a command fails at once", async () => {
  stage = await newStage();
  expect(await stage.driver.type(ANA, FLINK_OPS, "/flink list")).toMatchObject({
    error: "dispatch_failed",
    reply: '/flink failed with the error "dispatch_failed"',
  });
});

test("a swallowed ack is a timeout for the person although the app believes it acked", async () => {
  stage = await newStage({ times: { ackTimeoutMs: 1_000 } });
  await connect(stage, (app) => app.command("/flink", async ({ ack }) => await ack("done")));
  await stage.driver.swallowAcks(1);
  expect(await stage.driver.type(ANA, FLINK_OPS, "/flink list")).toMatchObject({
    error: "operation_timeout",
  });
  expect(await stage.driver.deliveries()).toMatchObject([{ outcome: "swallowed", answer: { text: "done" } }]);
  expect(await stage.driver.type(ANA, FLINK_OPS, "/flink list")).toMatchObject({
    error: null,
    reply: "done",
  });
});

test("two connections take turns, and each envelope goes to one of them", async () => {
  stage = await newStage();
  const heard: string[] = [];
  for (const name of ["first", "second"]) {
    await connect(stage, (app) =>
      app.command("/flink", async ({ ack }) => {
        heard.push(name);
        await ack();
      }),
    );
  }
  for (let round = 0; round < 4; round += 1) await stage.driver.type(ANA, FLINK_OPS, "/flink list");
  expect(heard.toSorted()).toEqual(["first", "first", "second", "second"]);
  expect(heard[0]).not.toBe(heard[1]);
});

test.each(["refreshSockets", "cutSockets"] as const)("the client comes back after %s", async (how) => {
  stage = await newStage();
  await connect(stage, (app) => app.command("/flink", async ({ ack }) => await ack("here")));
  await stage.driver[how]();
  await stage.driver.waitForConnections(0);
  await stage.driver.waitForConnections(1);
  expect(await stage.driver.type(ANA, FLINK_OPS, "/flink list")).toMatchObject({ reply: "here" });
});

test("a mention is an event that is sent again until it is acked, with the same event id", async () => {
  stage = await newStage({ times: { ackTimeoutMs: 1_000, eventRetryMs: [0, 10, 20] } });
  const heard: { id: string; retry: unknown; text: string }[] = [];
  await connect(stage, (app) =>
    app.event("app_mention", async ({ event, body, context }) => {
      heard.push({ id: body.event_id, retry: context.retryNum, text: event.text });
    }),
  );
  await stage.driver.swallowAcks(2);
  const typed = await stage.driver.type(ANA, FLINK_OPS, "@flink status a < b");
  await stage.driver.waitFor(ANA, () => stage.slack.world.dispatch.records.at(-1)?.outcome === "acked");
  expect(heard.map((one) => one.retry)).toEqual([0, 1, 2]);
  expect(new Set(heard.map((one) => one.id))).toEqual(new Set([typed.eventId]));
  expect(heard[0]?.text).toBe(`<@${BOT}> status a &lt; b`);
  await stage.driver.redeliver(typed);
  expect(heard).toHaveLength(4);
});

test("a wrong app token does not connect", async () => {
  stage = await newStage();
  await expect(newClient(stage.slack, "xapp-wrong").apps.connections.open()).rejects.toMatchObject({
    data: { error: "invalid_auth" },
  });
});
