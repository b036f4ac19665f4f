import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ANA,
  APPROVERS,
  BEN,
  BOT,
  DORA,
  EVE,
  FLINK_OPS,
  GIL,
  INCIDENT,
  PARTNERS,
  RANDOM,
  SLACKBOT,
  ZOE,
} from "../../../playground/slack/workspace-seed.ts";
import { connect, newStage, type Stage } from "./harness.ts";

let stage: Stage;
let heard: Record<string, unknown>[];
beforeEach(async () => {
  stage = await newStage();
  heard = [];
  await connect(stage, (app) => {
    app.command("/flink", async ({ command, ack }) => {
      heard.push({ ...command });
      await ack();
    });
    app.event("app_mention", async ({ event, body }) => void heard.push({ ...event, body }));
  });
});
afterEach(async () => await stage.end());

test("a command in a thread is refused in Slack's words, there", async () => {
  const { ts } = await stage.driver.type(ANA, INCIDENT, "orders are late");
  const typed = await stage.driver.type(ANA, INCIDENT, "/flink status orders", { thread: ts ?? "" });
  expect(typed).toMatchObject({ kind: "refused", reply: "/flink is not supported in threads. Sorry!" });
  const [root] = await stage.driver.messages(INCIDENT, ANA);
  if (root === undefined) throw new Error("no root");
  expect(await stage.driver.thread(root, ANA)).toMatchObject([{ user: SLACKBOT, ephemeral: true }]);
  expect(await stage.driver.thread(root, BEN)).toEqual([]);
  expect(heard).toEqual([]);
});

test.each([
  ["an unknown command", ANA, FLINK_OPS, "/flonk list"],
  ["an outsider's command", EVE, PARTNERS, "/flink list"],
])("%s is no command at all", async (_, user, channel, text) => {
  const typed = await stage.driver.type(user, channel, text);
  expect(typed.reply).toContain("is not a valid command");
  expect(heard).toEqual([]);
});

test("guests may run commands, also where the bot is not", async () => {
  await stage.driver.type(GIL, FLINK_OPS, "/flink list");
  await stage.driver.type(DORA, RANDOM, "/flink list");
  expect(heard).toMatchObject([
    { user_id: GIL, channel_id: FLINK_OPS },
    { user_id: DORA, channel_id: RANDOM },
  ]);
});

test("names become ids, and what could be mark-up is escaped", async () => {
  await stage.driver.type(
    ANA,
    FLINK_OPS,
    "/flink x @ben @flink-approvers #random @nobody a<b&c https://x.example/?a=1&b=2",
  );
  expect(heard[0]?.["text"]).toBe(
    `x <@${BEN}|ben> <!subteam^${APPROVERS}> <#${RANDOM}|random> @nobody a&lt;b&amp;c <https://x.example/?a=1&amp;b=2>`,
  );
});

test("a mention in a thread carries the thread; one of an outsider its team", async () => {
  const root = await stage.driver.type(DORA, PARTNERS, "something is late");
  await stage.driver.type(EVE, PARTNERS, "@flink status orders", { thread: root.ts ?? "" });
  await stage.driver.waitFor(ANA, () => heard.length === 1);
  expect(heard[0]).toMatchObject({
    user: EVE,
    user_team: "T0OUTSIDE1",
    thread_ts: root.ts,
    text: `<@${BOT}> status orders`,
    body: { is_ext_shared_channel: true },
  });
});

test("a late mention says when it was written", async () => {
  await stage.driver.type(ANA, INCIDENT, "@flink stop orders", { ageMs: 600_000 });
  await stage.driver.waitFor(ANA, () => heard.length === 1);
  const age = Date.now() / 1000 - Number(heard[0]?.["ts"]);
  expect(age).toBeGreaterThan(599);
  expect(heard[0]).toMatchObject({ body: { event_time: expect.any(Number) } });
});

test("a mention where the bot is not reaches nobody", async () => {
  const typed = await stage.driver.type(ANA, RANDOM, "@flink list");
  expect(typed).toMatchObject({ eventId: null, reply: expect.stringContaining("not in this channel") });
});

test.each([
  ["somebody who is not in the channel", EVE, FLINK_OPS, "not in #flink-ops"],
  ["a deactivated account", ZOE, FLINK_OPS, "deactivated"],
])("%s cannot type there", async (_, user, channel, words) => {
  await expect(stage.driver.type(user, channel, "hello")).rejects.toThrow(words);
});

test("changes of groups, people and channels are seen by the app", async () => {
  await stage.driver.addToGroup(APPROVERS, DORA);
  expect(await stage.client.apiCall("usergroups.users.list", { usergroup: APPROVERS })).toMatchObject({
    users: expect.arrayContaining([DORA]),
  });
  await stage.driver.changeUser(BEN, { deleted: true });
  expect(await stage.client.users.info({ user: BEN })).toMatchObject({ user: { deleted: true } });
  await stage.driver.changeChannel(INCIDENT, { present: false });
  await expect(
    stage.client.apiCall("chat.postMessage", { channel: INCIDENT, text: "x" }),
  ).rejects.toMatchObject({
    data: { error: "not_in_channel" },
  });
  await stage.driver.changeChannel(FLINK_OPS, { archived: true });
  await expect(
    stage.client.apiCall("chat.postMessage", { channel: FLINK_OPS, text: "x" }),
  ).rejects.toMatchObject({
    data: { error: "is_archived" },
  });
  const events = (await stage.driver.deliveries()).map((one) => one.payload["event"]);
  expect(events).toMatchObject([
    { type: "subteam_members_changed", added_users: [DORA] },
    { type: "user_change" },
  ]);
});
