import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import { SlackUnavailable } from "../../src/model/errors.ts";
import type { Freshness, People } from "../../src/policy/person.ts";
import { createLocalLimiter, type RateLimiter } from "../../src/slack/rate-limits.ts";
import { createPeople } from "../../src/slack/people.ts";
import { ACCOUNT_MAX_AGE_MS, createRoster, GROUP_MAX_AGE_MS } from "../../src/slack/roster.ts";
import type { SlackDriver } from "../../playground/slack/driver.ts";
import {
  ANA,
  APPROVERS,
  BEN,
  BOT,
  CEM,
  DORA,
  EVE,
  GIL,
  HOME_TEAM,
  OPERATORS,
  OUTSIDE_TEAM,
  ZOE,
} from "../../playground/slack/workspace-seed.ts";
import { FakeAnswers } from "../fakes/answers.ts";
import { ManualClock } from "../fakes/clock.ts";
import { aLog, aWorkspace, noLimit } from "./workspace.ts";

const GONE = "S0GONE0001";

let driver: SlackDriver;
let people: People;
let answers: FakeAnswers;
let log: ReturnType<typeof aLog>;
let aProcess: (how?: { groups?: readonly string[]; limiter?: RateLimiter }) => People;
let close: () => Promise<void>;

beforeEach(async () => {
  const { slack, access, driver: d } = await aWorkspace();
  driver = d;
  close = () => slack.close();
  answers = new FakeAnswers();
  log = aLog();
  aProcess = ({ groups = [OPERATORS, APPROVERS], limiter = noLimit } = {}) =>
    createPeople({
      groups: () => groups,
      organization: "workspace",
      roster: createRoster({ ...access, log, answers, limiter, clock: systemClock }),
    });
  people = aProcess();
});
afterEach(() => close());

const at = (user: string, how: Freshness = {}, team = HOME_TEAM) => people.lookup({ user, team }, how);
const calls = async () => [
  (await driver.calls("users.info")).length,
  (await driver.calls("usergroups.users.list")).length,
];

/** By the approvers as they are from now on. */
const decide = async (how: Freshness) => {
  answers.now += 1;
  return await at(BEN, { notBefore: answers.now, groups: [APPROVERS], patienceMs: 0, ...how });
};

describe("people", () => {
  test("a member is one, with name and groups", async () => {
    expect(await at(BEN)).toMatchObject({
      member: true,
      unknown: null,
      displayName: "ben",
      groups: new Set([OPERATORS, APPROVERS]),
      outsider: null,
    });
    expect((await at(ANA)).groups).toEqual(new Set([OPERATORS]));
    expect(await at(DORA)).toMatchObject({ member: true, groups: new Set() });
  });
  test.each([
    ["a guest", GIL, HOME_TEAM, { guest: true }],
    ["a deactivated account", ZOE, HOME_TEAM, { deactivated: true }],
    ["a bot", BOT, HOME_TEAM, { bot: true }],
    ["somebody from another organisation", EVE, OUTSIDE_TEAM, { outsider: "organization" }],
    ["who claims to be ours and is not", EVE, HOME_TEAM, { outsider: "organization" }],
    ["a member's id from elsewhere", ANA, OUTSIDE_TEAM, { outsider: "organization" }],
    ["nobody", "U0NOBODY", HOME_TEAM, { outsider: "organization" }],
  ])("%s is no member and in no group", async (_name, user, team, expected) => {
    expect(await at(user, {}, team)).toMatchObject({ ...expected, member: false, groups: new Set() });
  });
});

