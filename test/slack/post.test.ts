import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Conversation } from "../../src/requests/conversation.ts";
import type { RequestRecord } from "../../src/requests/record.ts";
import { createLocalPace, type Pace } from "../../src/slack/pace.ts";
import { CHANNEL_MAX_AGE_MS, createConversation } from "../../src/slack/post.ts";
import type { SlackDriver } from "../../playground/slack/driver.ts";
import {
  ANA,
  APPROVERS,
  BEN,
  DORA,
  FLINK_OPS,
  INCIDENT,
  PARTNERS,
  RANDOM,
} from "../../playground/slack/workspace-seed.ts";
import { ManualClock } from "../fakes/clock.ts";
import { aRecord, view } from "./a-record.ts";
import { ana, atRoot, aWorkspace } from "./workspace.ts";

let driver: SlackDriver;
let conversation: Conversation;
let clock: ManualClock;
let close: () => Promise<void>;
let withPace: (pace: Pace) => Conversation;

beforeEach(async () => {
  const { slack, access, driver: d } = await aWorkspace();
  driver = d;
  close = () => slack.close();
  clock = new ManualClock();
  withPace = (pace) => createConversation({ ...access, pace, view, clock });
  conversation = withPace({ take: () => Promise.resolve({ waitMs: 0 }) });
});
afterEach(() => close());

const ended = (): RequestRecord =>
  aRecord({
    state: "ended",
    end: { ending: "denied", at: 0, report: { outcome: "done", headline: "Denied", lines: [] } },
  });
const inThread = async (): Promise<RequestRecord> => {
  const root = await driver.type(ANA, INCIDENT, "orders are late");
  return aRecord({ place: { channel: INCIDENT, thread: root.ts, door: "mention" } });
};

describe("cards", () => {
  test("are posted without ringing anybody, with their request in the metadata, and nothing unfurls", async () => {
    const ref = await conversation.postCard(aRecord());
    const [posted] = await driver.messages(FLINK_OPS, ANA);
    expect(posted).toMatchObject({
      ts: ref.ts,
      metadata: { event_type: "flinkops_request", event_payload: { request_id: aRecord().id } },
    });
    expect(posted?.plain).toContain("May approve: @flink-approvers");
    const [call] = await driver.calls("chat.postMessage");
    expect(JSON.stringify(call?.args)).not.toMatch(/<@|<!subteam/u);
    expect(String(call?.args["unfurl_links"])).toBe("false");
  });
  test("are posted although no name can be read", async () => {
    await driver.fault({ method: "users.info", status: 500 });
    await driver.fault({ method: "usergroups.list", status: 500 });
    await conversation.postCard(aRecord());
    expect(await driver.messages(FLINK_OPS, ANA)).toHaveLength(1);
  });
  test("are edited in place; a deleted one is no error", async () => {
    const ref = await conversation.postCard(aRecord());
    await conversation.editCard(ref, ended());
    const [card] = await driver.messages(FLINK_OPS, ANA);
    expect(card?.plain).toContain("Denied");
    expect(card?.controls).toEqual([]);
    await conversation.editCard({ ...ref, ts: "1.000001" }, ended());
  });
  test("are replies where the request came from a thread, and so is what follows", async () => {
    const record = await inThread();
    const ref = await conversation.postCard(record);
    await conversation.reply(ref, record, "approval wanted", { users: [], groups: [APPROVERS] });
    const thread = await driver.thread({ channel: INCIDENT, ts: record.place.thread ?? "" }, BEN);
    expect(thread.map((m) => m.ts)).toContain(ref.ts);
    expect(thread.at(-1)?.text).toBe(`<!subteam^${APPROVERS}> approval wanted`);
  });
  test("have replies below them", async () => {
    const ref = await conversation.postCard(aRecord());
    await conversation.reply(ref, aRecord(), ["Stopped ", { code: "s3://a" }], { users: [ANA], groups: [] });
    expect((await driver.thread(ref, ANA)).map((m) => m.text)).toEqual([`<@${ANA}> Stopped s3://a`]);
  });
});

