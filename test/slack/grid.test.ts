import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import type { Organization, People, Person } from "../../src/policy/person.ts";
import { accountRefusal } from "../../src/policy/membership.ts";
import { plain } from "../../src/model/text.ts";
import { requestIdOf } from "../../src/requests/record/identity.ts";
import type { Inbox } from "../../src/requests/ports/inbox.ts";
import { createSlack } from "../../src/slack/bolt.ts";
import { createPeople } from "../../src/slack/people.ts";
import { probeBotToken, probeNamed } from "../../src/slack/probe.ts";
import { createRoster } from "../../src/slack/roster.ts";
import {
  ENTERPRISE,
  FAY,
  gridSeed,
  HAL,
  ILO,
  KIM,
  LEO,
  ORG_OPS,
  SISTER_TEAM,
} from "../../playground/slack/grid-seed.ts";
import {
  ANA,
  APPROVERS,
  BOT,
  EVE,
  FLINK_OPS,
  GIL,
  HOME_TEAM,
  OPERATORS,
  OUTSIDE_TEAM,
  type Seed,
  ZOE,
} from "../../playground/slack/workspace-seed.ts";
import { noReviews } from "../fakes/reviewing.ts";
import { noSuggestions } from "../fakes/suggesting.ts";
import { view } from "./a-record.ts";
import { aConversation, aWorkspace, atRoot, noLimit } from "./workspace.ts";

let ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

const aGrid = async (seed: Seed = gridSeed()) => {
  const workspace = await aWorkspace({ seed });
  ends.push(async () => await workspace.slack.close());
  return workspace;
};

const peopleOf = async (organization: Organization, seed?: Seed): Promise<People> => {
  const { access } = await aGrid(seed);
  const roster = createRoster({ ...access, answers: null, limiter: noLimit, clock: systemClock });
  return createPeople({ roster, organization, groups: () => [OPERATORS, APPROVERS] });
};

const groups = new Set([OPERATORS, APPROVERS]);
const member: Partial<Person> = { member: true, outsider: null, unknown: null };
const colleague: Partial<Person> = { member: false, outsider: "workspace", groups: new Set() };
const stranger: Partial<Person> = { member: false, outsider: "organization", groups: new Set() };

describe("people of a workspace on Enterprise Grid", () => {
  test.each<[string, user: string, team: string, workspace: Partial<Person>, whole?: Partial<Person>]>([
    ["our workspace", ANA, HOME_TEAM, { ...member, groups: new Set([OPERATORS]) }],
    ["a colleague in ours, by a command", FAY, HOME_TEAM, { ...member, groups }],
    ["a colleague in ours, by a click", FAY, SISTER_TEAM, { ...member, groups }],
    [
      "a colleague in ours, by a click in the name of the organization",
      FAY,
      ENTERPRISE,
      { ...member, groups },
    ],
    ["a colleague in ours without team_id", ILO, HOME_TEAM, member],
    ["a colleague who is not in ours", HAL, SISTER_TEAM, colleague, { ...member, groups }],
    ["their click under our name", HAL, HOME_TEAM, colleague, { ...member, groups }],
    ["a stranger of Slack Connect", EVE, OUTSIDE_TEAM, stranger],
    ["a stranger who claims to be ours", EVE, HOME_TEAM, stranger],
    ["a stranger under a colleague's id", FAY, OUTSIDE_TEAM, stranger],
    ["a guest of ours", GIL, HOME_TEAM, { member: false, guest: true, outsider: null }],
    [
      "a guest elsewhere",
      KIM,
      SISTER_TEAM,
      { member: false, guest: true, outsider: "workspace" },
      { member: false, guest: true, outsider: null },
    ],
    ["deactivated", ZOE, HOME_TEAM, { member: false, deactivated: true }],
    ["deactivated, of both workspaces", LEO, SISTER_TEAM, { member: false, deactivated: true }],
    ["a bot", BOT, HOME_TEAM, { member: false, bot: true }],
    ["nobody", "U0NOBODY00", HOME_TEAM, stranger],
  ])("%s", async (_name, user, team, workspace, whole = workspace) => {
    const [narrow, wide] = [await peopleOf("workspace"), await peopleOf("whole")];
    expect(await narrow.lookup({ user, team })).toMatchObject(workspace);
    expect(await wide.lookup({ user, team })).toMatchObject(whole);
  });

  test("a colleague elsewhere is told why", async () => {
    const hal = await (await peopleOf("workspace")).lookup({ user: HAL, team: SISTER_TEAM });
    const refusal = accountRefusal(hal);
    expect(refusal.is === "may not" && plain(refusal.why)).toMatch(
      /members of the workspace in which flinkops/u,
    );
  });

  test("flinkops check tells colleagues elsewhere from strangers", async () => {
    const { access } = await aGrid();
    const named = [FAY, ILO, HAL, EVE].map((id) => ({ kind: "user" as const, id }));
    const [hal, eve, ...others] = await probeNamed(access, named, "workspace");
    expect(others).toEqual([]);
    expect(hal).toMatchObject({ id: HAL, isGrave: false });
    expect(hal?.what).toContain("not in this workspace");
    expect(hal?.todo).toContain("slack.organization: whole");
    expect(eve?.what).toContain("from another organization");
    expect((await probeNamed(access, named, "whole")).map(({ id }) => id)).toEqual([EVE]);
    expect(await probeBotToken(access)).toMatchObject({
      team: "Acme",
      enterprise: ENTERPRISE,
      orgWide: false,
    });
  });
});

