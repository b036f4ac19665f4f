import { type WebAPIPlatformError, WebAPIRateLimitedError } from "@slack/web-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ANA,
  APPROVERS,
  BEN,
  BOT,
  BOT_ID,
  CEM,
  EVE,
  FLINK_OPS,
  GIL,
  PARTNERS,
  RANDOM,
  ZOE,
} from "../../../playground/slack/workspace-seed.ts";
import { newClient, newStage, type Stage } from "./harness.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await newStage();
});
afterAll(async () => await stage.end());

const refusal = async (method: string, args: Record<string, unknown>) =>
  await stage.client.apiCall(method, args).then(
    () => null,
    (error: WebAPIPlatformError) => error.data,
  );
const call = async (
  method: string,
  args: Record<string, unknown> = {},
): Promise<Record<string, unknown>> => ({
  ...(await stage.client.apiCall(method, args)),
});
const post = async (args: Record<string, unknown> = {}) =>
  String((await call("chat.postMessage", { channel: FLINK_OPS, text: "hello", ...args }))["ts"]);

const blocks = [{ type: "section", text: { type: "mrkdwn", text: "hi" } }];
const long = (length: number) => "x".repeat(length);

test.each([
  ["an unknown channel", "chat.postMessage", { channel: "C0NOWHERE", text: "x" }, "channel_not_found"],
  ["a channel without the bot", "chat.postMessage", { channel: RANDOM, text: "x" }, "not_in_channel"],
  ["a message without text", "chat.postMessage", { channel: FLINK_OPS, blocks }, "no_text"],
  [
    "blocks that are not JSON",
    "chat.postMessage",
    { channel: FLINK_OPS, text: "x", blocks: "[{" },
    "invalid_blocks_format",
  ],
  [
    "a thread that is not there",
    "chat.postMessage",
    { channel: FLINK_OPS, text: "x", thread_ts: "1.000001" },
    "thread_not_found",
  ],
  ["too long a text", "chat.postMessage", { channel: FLINK_OPS, text: long(40_001) }, "msg_too_long"],
  [
    "metadata of the wrong shape",
    "chat.postMessage",
    { channel: FLINK_OPS, text: "x", metadata: { event_type: "a" } },
    "invalid_metadata_format",
  ],
  [
    "an update of nothing",
    "chat.update",
    { channel: FLINK_OPS, ts: "1.000001", text: "x" },
    "message_not_found",
  ],
  ["a missing argument", "chat.update", { channel: FLINK_OPS, text: "x" }, "invalid_arguments"],
  [
    "an ephemeral to nobody",
    "chat.postEphemeral",
    { channel: FLINK_OPS, user: "U0NOBODY", text: "x" },
    "user_not_found",
  ],
  [
    "an ephemeral to somebody outside",
    "chat.postEphemeral",
    { channel: FLINK_OPS, user: EVE, text: "x" },
    "user_not_in_channel",
  ],
  ["a deletion of nothing", "chat.delete", { channel: FLINK_OPS, ts: "1.000001" }, "message_not_found"],
  [
    "a permalink of nothing",
    "chat.getPermalink",
    { channel: FLINK_OPS, message_ts: "1.000001" },
    "message_not_found",
  ],
  ["an unknown user", "users.info", { user: "U0NOBODY" }, "user_not_found"],
  ["an unknown group", "usergroups.users.list", { usergroup: "S0NOTHING" }, "no_such_subteam"],
  ["an unknown bot", "bots.info", { bot: "B0OTHER" }, "bot_not_found"],
  ["a trigger that never was", "views.open", { trigger_id: "1.2.3", view: {} }, "invalid_trigger_id"],
  ["a view that is not there", "views.update", { view_id: "V0", view: {} }, "not_found"],
  ["an app token's method", "apps.connections.open", {}, "not_allowed_token_type"],
  ["a direct channel with a deactivated user", "conversations.open", { users: ZOE }, "user_disabled"],
  ["a method that is not there", "chat.shout", { text: "x" }, "unknown_method"],
])("refuses %s", async (_, method, args, code) => {
  expect(await refusal(method, args)).toMatchObject({ ok: false, error: code });
});

