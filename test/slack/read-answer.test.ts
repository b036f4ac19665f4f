import { describe, expect, it } from "vitest";
import { SlackUnavailable } from "../../src/model/errors.ts";
import { accountOf } from "../../src/slack/account.ts";
import { createChannels } from "../../src/slack/channels.ts";
import { ourselvesOf } from "../../src/slack/ourselves.ts";
import { createTurns } from "../../src/slack/turns.ts";
import { ManualClock } from "../fakes/clock.ts";
import { aLog, noLimit } from "./workspace.ts";

const ana = { id: "U0ANA00001", team_id: "T0HOME0001", name: "ana" };
const us = { team_id: "T0HOME0001", user_id: "U0BOT00001", user: "flinkops" };

describe("an answer of Slack in another form", () => {
  it.each([
    { user: { ...ana, deleted: "true" } },
    { user: { ...ana, team_id: ["T0HOME0001"] } },
    { user: { ...ana, enterprise_user: { enterprise_id: "E1", teams: [null] } } },
    { user: "U0ANA00001" },
    "gone",
  ])("is nobody's account, but no answer: %j", (answer) => {
    expect(() => accountOf(answer)).toThrow(SlackUnavailable);
  });

  it.each([{ ...us, user_id: true }, { ...us, bot_id: {} }, []])("tells not who we are: %j", (answer) => {
    expect(() => ourselvesOf(answer)).toThrow(/cannot read/u);
  });

  it("tells not who listens in a channel", async () => {
    const channel = { id: "C1", is_member: true, is_ext_shared: "true" };
    const client = { conversations: { info: async () => ({ ok: true, channel }) } } as never;
    const clock = new ManualClock();
    const turns = createTurns({ limiter: noLimit, clock, log: aLog(), signal: new AbortController().signal });
    const roster = { ourselves: async () => ourselvesOf(us) };
    await expect(createChannels({ client, turns, clock, roster })("C1")).rejects.toThrow(SlackUnavailable);
  });
});

it("may leave fields out, or send null for them", () => {
  expect(accountOf({ user: null })).toEqual({ nobody: true });
  expect(accountOf({ user: { ...ana, profile: null, enterprise_user: null, deleted: null } })).toMatchObject({
    name: "ana",
    deleted: false,
    enterprise: null,
  });
  expect(ourselvesOf({ ...us, bot_id: null })).toMatchObject({ botId: null, name: "flinkops" });
});
