import type { UsersInfoResponse } from "@slack/web-api";
import { describe, expect, test } from "vitest";
import type { Organization, Person } from "../../src/policy/person.ts";
import { accountOf, accountSchema, type KnownAccount } from "../../src/slack/account.ts";
import { fits, outsideOf } from "../../src/slack/membership.ts";
import { ENTERPRISE, OTHER_ENTERPRISE, SISTER_TEAM } from "../../playground/slack/grid-seed.ts";
import { HOME_TEAM, OUTSIDE_TEAM } from "../../playground/slack/workspace-seed.ts";
import { slackSample } from "../samples/samples.ts";

type User = NonNullable<UsersInfoResponse["user"]>;
type Change = Readonly<Record<string, unknown>>;

const sample = slackSample("users.info")["user"];

/** The account in an answer with every key that Slack sends; a key that is undefined is missing in it. */
const account = (change: Change): KnownAccount => {
  const user = JSON.parse(JSON.stringify(Object.assign({}, sample, change))) as User;
  const found = accountOf({ user });
  if (found.nobody) throw new Error("nobody");
  return found;
};

const grid = (team: string | undefined, enterprise: string, teams: string[] | undefined): Change => ({
  team_id: team,
  enterprise_user: { id: "W00000000", enterprise_id: enterprise, is_admin: false, teams },
});
const alone = (team: string | undefined): Change => ({ team_id: team, enterprise_user: undefined });

const ON_GRID = { team: HOME_TEAM, enterprise: ENTERPRISE };
const ALONE = { team: HOME_TEAM, enterprise: null };

describe("where an account belongs, of a workspace on Enterprise Grid", () => {
  test.each<[string, Change, workspace: Person["outsider"], whole: Person["outsider"]]>([
    ["of our workspace", grid(HOME_TEAM, ENTERPRISE, [HOME_TEAM]), null, null],
    [
      "of ours, team_id names another one",
      grid(SISTER_TEAM, ENTERPRISE, [SISTER_TEAM, HOME_TEAM]),
      null,
      null,
    ],
    ["of ours, team_id names the organization", grid(ENTERPRISE, ENTERPRISE, [HOME_TEAM]), null, null],
    ["of ours, without team_id", grid(undefined, ENTERPRISE, [HOME_TEAM]), null, null],
    ["of ours, before Slack knows of the organization", alone(HOME_TEAM), null, null],
    ["a colleague elsewhere", grid(SISTER_TEAM, ENTERPRISE, [SISTER_TEAM]), "workspace", null],
    ["a colleague who has left ours", grid(HOME_TEAM, ENTERPRISE, [SISTER_TEAM]), "workspace", null],
    ["a colleague in no workspace", grid(undefined, ENTERPRISE, undefined), "workspace", null],
    [
      "a colleague whom the app meets nowhere",
      { ...grid(SISTER_TEAM, ENTERPRISE, [SISTER_TEAM]), is_stranger: true },
      "workspace",
      null,
    ],
    [
      "another organization",
      grid(OUTSIDE_TEAM, OTHER_ENTERPRISE, [OUTSIDE_TEAM]),
      "organization",
      "organization",
    ],
    [
      "another organization, which claims our workspace",
      grid(HOME_TEAM, OTHER_ENTERPRISE, [HOME_TEAM]),
      "organization",
      "organization",
    ],
    ["a workspace in no organization", alone(OUTSIDE_TEAM), "organization", "organization"],
    ["a stranger of ours", { ...alone(HOME_TEAM), is_stranger: true }, "organization", "organization"],
    ["an organization without a name", grid(SISTER_TEAM, "", [HOME_TEAM]), "organization", "organization"],
  ])("%s", (_name, change, workspace, whole) => {
    expect(outsideOf(account(change), ON_GRID, "workspace")).toBe(workspace);
    expect(outsideOf(account(change), ON_GRID, "whole")).toBe(whole);
  });
});

describe("where an account belongs, of a workspace in no organization", () => {
  test.each<[string, Change, Person["outsider"]]>([
    ["ours", alone(HOME_TEAM), null],
    ["ours, which has joined an organization since", grid(undefined, ENTERPRISE, [HOME_TEAM]), null],
    ["another workspace", alone(OUTSIDE_TEAM), "organization"],
    ["no workspace", alone(undefined), "organization"],
    ["an organization", grid(OUTSIDE_TEAM, OTHER_ENTERPRISE, [OUTSIDE_TEAM]), "organization"],
    ["a stranger", { ...alone(HOME_TEAM), is_stranger: true }, "organization"],
  ])("%s", (_name, change, expected) => {
    for (const organization of ["workspace", "whole"] satisfies Organization[])
      expect(outsideOf(account(change), ALONE, organization)).toBe(expected);
  });
});

test("a person of a payload is the account if Slack names one of its teams, or ours", () => {
  const fay = account(grid(SISTER_TEAM, ENTERPRISE, [SISTER_TEAM, HOME_TEAM]));
  for (const team of [HOME_TEAM, SISTER_TEAM, ENTERPRISE]) expect(fits(team, fay, ON_GRID)).toBe(true);
  for (const team of [OUTSIDE_TEAM, OTHER_ENTERPRISE, ""]) expect(fits(team, fay, ON_GRID)).toBe(false);
  const ana = account(alone(HOME_TEAM));
  expect(fits(HOME_TEAM, ana, ALONE)).toBe(true);
  for (const team of [SISTER_TEAM, ENTERPRISE, ""]) expect(fits(team, ana, ALONE)).toBe(false);
});

test("flags of an account are read as Slack sends them", () => {
  expect(account({})).toMatchObject({ deleted: false, bot: false, guest: false, stranger: false });
  for (const guest of [{ is_restricted: true }, { is_ultra_restricted: true }])
    expect(account(guest).guest).toBe(true);
  for (const bot of [
    { is_bot: true },
    { is_workflow_bot: true },
    { is_connector_bot: true },
    { id: "USLACKBOT" },
  ])
    expect(account(bot).bot).toBe(true);
  expect(account({ deleted: true }).deleted).toBe(true);
  expect(accountOf(null)).toEqual({ nobody: true });
});

test("an account that an older version kept in Redis is read", () => {
  const { enterprise: _, ...older } = account(alone(HOME_TEAM));
  expect(accountSchema.parse(older)).toEqual({ ...older, enterprise: null });
});

test("who has authorized the app is a person: the one who installed it", () => {
  expect(accountOf({ user: { id: "U1", is_app_user: true, is_bot: false } })).toMatchObject({ bot: false });
});
