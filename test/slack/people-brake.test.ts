import { expect, test } from "vitest";
import { SlackUnavailable } from "../../src/model/errors.ts";
import { createPeople } from "../../src/slack/people.ts";
import type { Roster } from "../../src/slack/roster.ts";
import { BEN, HOME_TEAM } from "../../playground/slack/workspace-seed.ts";
import { gate } from "./workspace.ts";

const GROUP = "S0APPROVE1";

/** A lookup of Ben whose account Slack has not answered yet, and the groups that were asked for so far. */
function lookup(urgency: "brake" | undefined, members: Roster["members"]) {
  const answer = gate<Awaited<ReturnType<Roster["account"]>>>();
  const asked: string[] = [];
  const roster: Roster = {
    ourselves: () =>
      Promise.resolve({ team: HOME_TEAM, enterprise: null, url: null, user: "U0BOT", bot: null }) as never,
    account: async () => await answer.promise,
    members: async (group, how) => {
      asked.push(group);
      return await members(group, how);
    },
    nameOf: () => Promise.resolve(null),
    handleOf: () => Promise.resolve(null),
  };
  const people = createPeople({ roster, organization: "workspace", groups: () => [GROUP] });
  const found = people.lookup({ user: BEN, team: HOME_TEAM }, { notBefore: 1, urgency });
  return { answer, asked, found };
}

test.each([
  ["brake", [GROUP]],
  [undefined, []],
] as const)(
  "a lookup for a %s, before Slack has told the account, has asked for %j",
  async (urgency, groups) => {
    const t = lookup(urgency, () => Promise.resolve({ users: [BEN] }));
    await new Promise(setImmediate);
    expect(t.asked).toEqual(groups);
    t.answer.open({ nobody: true });
    expect((await t.found).member).toBe(false);
  },
);

test("a group that cannot be read does not keep a brake from telling that nobody has this account", async () => {
  const t = lookup("brake", () => Promise.reject(new SlackUnavailable("down", 1000)));
  await new Promise(setImmediate);
  t.answer.open({ nobody: true });
  expect(await t.found).toMatchObject({ member: false, outsider: "organization" });
});
