import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeliveryRecord } from "../../../playground/slack/driver.ts";
import { FAY, gridSeed } from "../../../playground/slack/grid-seed.ts";
import {
  ANA,
  APPROVERS,
  BEN,
  defaultSeed,
  EVE,
  FLINK_OPS,
  PARTNERS,
} from "../../../playground/slack/workspace-seed.ts";
import { slackSample } from "../../samples/samples.ts";
import { startDetailsApp } from "./details-app.ts";
import { newStage, type Stage } from "./harness.ts";
import { unknownKeys } from "./keys.ts";

test("a key that the sample does not have is found, however deep", () => {
  const sample = { a: "", list: [{ b: 1 }, { c: { d: "" } }], map: {} };
  expect(unknownKeys({ a: null, list: [{ b: 2, c: { d: "x" } }] }, sample)).toEqual([]);
  expect(unknownKeys({ e: 1, list: [{ c: { f: 1 } }, { g: 1 }], map: { h: 1 } }, sample)).toEqual([
    "e",
    "list[].c.f",
    "list[].g",
    "map.h",
  ]);
  expect(unknownKeys({ list: { i: 1 }, a: { j: 1 } }, sample)).toEqual(["list", "a"]);
  expect(unknownKeys({ map: { h: 1 }, e: 1 }, sample, ["map.h"])).toEqual(["e"]);
});

/** What an app decides, and what people type. */
const FREE = ["message.blocks", "message.metadata", "view.blocks", "view.state.values", "state.values"];

const sampleOf = ({ kind, payload }: DeliveryRecord): string => {
  if (kind === "slash_commands") return "SlashCommandPayload";
  if (kind === "events_api") return "AppMentionPayload";
  const names = {
    block_actions: "BlockAction",
    view_submission: "ViewSubmission",
    view_closed: "ViewClosed",
  };
  const type = Object.entries(names).find(([name]) => name === payload["type"]);
  return `${type?.[1]}Payload`;
};

describe.each([
  ["a workspace of its own", defaultSeed()],
  ["a workspace on Enterprise Grid", gridSeed()],
  ["an org-wide installation", { ...gridSeed(), isOrgWide: true }],
])("the stand-in sends no key that Slack does not send: %s", (_name, seed) => {
  let stage: Stage;
  beforeAll(async () => {
    const scopes = ["channels:read", "chat:write", "files:write", "usergroups:read", "users:read"];
    // nobody answers the command, and the payloads are all that counts, also on a busy machine
    stage = await newStage({ seed, scopes, times: { ackTimeoutMs: 300, triggerMs: 60_000 } });
    const app = await startDetailsApp(stage);
    await app.post();
  });
  afterAll(async () => await stage.end());

  const ask = async (method: string, args: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const { apiUrl, appToken, botToken } = stage.slack;
    const answer = await fetch(`${apiUrl}${method}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${method.startsWith("apps.") ? appToken : botToken}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(args),
    });
    const body: unknown = await answer.json();
    return Object.assign({}, body);
  };
  const team = { team_id: seed.home.id };
  test.each<[method: string, ...args: Record<string, unknown>[]]>([
    ["auth.test", {}],
    ["apps.connections.open", {}],
    ["users.info", ...seed.users.map(({ id }) => ({ user: id }))],
    ["usergroups.list", { include_users: true, ...team }],
    ["usergroups.users.list", { usergroup: APPROVERS, ...team }],
    ["conversations.info", ...seed.channels.map(({ id }) => ({ channel: id, include_num_members: true }))],
    ["conversations.members", { channel: FLINK_OPS }],
    ["chat.postEphemeral", { channel: FLINK_OPS, user: ANA, text: "hello" }],
  ])("%s", async (method, ...each) => {
    for (const args of each) {
      const answer = await ask(method, args);
      expect(answer).toMatchObject({ ok: true });
      expect(unknownKeys(answer, slackSample(method))).toEqual([]);
    }
  });

  test("files", async () => {
    const place = await ask("files.getUploadURLExternal", { filename: "a.txt", length: 1 });
    expect(unknownKeys(place, slackSample("files.getUploadURLExternal"))).toEqual([]);
    await fetch(String(place["upload_url"]), { method: "POST", body: "a" });
    const files = [{ id: place["file_id"], title: "a" }];
    const answer = await ask("files.completeUploadExternal", { files, channel_id: FLINK_OPS });
    expect(answer).toMatchObject({ ok: true });
    expect(unknownKeys(answer, slackSample("files.completeUploadExternal"))).toEqual([]);
  });

  test("payloads", async () => {
    const { driver } = stage;
    const who = seed.users.some((one) => one.id === FAY) ? FAY : BEN;
    await driver.type(who, FLINK_OPS, "/flink list");
    const root = await driver.type(who, FLINK_OPS, "@flink list");
    await driver.type(EVE, PARTNERS, "@flink list");
    await driver.type(who, FLINK_OPS, "@flink list", { thread: root.ts ?? "" });
    const card = await driver.waitForMessage(who, FLINK_OPS, (one) => one.text === "card");
    await driver.click(who, card, "Details");
    await driver.waitForModal(who);
    await driver.clickInModal(who, "Refresh");
    await driver.submitModal(who, { Reason: "long enough" });
    await driver.click(who, card, "Details");
    await driver.waitForModal(who);
    await driver.closeModal(who);
    const sent = await driver.deliveries();
    expect(new Set(sent.map(sampleOf))).toEqual(
      new Set([
        "SlashCommandPayload",
        "AppMentionPayload",
        "BlockActionPayload",
        "ViewSubmissionPayload",
        "ViewClosedPayload",
      ]),
    );
    for (const one of sent) {
      const sample = sampleOf(one);
      expect([sample, unknownKeys(one.payload, slackSample(sample), FREE)]).toEqual([sample, []]);
    }
  });
});