describe("the answer about people is one for all processes", () => {
  test("fifty look-ups at once, in two processes, ask once for each account and group", async () => {
    const other = aProcess();
    const actor = { user: BEN, team: HOME_TEAM };
    await Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? people : other).lookup(actor)));
    expect(await calls()).toEqual([1, 2]);
  });
  test("an account is at most 5 s old, a group 30", async () => {
    await at(BEN);
    await driver.changeUser(BEN, { isRestricted: true });
    answers.now += ACCOUNT_MAX_AGE_MS;
    expect((await at(BEN)).guest).toBe(false);
    answers.now += 1;
    expect((await at(BEN)).guest).toBe(true);
    await driver.changeUser(BEN, { isRestricted: false });
    await driver.removeFromGroup(APPROVERS, BEN);
    answers.now += ACCOUNT_MAX_AGE_MS + 1;
    expect((await at(BEN)).groups.has(APPROVERS)).toBe(true);
    answers.now += GROUP_MAX_AGE_MS;
    expect((await at(BEN)).groups.has(APPROVERS)).toBe(false);
  });
  test("who needs an answer from after a moment gets one, whichever process knew an older one", async () => {
    await at(BEN);
    await driver.removeFromGroup(APPROVERS, BEN);
    answers.now += 10;
    const other = aProcess();
    const fresh = { notBefore: answers.now, groups: [APPROVERS] };
    expect((await other.lookup({ user: BEN, team: HOME_TEAM }, fresh)).groups.has(APPROVERS)).toBe(false);
    expect(await calls()).toEqual([2, 3]);
    // and now everybody has it
    expect((await at(BEN, fresh)).groups.has(APPROVERS)).toBe(false);
    expect(await calls()).toEqual([2, 3]);
  });
  test("who joins a question that was asked before their moment asks once more", async () => {
    await driver.fault({ method: "users.info", delayMs: 200 });
    const first = at(BEN, { groups: [] });
    await vi.waitFor(async () => expect(await calls()).toEqual([1, 0]));
    await driver.changeUser(BEN, { isRestricted: true });
    answers.now += 1;
    expect((await at(BEN, { groups: [], notBefore: answers.now })).guest).toBe(true);
    await first;
  });
  test("only the groups that matter are read", async () => {
    await at(BEN, { groups: [] });
    expect(await calls()).toEqual([1, 0]);
    expect((await at(BEN, { groups: [APPROVERS] })).groups).toEqual(new Set([APPROVERS]));
    expect(await calls()).toEqual([1, 1]);
  });
  test("look-ups keep to Slack's pace, and what decides is not held up by what does not", async () => {
    const clock = new ManualClock();
    people = aProcess({ limiter: createLocalLimiter(clock) });
    const used: unknown[] = [];
    for (let i = 0; i < 40; i += 1) {
      answers.now += ACCOUNT_MAX_AGE_MS + 1;
      used.push(await at(ANA, { groups: [], patienceMs: 0 }).catch((error: unknown) => error));
    }
    expect(used.at(-1)).toMatchObject({
      message: "kept within slack's pace",
      retryAfterMs: expect.any(Number),
    });
    expect((await calls())[0]).toBeLessThan(20);
    expect(await at(CEM, { groups: [], notBefore: answers.now })).toMatchObject({ member: true });
  });
  test("a brake's do not wait for the pace; where Slack itself asks to wait nobody asks", async () => {
    const clock = new ManualClock();
    people = aProcess({ limiter: createLocalLimiter(clock) });
    for (let i = 0; i < 9; i += 1) await decide({});
    await expect(decide({})).rejects.toMatchObject({ message: "kept within slack's pace" });
    for (let i = 0; i < 9; i += 1) expect((await decide({ urgency: "brake" })).groups.size).toBe(1);
    await driver.fault({ method: "usergroups.users.list", retryAfter: 30 });
    const before = (await calls())[1] ?? 0;
    for (let i = 0; i < 3; i += 1)
      await expect(decide({ urgency: "brake" })).rejects.toBeInstanceOf(SlackUnavailable);
    expect((await calls())[1]).toBe(before + 1);
  });
  test("reads for display leave turns to decisions", async () => {
    const clock = new ManualClock();
    people = aProcess({ limiter: createLocalLimiter(clock) });
    const shown: unknown[] = [];
    for (let i = 0; i < 9; i += 1) {
      answers.now += GROUP_MAX_AGE_MS + 1;
      shown.push(await at(ANA, { patienceMs: 0, urgency: "show" }).catch((error: unknown) => error));
    }
    expect(shown.at(-1)).toMatchObject({ message: "kept within slack's pace" });
    expect((await decide({})).groups.size).toBe(1);
  });
  test("while Redis does not answer Slack is asked by each process itself", async () => {
    answers.down = new Error("Connection is closed.");
    expect((await at(BEN)).groups).toEqual(new Set([OPERATORS, APPROVERS]));
    await driver.removeFromGroup(APPROVERS, BEN);
    expect((await at(BEN, { notBefore: 1 })).groups.has(APPROVERS)).toBe(false);
  });
  test("while Redis does not answer, what a process heard last is good enough for what decides nothing", async () => {
    await at(BEN);
    answers.down = new Error("Connection is closed");
    const before = await calls();
    expect((await at(BEN)).groups).toEqual(new Set([OPERATORS, APPROVERS]));
    expect(await calls()).toEqual(before);
    await driver.removeFromGroup(APPROVERS, BEN);
    expect((await at(BEN, { notBefore: answers.now, groups: [APPROVERS] })).groups).toEqual(new Set());
  });
  test("an answer that others have written into Redis is not believed", async () => {
    await at(DORA);
    const kept = answers.kept.get(`group:${APPROVERS}`);
    const forged = (value: string) => answers.kept.set(`group:${APPROVERS}`, { at: answers.now, value });
    const mac = kept?.value.slice(0, 52) ?? "";
    for (const value of [
      JSON.stringify({ users: [DORA] }),
      `${mac} ${JSON.stringify({ users: [DORA] })}`,
      answers.kept.get(`group:${OPERATORS}`)?.value ?? "",
    ]) {
      forged(value);
      expect((await at(DORA)).groups).toEqual(new Set());
    }
    const why = answers.seal.told.map((one) => one.why);
    expect(why).toEqual(["no seal", "altered", "altered"]);
    // an older one of ours cannot be made younger
    answers.now += 1000;
    answers.kept.set(`group:${APPROVERS}`, { at: answers.now, value: kept?.value ?? "" });
    await at(DORA);
    expect(answers.seal.told).toHaveLength(4);
  });
});