test("refuses a wrong token, no token, and a scope that was not granted", async () => {
  await expect(newClient(stage.slack, "xoxb-wrong").auth.test()).rejects.toMatchObject({
    data: { error: "invalid_auth" },
  });
  const bare = await fetch(`${stage.slack.apiUrl}auth.test`, { method: "POST" });
  expect(await bare.json()).toEqual({ ok: false, error: "not_authed" });
  const args = { channel: FLINK_OPS, timestamp: "1.1", name: "eyes" };
  expect(await refusal("reactions.add", args)).toMatchObject({
    error: "missing_scope",
    needed: "reactions:write",
    provided: expect.stringContaining("chat:write"),
  });
});

test("takes a form with its token inside and JSON with the token in the header, and lists the scopes", async () => {
  const form = await fetch(`${stage.slack.apiUrl}chat.postMessage`, {
    method: "POST",
    body: new URLSearchParams({
      token: stage.slack.botToken,
      channel: FLINK_OPS,
      text: "by form",
      blocks: JSON.stringify(blocks),
    }),
  });
  expect(await form.json()).toMatchObject({
    ok: true,
    message: { text: "by form", blocks: [{ type: "section" }] },
  });
  expect(form.headers.get("x-oauth-scopes")).toContain("chat:write");
  expect(form.headers.get("x-accepted-oauth-scopes")).toBe("chat:write");
  const json = await fetch(`${stage.slack.apiUrl}chat.postMessage`, {
    method: "POST",
    headers: {
      "content-type": "application/json; charset=utf-8",
      authorization: `Bearer ${stage.slack.botToken}`,
    },
    body: JSON.stringify({ channel: FLINK_OPS, text: "by JSON", blocks }),
  });
  expect(await json.json()).toMatchObject({ ok: true, message: { text: "by JSON", bot_id: BOT_ID } });
});

test("an update keeps what stood there, drops blocks it does not repeat, and is ours alone", async () => {
  const ts = await post({ blocks });
  await call("chat.update", { channel: FLINK_OPS, ts, text: "changed" });
  const [message] = (await stage.driver.messages(FLINK_OPS, ANA)).filter((one) => one.ts === ts);
  expect(message).toMatchObject({ text: "changed", blocks: null, history: [{ text: "hello", plain: "hi" }] });
  expect(await refusal("chat.update", { channel: FLINK_OPS, ts, text: long(4001) })).toMatchObject({
    error: "msg_too_long",
  });
  expect(await refusal("chat.update", { channel: FLINK_OPS, ts, blocks })).toMatchObject({
    error: "no_text",
  });
  const { ts: theirs } = await stage.driver.type(ANA, FLINK_OPS, "mine");
  expect(await refusal("chat.update", { channel: FLINK_OPS, ts: theirs, text: "x" })).toMatchObject({
    error: "cant_update_message",
  });
  expect(await refusal("chat.delete", { channel: FLINK_OPS, ts: theirs })).toMatchObject({
    error: "cant_delete_message",
  });
});

test("an ephemeral is seen by its user only and cannot be updated through the Web API", async () => {
  const sent = await call("chat.postEphemeral", { channel: FLINK_OPS, user: ANA, text: "psst" });
  const ts = String(sent["message_ts"]);
  expect((await stage.driver.ephemerals(ANA, FLINK_OPS)).map((one) => one.ts)).toContain(ts);
  expect((await stage.driver.ephemerals(BEN, FLINK_OPS)).map((one) => one.ts)).not.toContain(ts);
  expect(await refusal("chat.update", { channel: FLINK_OPS, ts, text: "x" })).toMatchObject({
    error: "message_not_found",
  });
});