const refused = () => Promise.resolve({ refuse: "no" });

test("one delivery has one request id, whichever workspace Slack names", async () => {
  const { slack: standIn, access, driver } = await aGrid();
  const ids: string[] = [];
  const accept = (actor: { team: string }, source: string) => {
    ids.push(requestIdOf(actor.team, source));
    return Promise.resolve({ is: "accepted" as const, requestId: ids.at(-1) ?? "" });
  };
  const inbox: Inbox = {
    say: ({ actor, source }) => accept(actor, source),
    press: ({ actor, source }) => accept(actor, source),
    click: () => Promise.resolve({ is: "counted" }),
    denial: refused,
    details: refused,
    suggesting: noSuggestions,
    foreign: () => Promise.resolve(),
    reviewing: noReviews,
  };
  const mode = { is: "socket", appToken: standIn.appToken } as const;
  const slack = createSlack({ ...access, ...view, mode, inbox, reconnectMs: 1000 });
  ends.push(async () => await slack.stop());
  await slack.start();
  await driver.type(FAY, FLINK_OPS, "/flink savepoint orders");
  await driver.type(FAY, ORG_OPS, "@flink savepoint orders");
  const offers = [{ label: "Do it", operation: "savepoint", args: { job: "prod/orders" } }];
  const to = { actor: { user: FAY, team: HOME_TEAM }, place: atRoot, responseUrl: null };
  await aConversation({ ...access, view }).answer(to, { refuse: "Which?", offers });
  const answered = await driver.waitForEphemeral(FAY, FLINK_OPS, (m) => m.plain.includes("Which?"));
  await driver.click(FAY, answered, "Do it");
  const sent = await driver.deliveries();
  expect(sent.map((one) => one.kind)).toEqual(["slash_commands", "events_api", "interactive"]);
  for (const { id } of sent) await driver.redeliver(id);
  expect(ids).toHaveLength(6);
  expect(new Set(ids).size).toBe(3);
  expect(ids.slice(3)).toEqual(ids.slice(0, 3));
});

const orgWide = (): Seed => ({ ...gridSeed(), isOrgWide: true });
const unasked = () => Promise.reject(new Error("not asked"));

describe("an org-wide installation", () => {
  test("is refused where the bot starts, before it connects, with what to do", async () => {
    const { slack: standIn, access, driver } = await aGrid(orgWide());
    const inbox = {
      say: unasked,
      press: unasked,
      click: unasked,
      denial: unasked,
      details: unasked,
      suggesting: noSuggestions,
      foreign: () => Promise.resolve(),
      reviewing: noReviews,
    };
    const mode = { is: "socket", appToken: standIn.appToken } as const;
    const slack = createSlack({ ...access, ...view, mode, inbox });
    ends.push(async () => await slack.stop());
    await expect(slack.start()).rejects.toThrow(
      /installed for the whole organization Acme Group, and flinkops serves one workspace\. Install the app in that/u,
    );
    expect(await driver.calls("apps.connections.open")).toEqual([]);
  });
  test("grants nobody anything in a worker, and says why", async () => {
    const ana = await (await peopleOf("whole", orgWide())).lookup({ user: ANA, team: HOME_TEAM });
    expect(ana).toMatchObject({ member: false, groups: new Set() });
    expect(ana.unknown).toMatch(/installed for a whole organization/u);
  });
  test("is named by flinkops check", async () => {
    const { access } = await aGrid(orgWide());
    expect(await probeBotToken(access)).toMatchObject({ orgWide: true, enterprise: ENTERPRISE });
    expect(await probeNamed(access, [{ kind: "user", id: ANA }], "whole")).toMatchObject([
      { isGrave: true, what: expect.stringContaining("whole organization") },
    ]);
  });
});
