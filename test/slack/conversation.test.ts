import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import type { Conversation } from "../../src/requests/ports/conversation.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import {
  createLocalLimiter,
  type RateLimiter,
  rates,
  type Turn,
  turnOf,
} from "../../src/slack/rate-limits.ts";
import { CHANNEL_MAX_AGE_MS } from "../../src/slack/channels.ts";
import type { SlackDriver } from "../../playground/slack/driver.ts";
import {
  aGroupMessage,
  ANA,
  APPROVERS,
  BEN,
  defaultSeed,
  DORA,
  FLINK_OPS,
  GROUP_DM,
  INCIDENT,
  PARTNERS,
  RANDOM,
} from "../../playground/slack/workspace-seed.ts";
import { ManualClock, SteppedClock } from "../fakes/clock.ts";
import { askAgain } from "../../src/requests/record/ask-again.ts";
import { aRecord, view } from "./a-record.ts";
import { aConversation, ana, atRoot, aWorkspace, noLimit, posted, says } from "./workspace.ts";

let driver: SlackDriver;
let conversation: Conversation;
let clock: ManualClock;
let close: () => Promise<void>;
let withLimiter: (limiter: RateLimiter) => Conversation;
let access: Awaited<ReturnType<typeof aWorkspace>>["access"];

beforeEach(async () => {
  const seed = defaultSeed();
  const workspace = await aWorkspace({ seed: { ...seed, channels: [...seed.channels, aGroupMessage()] } });
  const { slack } = workspace;
  ({ driver, access } = workspace);
  close = () => slack.close();
  clock = new ManualClock();
  withLimiter = (limiter) => aConversation({ ...access, limiter, view, clock });
  conversation = withLimiter(noLimit);
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
    const ref = await posted(conversation, aRecord());
    const [shown] = await driver.messages(FLINK_OPS, ANA);
    expect(shown).toMatchObject({
      ts: ref.ts,
      metadata: { event_type: "flinkops_request", event_payload: { request_id: aRecord().id } },
    });
    expect(shown?.plain).toContain("other than the requester: @flink-approvers");
    const [call] = await driver.calls("chat.postMessage");
    expect(JSON.stringify(call?.args)).not.toMatch(/<@|<!subteam/u);
    expect(String(call?.args["unfurl_links"])).toBe("false");
  });
  test("have a copy in another channel, with a link to the first one that stays when it is edited", async () => {
    const origin = await posted(conversation, aRecord());
    const copy = await conversation.postCard(says(aRecord()), { channel: INCIDENT, origin });
    if (copy === null) throw new Error("no copy was posted");
    const link = await conversation.link(origin);
    const shownThere = async () => (await driver.messages(INCIDENT, ANA)).find((m) => m.ts === copy.ts);
    for (const headline of ["Waiting for approval", "Denied"]) {
      const there = await shownThere();
      expect(there?.plain).toContain(headline);
      expect(there?.plain).toContain("in #flink-ops");
      expect(JSON.stringify(there?.blocks)).toContain(link);
      await conversation.editCard(copy, says(ended()), origin);
    }
    expect((await driver.messages(FLINK_OPS, ANA))[0]?.plain).not.toContain("Go to the request");
    // its replies are in its own thread
    await conversation.reply(
      copy,
      says({ record: aRecord(), text: "Approve?", mention: { users: [], groups: [] } }),
    );
    expect((await driver.thread((await shownThere()) ?? copy, ANA)).map((m) => m.plain)).toEqual([
      "Approve?",
    ]);
  });
  test("are posted although no name can be read", async () => {
    await driver.fault({ method: "users.info", status: 500 });
    await driver.fault({ method: "usergroups.list", status: 500 });
    await posted(conversation, aRecord());
    expect(await driver.messages(FLINK_OPS, ANA)).toHaveLength(1);
  });
  test("are edited in place; a deleted one is no error", async () => {
    const ref = await posted(conversation, aRecord());
    await conversation.editCard(ref, says(ended()));
    const [card] = await driver.messages(FLINK_OPS, ANA);
    expect(card?.plain).toContain("Denied");
    expect(card?.controls.map((one) => one.label)).toEqual(["Details"]);
    await conversation.editCard({ ...ref, ts: "1.000001" }, says(ended()));
  });
  test("are replies where the request came from a thread, and so is what follows", async () => {
    const record = await inThread();
    const ref = await posted(conversation, record);
    const mention = { users: [], groups: [APPROVERS] };
    await conversation.reply(ref, says({ record, text: "approval wanted", mention }));
    const thread = await driver.thread({ channel: INCIDENT, ts: record.place.thread ?? "" }, BEN);
    expect(thread.map((m) => m.ts)).toContain(ref.ts);
    expect(thread.at(-1)?.text).toBe(`<!subteam^${APPROVERS}> approval wanted`);
  });
  test("have replies with buttons", async () => {
    const ref = await posted(conversation, aRecord());
    const offers = [askAgain(aRecord())];
    const mention = { users: [ANA], groups: [] };
    await conversation.reply(ref, says({ record: aRecord(), text: "expired", mention, offers }));
    const [reply] = await driver.thread(ref, BEN);
    expect(reply?.controls.map((c) => c.label)).toEqual(["Ask again"]);
    expect(JSON.parse(reply?.controls[0]?.value ?? "")).toMatchObject({
      o: "stop",
      a: { job: "orders", cluster: "prod", reason: "drain before schema change" },
    });
  });
  test("have replies below them", async () => {
    const ref = await posted(conversation, aRecord());
    const mention = { users: [ANA], groups: [] };
    await conversation.reply(
      ref,
      says({ record: aRecord(), text: ["Stopped ", { code: "s3://a" }], mention }),
    );
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
    await expect(conversation.postCard(says(aRecord()))).rejects.toMatchObject(expected);
    expect(await driver.calls("chat.postMessage")).toHaveLength(1);
  });
  test("that ask to wait hold up the others in that channel as well", async () => {
    const slow = new SteppedClock();
    const held = aConversation({ ...access, view, clock: slow });
    await driver.fault({ method: "chat.postMessage", retryAfter: 4 });
    await expect(held.postCard(says(aRecord()))).rejects.toMatchObject({ retryAfterMs: 4000 });
    const second = held.postCard(says(aRecord()));
    await slow.advance(3999);
    expect(await driver.calls("chat.postMessage")).toHaveLength(1);
    await slow.advance(1);
    expect(await second).not.toBeNull();
  });
  test("what is not wanted any more when its turn comes is not posted, and takes no turn", async () => {
    const taken: string[] = [];
    const paced = withLimiter({ take: (key) => (taken.push(key), Promise.resolve({ waitMs: 0 })) });
    const nothing = { ...says(aRecord()), newest: () => Promise.resolve(null) };
    expect(await paced.postCard(nothing)).toBeNull();
    expect(await paced.editCard({ channel: FLINK_OPS, ts: "1.0" }, nothing)).toBe(false);
    expect(taken).toEqual([]);
    const theirs = { ...says(aRecord()), mine: () => Promise.resolve(false) };
    expect(await paced.postCard(theirs)).toBeNull();
    expect(await driver.calls("chat.postMessage")).toEqual([]);
  });
  test("each channel has a pace of its own, and each lane its turn", async () => {
    const taken: [string, Turn][] = [];
    const local = createLocalLimiter(clock);
    const paced = withLimiter({
      take: (key, turn) => {
        if (key !== "account" && key !== "group") taken.push([key, turn]);
        return local.take(key, turn);
      },
    });
    const ref = await posted(paced, aRecord());
    await paced.editCard(ref, says(ended(), "outcome"));
    expect(taken).toEqual([
      [`post:${FLINK_OPS}`, turnOf(rates.post, "answer")],
      ["update", turnOf(rates.update, "outcome")],
    ]);
  });
});