describe("what Slack does not tell", () => {
  test("for a while is thrown, with an old answer at hand as well", async () => {
    await at(BEN);
    answers.now += GROUP_MAX_AGE_MS + 1;
    await driver.fault({ method: "usergroups.users.list", status: 503, times: 2 });
    await expect(at(BEN)).rejects.toBeInstanceOf(SlackUnavailable);
    await driver.fault({ method: "users.info", retryAfter: 7 });
    answers.now += GROUP_MAX_AGE_MS + 1;
    await expect(at(BEN)).rejects.toMatchObject({ code: "slack_unavailable", retryAfterMs: 7000 });
  });
  test("for good is part of the answer: a group that is gone hides nothing else", async () => {
    people = aProcess({ groups: [OPERATORS, GONE] });
    const ben = await at(BEN);
    expect(ben.groups).toEqual(new Set([OPERATORS]));
    expect(ben.unreadable).toEqual(new Map([[GONE, "does not exist in Slack"]]));
  });
  test.each([
    ["missing_scope", "cannot be read: the Slack app was not granted a scope that it needs"],
    ["plan_upgrade_required", "cannot be read: user groups need a paid Slack plan"],
    ["permission_denied", "cannot be read: Slack answers permission_denied"],
  ])("a group that is refused with %s says why, and is asked for again soon", async (error, why) => {
    await driver.fault({ method: "usergroups.users.list", error });
    expect((await at(BEN, { groups: [APPROVERS] })).unreadable).toEqual(new Map([[APPROVERS, why]]));
    answers.now += 10_001;
    expect((await at(BEN, { groups: [APPROVERS] })).groups).toEqual(new Set([APPROVERS]));
  });
  test.each(["missing_scope", "token_revoked"])(
    "an account that is refused with %s is nobody's",
    async (error) => {
      await driver.fault({ method: "users.info", error });
      const ben = await at(BEN);
      expect(ben).toMatchObject({ member: false, groups: new Set() });
      expect(ben.unknown).toContain("cannot be read");
      // it is not remembered: whoever repairs it does not wait
      expect((await at(BEN)).unknown).toBeNull();
    },
  );
});
