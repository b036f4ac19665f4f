import { describe, expect, test } from "vitest";
import { createListeners } from "../../src/slack/listeners.ts";
import { readCommand, readMention, readPress, readSubmission } from "../../src/slack/payload.ts";
import { ENTERPRISE, FAY, SISTER_TEAM } from "../../playground/slack/grid-seed.ts";
import { BOT, FLINK_OPS, HOME_TEAM } from "../../playground/slack/workspace-seed.ts";
import { slackSample } from "../samples/samples.ts";

const NOW = 1_790_000_000_000;

/** A sample of Slack with some values filled in, as JSON brings it: what is undefined is missing. */
const filled = (sample: string, change: object): unknown =>
  JSON.parse(JSON.stringify({ ...slackSample(sample), ...change }));

const team = { id: HOME_TEAM, domain: "acme", enterprise_id: ENTERPRISE, enterprise_name: "Acme Group" };
const enterprise = { id: ENTERPRISE, name: "Acme Group" };
const user = { id: FAY, username: "fay", name: "fay", team_id: SISTER_TEAM };
const nameless = { ...user, team_id: undefined };

/** What names the sender's workspace, and which of it counts. */
const SENDERS: [string, object, expected: string][] = [
  ["no organization", { enterprise: null, team: { id: HOME_TEAM, domain: "acme" }, user }, SISTER_TEAM],
  ["an organization", { enterprise, team, user }, SISTER_TEAM],
  [
    "the organization as the user's own",
    { enterprise, team, user: { ...user, team_id: ENTERPRISE } },
    ENTERPRISE,
  ],
  ["an org-wide installation", { enterprise, team: null, user, is_enterprise_install: true }, SISTER_TEAM],
  [
    "an org-wide installation, as text",
    { enterprise, team: null, user, is_enterprise_install: "true" },
    SISTER_TEAM,
  ],
  ["a user without a workspace", { enterprise, team, user: nameless }, HOME_TEAM],
  ["a user whose workspace is null", { enterprise, team, user: { ...user, team_id: null } }, HOME_TEAM],
  ["nothing but the organization", { enterprise, team: null, user: nameless }, ENTERPRISE],
  ["nothing at all", { enterprise: undefined, team: undefined, user: nameless }, ""],
];

describe.each(SENDERS)("an interaction with %s", (_name, sender, expected) => {
  test("is a click of that person", () => {
    const message = { ts: "1789999999.000100", thread_ts: "1789999990.000100" };
    const actions = [{ action_id: "approval.approve", value: "v", action_ts: "1789999999.500000" }];
    const channel = { id: FLINK_OPS, name: "flink-ops" };
    const body = filled("BlockActionPayload", { ...sender, message, actions, channel, trigger_id: "t" });
    expect(readPress(body, NOW)).toMatchObject({
      actor: { user: FAY, team: expected },
      place: { channel: FLINK_OPS, thread: message.thread_ts },
      card: { channel: FLINK_OPS, ts: message.ts },
      triggerId: "t",
      at: 1_789_999_999_500,
    });
  });
  test("is a form of that person", () => {
    const view = {
      callback_id: "deny",
      private_metadata: "r1",
      state: { values: { reason: { reason: { value: "late" } } } },
    };
    const form = readSubmission(filled("ViewSubmissionPayload", { ...sender, view }));
    expect(form).toMatchObject({ actor: { user: FAY, team: expected }, carried: "r1" });
    expect(form?.typed("reason")).toBe("late");
  });
});

const said = {
  type: "app_mention",
  user: FAY,
  text: `<@${BOT}> list`,
  ts: "1789999999.000100",
  channel: FLINK_OPS,
};

test.each<[string, object, object, expected: string]>([
  ["a workspace", { team_id: HOME_TEAM }, { team: HOME_TEAM }, HOME_TEAM],
  [
    "a channel of two workspaces",
    { team_id: HOME_TEAM, enterprise_id: ENTERPRISE },
    { team: HOME_TEAM, user_team: SISTER_TEAM, source_team: SISTER_TEAM },
    SISTER_TEAM,
  ],
  ["an org-wide installation", { team_id: HOME_TEAM, enterprise_id: ENTERPRISE }, { team: null }, HOME_TEAM],
  [
    "nothing but the organization",
    { team_id: null, enterprise_id: ENTERPRISE },
    { user_team: null },
    ENTERPRISE,
  ],
  ["nothing at all", { team_id: undefined, enterprise_id: undefined }, {}, ""],
])("a mention in %s is of that person, each time it is delivered", (_name, envelope, event, expected) => {
  const body = filled("AppMentionPayload", { ...envelope, event_id: "Ev1", event: { ...said, ...event } });
  const mention = readMention(body, BOT, NOW);
  expect(mention).toMatchObject({
    actor: { user: FAY, team: expected },
    place: { channel: FLINK_OPS, thread: null },
    text: "list",
    eventId: "Ev1",
  });
  expect(readMention(structuredClone(body), BOT, NOW + 60_000)).toEqual(mention);
});

test("a sample as it is, without values, breaks no parser", () => {
  expect(readPress(slackSample("BlockActionPayload"), NOW)).not.toBeNull();
  // the sample shows no state of the fields
  expect(readSubmission(slackSample("ViewSubmissionPayload"))).toBeNull();
  expect(readMention(slackSample("AppMentionPayload"), BOT, NOW)).toBeNull();
});

const typed = { user_id: FAY, team_id: SISTER_TEAM, channel_id: FLINK_OPS, trigger_id: "1.2", text: "list" };

test("a slash command is of the person who typed it, where they typed it", () => {
  expect(readCommand(filled("SlashCommandPayload", typed))).toMatchObject({
    actor: { user: FAY, team: SISTER_TEAM },
    place: { channel: FLINK_OPS, thread: null, door: "command" },
    text: "list",
    triggerId: "1.2",
  });
  expect(readCommand({ ...typed, text: undefined })?.text).toBe("");
  expect(readCommand({ ...typed, team_id: null, enterprise_id: ENTERPRISE })?.actor.team).toBe(ENTERPRISE);
});

test.each([null, "list", [], { ...typed, text: ["list"] }, { ...typed, user_id: null }, { text: "list" }])(
  "a slash command in another form is answered in words, and reaches nobody: %j",
  async (body) => {
    const acks: unknown[] = [];
    const listeners = createListeners({ log: { warn: () => undefined } } as never);
    await listeners.command(body, async (response) => void acks.push(response));
    expect(acks).toEqual([expect.objectContaining({ text: expect.stringContaining("Nothing was done") })]);
  },
);

test("a click in a channel with an id that no form has room for is none", () => {
  const actions = [{ action_id: "approval.approve", value: "v" }];
  const click = { user, team, actions, message: { ts: "1.2" }, trigger_id: "t" };
  expect(
    readPress(filled("BlockActionPayload", { ...click, channel: { id: FLINK_OPS } }), NOW),
  ).not.toBeNull();
  expect(
    readPress(filled("BlockActionPayload", { ...click, channel: { id: "C".repeat(900) } }), NOW),
  ).toBeNull();
});