describe("errors", () => {
  test.each([
    ["a wait that Slack asks for", { retryAfter: 4 }, { code: "slack_unavailable", retryAfterMs: 4000 }],
    ["Slack's HTTP trouble", { status: 503 }, { code: "slack_unavailable" }],
    ["Slack's own trouble", { error: "internal_error" }, { code: "slack_unavailable" }],
    ["a lost answer", { drop: true }, { code: "slack_unavailable" }],
    ["a refusal", { error: "is_archived" }, { code: "slack_refused", reason: "is_archived" }],
  ])("%s is thrown after one call", async (_name, fault, expected) => {
    await driver.fault({ method: "chat.postMessage", ...fault });
    await expect(conversation.postCard(aRecord())).rejects.toMatchObject(expected);
    expect(await driver.calls("chat.postMessage")).toHaveLength(1);
  });
  test("beyond the pace nothing is sent", async () => {
    const paced = withPace({ take: () => Promise.resolve({ waitMs: 9000 }) });
    await expect(paced.postCard(aRecord())).rejects.toMatchObject({ retryAfterMs: 9000 });
    expect(await driver.calls("chat.postMessage")).toEqual([]);
  });
  test("each channel has a pace of its own", async () => {
    const taken: string[] = [];
    const local = createLocalPace(clock);
    const paced = withPace({
      take: (key, rate) => {
        taken.push(key);
        return local.take(key, rate);
      },
    });
    const ref = await paced.postCard(aRecord());
    await paced.editCard(ref, ended());
    expect(taken).toEqual([`post:${FLINK_OPS}`, "update"]);
  });
});

describe("answers", () => {
  const said = { outcome: "done", headline: "2 jobs", lines: [] } as const;
  test("go by chat.postEphemeral where there is no response_url", async () => {
    await conversation.answer(ana, atRoot, null, said);
    expect((await driver.ephemerals(ANA, FLINK_OPS)).map((m) => m.plain)).toEqual(["2 jobs"]);
    expect(await driver.ephemerals(BEN, FLINK_OPS)).toEqual([]);
  });
  test.each(["https://evil.example/x", "http://169.254.169.254/x", "file:///etc/passwd", "nonsense"])(
    "never go to %s",
    async (url) => {
      await conversation.answer(ana, atRoot, url, said);
      expect(await driver.calls("chat.postEphemeral")).toHaveLength(1);
    },
  );
  test("in a mention's thread a report is for all, a refusal for one", async () => {
    const { place } = await inThread();
    const root = { channel: INCIDENT, ts: place.thread ?? "" };
    await conversation.answer(ana, place, null, said);
    await conversation.answer(ana, place, null, { refuse: "No such job." });
    expect((await driver.thread(root, DORA)).map((m) => m.plain)).toEqual(["2 jobs"]);
    expect((await driver.thread(root, ANA)).map((m) => m.plain)).toEqual(["2 jobs", "No such job."]);
  });
});

describe("channels", () => {
  test("the bot knows where it is, and who else is", async () => {
    expect(await conversation.channel(FLINK_OPS)).toEqual({ member: true, externallyShared: false });
    expect(await conversation.channel(RANDOM)).toEqual({ member: false, externallyShared: false });
    expect(await conversation.channel(PARTNERS)).toEqual({ member: true, externallyShared: true });
    expect(await conversation.channel("C0NOWHERE0")).toEqual({ member: false, externallyShared: false });
    expect(await conversation.channel("D0SOMEBODY")).toEqual({ member: false, externallyShared: false });
  });
  test("it asks again after 30 seconds", async () => {
    await Promise.all([conversation.channel(FLINK_OPS), conversation.channel(FLINK_OPS)]);
    await conversation.channel(FLINK_OPS);
    expect(await driver.calls("conversations.info")).toHaveLength(1);
    await driver.changeChannel(FLINK_OPS, { present: false });
    clock.at += CHANNEL_MAX_AGE_MS + 1;
    expect(await conversation.channel(FLINK_OPS)).toEqual({ member: false, externallyShared: false });
  });
});
