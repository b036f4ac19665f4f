import type { BlockAction } from "@slack/bolt";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { MessageRef } from "../../../playground/slack/driver.ts";
import { ANA, BEN, EVE, FLINK_OPS, PARTNERS } from "../../../playground/slack/workspace-seed.ts";
import { connect, newStage, type Stage } from "./harness.ts";

let stage: Stage;
let clicks: BlockAction[];
let submissions: unknown[];

const plain = (text: string) => ({ type: "plain_text", text });
const approve = {
  type: "button",
  action_id: "approve",
  style: "primary",
  value: "op-1",
  text: plain("Approve"),
  confirm: {
    title: plain("Stop orders?"),
    text: plain("It ends."),
    confirm: plain("Stop it"),
    deny: plain("Back"),
  },
};
const why = { type: "button", action_id: "why", text: plain("Deny…") };
const view = {
  type: "modal" as const,
  callback_id: "why",
  private_metadata: "op-1",
  title: { type: "plain_text" as const, text: "Deny" },
  submit: { type: "plain_text" as const, text: "Deny" },
  blocks: [
    {
      type: "input" as const,
      block_id: "reason",
      label: { type: "plain_text" as const, text: "Why?" },
      element: { type: "plain_text_input" as const, action_id: "text" },
    },
  ],
};

beforeEach(async () => {
  stage = await newStage();
  clicks = [];
  submissions = [];
  await connect(stage, (app) => {
    app.action<BlockAction>(/approve|late/, async ({ body, ack }) => {
      clicks.push(body);
      await ack();
    });
    app.action<BlockAction>("why", async ({ body, ack, client }) => {
      await ack();
      await client.views.open({ trigger_id: body.trigger_id, view });
      const again = await client.views
        .open({ trigger_id: body.trigger_id, view })
        .catch((error: Error) => error.message);
      submissions.push(again);
    });
    app.view("why", async ({ ack, view: sent, body }) => {
      const reason = sent.state.values["reason"]?.["text"]?.value ?? "";
      submissions.push({ reason, metadata: sent.private_metadata, user: body.user.id });
      if (reason.length < 5) await ack({ response_action: "errors", errors: { reason: "longer, please" } });
      else await ack();
    });
  });
});
afterEach(async () => await stage.end());

const post = async (channel = FLINK_OPS, more: object = {}): Promise<MessageRef> => {
  const blocks = [{ type: "actions", block_id: "decide", elements: [approve, why] }];
  const sent: Record<string, unknown> = {
    ...(await stage.client.apiCall("chat.postMessage", { channel, text: "card", blocks, ...more })),
  };
  return { channel, ts: String(sent["ts"]) };
};

test("a click carries all that Slack sends", async () => {
  const root = await post();
  const card = await post(FLINK_OPS, { thread_ts: root.ts });
  const clicked = await stage.driver.click(BEN, card, "Approve");
  expect(clicked.confirm).toEqual({
    title: "Stop orders?",
    text: "It ends.",
    confirm: "Stop it",
    deny: "Back",
  });
  expect(clicks[0]).toMatchObject({
    type: "block_actions",
    user: { id: BEN, username: "ben", name: "ben", team_id: "T0HOME0001" },
    team: { id: "T0HOME0001", domain: "acme" },
    api_app_id: "A0FLINKAPP",
    container: {
      type: "message",
      message_ts: card.ts,
      channel_id: FLINK_OPS,
      is_ephemeral: false,
      thread_ts: root.ts,
    },
    channel: { id: FLINK_OPS, name: "flink-ops" },
    message: { ts: card.ts, thread_ts: root.ts, blocks: [{ block_id: "decide" }] },
    response_url: expect.stringContaining("/response/"),
    trigger_id: clicked.triggerId,
    actions: [
      {
        action_id: "approve",
        block_id: "decide",
        type: "button",
        value: "op-1",
        style: "primary",
        text: { type: "plain_text", text: "Approve", emoji: true },
        action_ts: expect.any(String),
      },
    ],
  });
});

test("turning back at the confirm dialog tells the app nothing", async () => {
  expect(await stage.driver.click(BEN, await post(), "approve", { confirm: false })).toMatchObject({
    kind: "cancelled",
  });
  expect(clicks).toEqual([]);
  expect(await stage.driver.deliveries()).toEqual([]);
});

test("an outsider may press, under the name of their own team", async () => {
  await stage.driver.click(EVE, await post(PARTNERS), "Approve");
  expect(clicks[0]?.user.team_id).toBe("T0OUTSIDE1");
});

test("an old client may press what is gone, and a forger send another value", async () => {
  const card = await post();
  await stage.client.chat.update({ channel: card.channel, ts: card.ts, text: "decided" });
  await expect(stage.driver.click(BEN, card, "Approve")).rejects.toThrow('nothing to press called "Approve"');
  await stage.driver.click(BEN, card, "Approve", { version: 0 });
  await stage.driver.click(BEN, card, "Approve", { version: 0, value: "op-2" });
  expect(clicks.map((one) => one.actions[0])).toMatchObject([{ value: "op-1" }, { value: "op-2" }]);
});

test("an ephemeral with buttons can be pressed by its user only", async () => {
  const blocks = [{ type: "actions", elements: [approve] }];
  await stage.client.apiCall("chat.postEphemeral", {
    channel: FLINK_OPS,
    user: ANA,
    text: "only you",
    blocks,
  });
  const [mine] = await stage.driver.ephemerals(ANA, FLINK_OPS);
  if (mine === undefined) throw new Error("no ephemeral");
  await expect(stage.driver.click(BEN, mine, "Approve")).rejects.toThrow("sees no message");
  await stage.driver.click(ANA, mine, "Approve");
  expect(clicks[0]?.container).toMatchObject({ is_ephemeral: true });
  expect(clicks[0]?.message).toBeUndefined();
});

test("fifty clicks in the same instant all arrive", async () => {
  const card = await post();
  await Promise.all(Array.from({ length: 50 }, async () => await stage.driver.click(BEN, card, "Approve")));
  expect(clicks).toHaveLength(50);
});

test("a modal opens once per trigger, is checked, shows the app's errors and closes", async () => {
  await stage.driver.click(BEN, await post(), "Deny…");
  await vi.waitFor(() => expect(submissions).toHaveLength(1));
  expect(submissions[0]).toContain("exchanged_trigger_id");
  expect((await stage.driver.see(ANA)).modal).toBeNull();
  expect(await stage.driver.submitModal(BEN, {})).toMatchObject({
    closed: false,
    errors: { reason: expect.any(String) },
  });
  expect(submissions).toHaveLength(1);
  expect(await stage.driver.submitModal(BEN, { "Why?": "no" })).toMatchObject({
    errors: { reason: "longer, please" },
  });
  expect(await stage.driver.submitModal(BEN, { text: "traffic is high" })).toMatchObject({
    closed: true,
    errors: null,
  });
  expect(submissions[2]).toEqual({ reason: "traffic is high", metadata: "op-1", user: BEN });
  expect((await stage.driver.see(BEN)).modal).toBeNull();
});

test("a trigger is good for its time only", async () => {
  const { triggerId } = await stage.driver.click(BEN, await post(), "Approve");
  const trigger = stage.slack.world.state.triggers.get(triggerId ?? "");
  if (trigger === undefined) throw new Error("no trigger");
  trigger.at -= 3_001;
  await expect(stage.client.apiCall("views.open", { trigger_id: triggerId, view })).rejects.toMatchObject({
    data: { error: "expired_trigger_id" },
  });
});
