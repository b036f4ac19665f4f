import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SlackRefused, SlackUnavailable } from "../../src/errors.ts";
import type { People } from "../../src/policy/person.ts";
import { createPeople, GROUPS_MAX_AGE_MS } from "../../src/slack/people.ts";
import type { SlackDriver } from "../../playground/slack/driver.ts";
import {
  ANA,
  APPROVERS,
  BEN,
  BOT,
  DORA,
  EVE,
  GIL,
  HOME_TEAM,
  OPERATORS,
  OUTSIDE_TEAM,
  ZOE,
} from "../../playground/slack/workspace-seed.ts";
import { ManualClock } from "../fakes/clock.ts";
import { aWorkspace } from "./workspace.ts";

let driver: SlackDriver;
let people: People;
let clock: ManualClock;
let close: () => Promise<void>;

beforeEach(async () => {
  const workspace = await aWorkspace();
  driver = workspace.driver;
  close = () => workspace.slack.close();
  clock = new ManualClock();
  people = createPeople({ ...workspace.access, groups: [OPERATORS, APPROVERS], clock });
});
afterEach(() => close());

const at = (user: string, team = HOME_TEAM) => people.lookup({ user, team });

describe("people", () => {
  test("a member is one, with name and groups", async () => {
    expect(await at(BEN)).toMatchObject({
      member: true,
      groups: new Set([OPERATORS, APPROVERS]),
      outsider: false,
    });
    expect((await at(ANA)).groups).toEqual(new Set([OPERATORS]));
    expect(await at(DORA)).toMatchObject({ member: true, groups: new Set() });
  });
  test.each([
    ["a guest", GIL, HOME_TEAM, { guest: true }],
    ["a deactivated account", ZOE, HOME_TEAM, { deactivated: true }],
    ["a bot", BOT, HOME_TEAM, { bot: true }],
    ["somebody from another organisation", EVE, OUTSIDE_TEAM, { outsider: true }],
    ["who claims to be ours and is not", EVE, HOME_TEAM, { outsider: true }],
    ["a member's id from elsewhere", ANA, OUTSIDE_TEAM, { outsider: true }],
    ["nobody", "U0NOBODY", HOME_TEAM, { outsider: true }],
  ])("%s is no member and in no group", async (_name, user, team, expected) => {
    expect(await at(user, team)).toMatchObject({ ...expected, member: false, groups: new Set() });
  });
  test("an account is read each time, a group every 30 seconds", async () => {
    await at(BEN);
    await driver.changeUser(BEN, { deleted: true });
    expect(await at(BEN)).toMatchObject({ deactivated: true, member: false });
    await driver.changeUser(BEN, { deleted: false });
    await driver.removeFromGroup(APPROVERS, BEN);
    expect((await at(BEN)).groups.has(APPROVERS)).toBe(true);
    clock.at += GROUPS_MAX_AGE_MS + 1;
    expect((await at(BEN)).groups.has(APPROVERS)).toBe(false);
  });
  test("fifty look-ups at once ask for each group once", async () => {
    await Promise.all(Array.from({ length: 50 }, () => at(BEN)));
    expect(await driver.calls("usergroups.users.list")).toHaveLength(2);
    expect((await driver.calls("users.info")).length).toBeLessThan(5);
  });
  test("fails closed where a group cannot be read, also with an old answer at hand", async () => {
    await at(BEN);
    clock.at += GROUPS_MAX_AGE_MS + 1;
    await driver.fault({ method: "usergroups.users.list", status: 503 });
    await expect(at(BEN)).rejects.toBeInstanceOf(SlackUnavailable);
    expect((await at(BEN)).groups.has(APPROVERS)).toBe(true);
  });
  test("fails closed where Slack refuses or asks to wait", async () => {
    await driver.fault({ method: "users.info", retryAfter: 7 });
    await expect(at(BEN)).rejects.toMatchObject({ code: "slack_unavailable", retryAfterMs: 7000 });
    await driver.fault({ method: "users.info", error: "missing_scope" });
    await expect(at(BEN)).rejects.toBeInstanceOf(SlackRefused);
  });
});
