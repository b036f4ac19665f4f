import { afterEach, beforeEach, expect, test } from "vitest";
import { probeNamed } from "../../src/slack/probe.ts";
import type { SlackDriver } from "../../playground/slack/driver.ts";
import {
  ANA,
  APPROVERS,
  BOT,
  EVE,
  FLINK_OPS,
  GIL,
  PARTNERS,
  RANDOM,
  ZOE,
} from "../../playground/slack/workspace-seed.ts";
import { aWorkspace } from "./workspace.ts";

let driver: SlackDriver;
let access: Awaited<ReturnType<typeof aWorkspace>>["access"];
let close: () => Promise<void>;

beforeEach(async () => {
  const workspace = await aWorkspace();
  ({ driver, access } = workspace);
  close = () => workspace.slack.close();
});
afterEach(() => close());

test("what is as it should be is not mentioned", async () => {
  expect(
    await probeNamed(
      access,
      [
        { kind: "group", id: APPROVERS },
        { kind: "user", id: ANA },
        { kind: "channel", id: FLINK_OPS },
      ],
      "workspace",
    ),
  ).toEqual([]);
});

test.each([
  ["group", "S0GONE0001", true, /^does not exist in Slack$/u, /Copy group ID/u],
  ["user", "U0NOBODY00", true, /^does not exist in Slack$/u, /Copy member ID/u],
  ["user", ZOE, false, /^is deactivated/u, /remove it/u],
  ["user", GIL, false, /^is a guest/u, /remove it/u],
  ["user", BOT, false, /^is a bot/u, /remove it/u],
  ["user", EVE, false, /^is from another organization/u, /remove it/u],
  ["channel", RANDOM, false, /the bot is not a member/u, /\/invite @flink/u],
  ["channel", "C0NOWHERE0", false, /the bot is not a member/u, /\/invite @flink/u],
] as const)("a %s that is not: %s", async (kind, id, isGrave, what, todo) => {
  const problems = await probeNamed(access, [{ kind, id }], "workspace");
  expect(problems).toMatchObject([{ kind, id, isGrave }]);
  expect(problems[0]?.what).toMatch(what);
  expect(problems[0]?.todo).toMatch(todo);
});

test("an approvers' channel that others see is not used", async () => {
  const channel = { kind: "channel", id: PARTNERS } as const;
  expect(await probeNamed(access, [channel], "workspace")).toEqual([]);
  expect(await probeNamed(access, [{ ...channel, internalFor: "approvals" }], "workspace")).toMatchObject([
    { isGrave: false, what: expect.stringContaining("is shared with another organization") as string },
  ]);
});

test("a channel where break-glass cannot be announced fails the check", async () => {
  const announce = { kind: "channel", internalFor: "break-glass" } as const;
  for (const id of [PARTNERS, RANDOM]) {
    const [problem] = await probeNamed(access, [{ ...announce, id }], "workspace");
    expect(problem).toMatchObject({ isGrave: true });
    expect(problem?.what).toContain("break-glass cannot be announced there");
  }
});

test("a group without members approves nothing", async () => {
  for (const user of ["U0BEN00001", "U0CEM00001"]) await driver.removeFromGroup(APPROVERS, user);
  expect(await probeNamed(access, [{ kind: "group", id: APPROVERS }], "workspace")).toMatchObject([
    { isGrave: false, what: "has no members" },
  ]);
});

test.each([
  ["group", APPROVERS, "usergroups.users.list"],
  ["user", ANA, "users.info"],
  ["channel", FLINK_OPS, "conversations.info"],
] as const)("what may not be read for want of a scope is said: %s", async (kind, id, method) => {
  await driver.fault({ method, error: "missing_scope" });
  expect(await probeNamed(access, [{ kind, id }], "workspace")).toMatchObject([
    { isGrave: true, what: "cannot be read: the Slack app was not granted a scope that it needs" },
  ]);
});