test("replies go under a root, not under a reply; a permalink leads to both", async () => {
  const root = await post();
  const reply = await post({ thread_ts: root, text: "below" });
  expect(
    await refusal("chat.postMessage", { channel: FLINK_OPS, text: "x", thread_ts: reply }),
  ).toMatchObject({
    error: "cannot_reply_to_message",
  });
  const { permalink } = await stage.client.chat.getPermalink({ channel: FLINK_OPS, message_ts: reply });
  const followed = await fetch(String(permalink), { redirect: "manual" });
  expect(followed.headers.get("location")).toBe(`/#/${FLINK_OPS}/${reply}`);
  expect((await stage.driver.thread({ channel: FLINK_OPS, ts: root }, BEN)).map((one) => one.plain)).toEqual([
    "below",
  ]);
});

test("tells who and what is there", async () => {
  expect(await call("auth.test")).toMatchObject({ user_id: BOT, bot_id: BOT_ID });
  expect(await call("users.info", { user: EVE })).toMatchObject({ user: { team_id: "T0OUTSIDE1" } });
  expect(await call("users.info", { user: GIL })).toMatchObject({ user: { is_restricted: true } });
  expect(await call("users.info", { user: ZOE })).toMatchObject({ user: { deleted: true } });
  expect(await call("usergroups.users.list", { usergroup: APPROVERS })).toMatchObject({ users: [BEN, CEM] });
  expect(await call("usergroups.list", { include_users: true })).toMatchObject({
    usergroups: [{ handle: "flink-operators" }, { handle: "flink-approvers", users: [BEN, CEM] }],
  });
  expect(await call("conversations.info", { channel: PARTNERS })).toMatchObject({
    channel: { is_ext_shared: true },
  });
  expect(await call("conversations.info", { channel: RANDOM })).toMatchObject({
    channel: { is_member: false },
  });
  const first = await stage.client.conversations.members({ channel: FLINK_OPS, limit: 4 });
  const cursor = first.response_metadata?.next_cursor ?? "";
  const second = await stage.client.conversations.members({ channel: FLINK_OPS, limit: 4, cursor });
  expect([...(first.members ?? []), ...(second.members ?? [])]).toContain(GIL);
  expect(second.response_metadata?.next_cursor).toBe("");
});

test("with rate limits on, a channel takes one message a second and says when to come back", async () => {
  const limited = await newStage({ rateLimits: true });
  const say = async () => await limited.client.apiCall("chat.postMessage", { channel: FLINK_OPS, text: "x" });
  await say();
  const error = await say().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(WebAPIRateLimitedError);
  expect(error).toMatchObject({ retryAfter: 1 });
  await limited.end();
});

test("files.uploadV2 of the real client puts a file into a thread", async () => {
  const granted = await newStage({ scopes: ["chat:write", "files:write"] });
  const root: Record<string, unknown> = {
    ...(await granted.client.apiCall("chat.postMessage", { channel: FLINK_OPS, text: "root" })),
  };
  await granted.client.files.uploadV2({
    channel_id: FLINK_OPS,
    thread_ts: String(root["ts"]),
    initial_comment: "the plan",
    filename: "plan.txt",
    content: "one\ntwo",
  });
  const [reply] = await granted.driver.thread({ channel: FLINK_OPS, ts: String(root["ts"]) }, ANA);
  const shown = { name: "plan.txt", size: 7, preview: "one\ntwo", lines: 2 };
  expect(reply).toMatchObject({ plain: "the plan", files: [shown] });
  expect(await granted.driver.fileText(reply?.files[0] ?? { url: "/none" })).toBe("one\ntwo");
  await granted.end();
});

test("a foreign page and a foreign host name are turned away", async () => {
  const there = `${stage.slack.url}/_control/see`;
  const foreign = await fetch(there, {
    method: "POST",
    headers: { origin: "https://evil.example" },
    body: "{}",
  });
  expect(foreign.status).toBe(403);
});