describe("answers", () => {
  const said = { outcome: "done", headline: "2 jobs", lines: [] } as const;
  test("go by chat.postEphemeral where there is no response_url", async () => {
    await conversation.answer({ actor: ana, place: atRoot, responseUrl: null }, said);
    expect((await driver.ephemerals(ANA, FLINK_OPS)).map((m) => m.plain)).toEqual(["2 jobs"]);
    expect(await driver.ephemerals(BEN, FLINK_OPS)).toEqual([]);
  });
  test.each(["https://evil.example/x", "http://169.254.169.254/x", "file:///etc/passwd", "nonsense"])(
    "never go to %s",
    async (url) => {
      await conversation.answer({ actor: ana, place: atRoot, responseUrl: url }, said);
      expect(await driver.calls("chat.postEphemeral")).toHaveLength(1);
    },
  );
  test.each([false, true])(
    "a table that Slack refuses is shown in words, to everyone: %s",
    async (isForAll) => {
      await driver.refuseBlocks(["table"]);
      const table = { head: ["job", "state"], rows: [["orders", "RUNNING"]] };
      await conversation.answer(
        { actor: ana, place: atRoot, responseUrl: null },
        { ...said, table },
        { post: isForAll },
      );
      const shown = isForAll ? driver.messages(FLINK_OPS, ANA) : driver.ephemerals(ANA, FLINK_OPS);
      expect((await shown).map((m) => m.plain.split("\n").slice(0, 3))).toEqual([
        ["2 jobs", "job · state", "orders · RUNNING"],
      ]);
    },
  );
  test("in a mention's thread a report is for all, a refusal for one", async () => {
    const { place } = await inThread();
    const root = { channel: INCIDENT, ts: place.thread ?? "" };
    await conversation.answer({ actor: ana, place, responseUrl: null }, said);
    await conversation.answer({ actor: ana, place, responseUrl: null }, { refuse: "No such job." });
    expect((await driver.thread(root, DORA)).map((m) => m.plain)).toEqual(["2 jobs"]);
    expect((await driver.thread(root, ANA)).map((m) => m.plain)).toEqual(["2 jobs", "No such job."]);
  });
});

const facts = async (channel: string) => {
  const { member, externallyShared, unreadable, join } = await conversation.channel(channel);
  return { member, externallyShared, unreadable, join: plain(join) };
};

describe("channels", () => {
  const inside = { member: true, externallyShared: false, unreadable: null, join: "" };

  test("the bot knows where it is, and who else is", async () => {
    expect(await facts(FLINK_OPS)).toEqual(inside);
    expect(await facts(PARTNERS)).toEqual({ ...inside, externallyShared: true });
    expect(await facts(RANDOM)).toMatchObject({ member: false, externallyShared: false });
  });
  test.each([
    ["a public channel", RANDOM, /^Invite me with \/invite @flink, then ask again\.$/u],
    [
      "a private channel, or none at all",
      "C0NOWHERE0",
      /^Invite me with \/invite @flink.* In a group message nobody/u,
    ],
    ["a direct message", "D0SOMEBODY", /^Nobody can invite me to a direct message: use a channel/u],
    ["a group message", GROUP_DM, /^Nobody can invite me to a group message: use a channel/u],
  ])("where it is not it says what can be done there: %s", async (_, channel, words) => {
    const { member, join, unreadable } = await facts(channel);
    expect([member, unreadable]).toEqual([false, null]);
    expect(join).toMatch(words);
  });
  test("that it is in one is remembered for 30 seconds, that it is not never", async () => {
    await Promise.all([conversation.channel(FLINK_OPS), conversation.channel(FLINK_OPS)]);
    await conversation.channel(FLINK_OPS);
    expect(await driver.calls("conversations.info")).toHaveLength(1);
    await driver.changeChannel(FLINK_OPS, { present: false });
    clock.at += CHANNEL_MAX_AGE_MS + 1;
    expect((await facts(FLINK_OPS)).member).toBe(false);
    await driver.changeChannel(FLINK_OPS, { present: true });
    expect((await facts(FLINK_OPS)).member).toBe(true);
  });
  test.each([
    ["missing_scope", "cannot be read: the Slack app was not granted a scope that it needs"],
    ["token_revoked", "cannot be read: Slack answers token_revoked"],
  ])("a refusal is an answer, not an error: %s", async (error, unreadable) => {
    await driver.fault({ method: "conversations.info", error });
    expect(await facts(FLINK_OPS)).toMatchObject({ member: false, unreadable });
    // and it is not remembered
    expect(await facts(FLINK_OPS)).toEqual(inside);
  });
});
