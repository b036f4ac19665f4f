import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Click, Clicked, Inbox } from "../../src/requests/ports/inbox.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { createSlack, type Slack } from "../../src/slack/bolt.ts";
import { denyModal, readDenial, readReason } from "../../src/slack/deny.ts";
import { noReviews } from "../fakes/reviewing.ts";
import { noSuggestions } from "../fakes/suggesting.ts";
import type { SlackDriver } from "../../playground/slack/driver.ts";
import type { SlackStandIn } from "../../playground/slack/server.ts";
import { BEN, FLINK_OPS, HOME_TEAM } from "../../playground/slack/workspace-seed.ts";
import { aRecord, view } from "./a-record.ts";
import { aConversation, aWorkspace, posted } from "./workspace.ts";

const DENIAL = { requestId: "r1", digest: "d1", card: { channel: "C1", ts: "1.0" }, thread: "0.9" };

describe("a reason", () => {
  test("is one line; none is none", () => {
    expect(readReason(" not during\n\n the  sale ")).toEqual({ text: "not during the sale" });
    expect(readReason("  \n")).toEqual({ text: null });
    expect(readReason(null)).toEqual({ text: null });
  });
  test("hides nothing", () => {
    expect(readReason("not\u202enow")).toEqual({ text: "not\ufffdnow" });
  });
  test.each([
    ["is too long", "a".repeat(201), "at most 200 characters, this one has 201"],
    ["holds a secret", "password=hunter2hunter2", "looks like a secret"],
    ["holds a secret in lines", "-----BEGIN KEY-----\nMIIE\n-----END KEY-----", "looks like a secret"],
  ])("that %s is refused in the form", (_, typed, words) => {
    const read = readReason(typed);
    expect("problem" in read && read.problem).toContain(words);
  });
});

describe("the form", () => {
  test("carries what was seen, and is read by the same deployment alone", () => {
    const { private_metadata: carried = "" } = denyModal(aRecord(), DENIAL, view);
    expect(readDenial(carried, "flinkops")).toEqual(DENIAL);
    expect(readDenial(carried, "staging")).toBeNull();
    expect(readDenial(carried.replace('"v":1', '"v":2'), "flinkops")).toBeNull();
    expect(readDenial("deny it", "flinkops")).toBeNull();
  });
});

describe("Deny", () => {
  let clicked: Click[];
  let verdict: Clicked;
  let known: RequestRecord | { refuse: string };
  let driver: SlackDriver;
  let standIn: SlackStandIn;
  let slack: Slack;
  let card: { channel: string; ts: string };

  beforeEach(async () => {
    const workspace = await aWorkspace();
    ({ driver, slack: standIn } = workspace);
    clicked = [];
    verdict = { is: "counted" };
    known = aRecord();
    const inbox: Inbox = {
      say: () => Promise.reject(new Error("nothing is typed")),
      press: () => Promise.reject(new Error("nothing is offered")),
      details: () => Promise.reject(new Error("no details")),
      suggesting: noSuggestions,
      foreign: () => Promise.resolve(),
      reviewing: noReviews,
      denial: () => Promise.resolve(known),
      click: (click) => {
        clicked.push(click);
        return Promise.resolve(verdict);
      },
    };
    const mode = { is: "socket", appToken: standIn.appToken } as const;
    slack = createSlack({ ...workspace.access, ...view, mode, inbox });
    await slack.start();
    card = await posted(aConversation({ ...workspace.access, view }), aRecord());
  });
  afterEach(async () => {
    await slack.stop();
    await standIn.close();
  });

  const told = async (words: string) =>
    await driver.waitForEphemeral(BEN, FLINK_OPS, (m) => m.plain.includes(words));

  test("asks why, and what is submitted is a denial of what was seen", async () => {
    await driver.click(BEN, card, "approval.deny");
    const modal = await driver.waitForModal(BEN);
    expect(modal).toMatchObject({ title: "Deny this request?", submit: "Deny", close: "Go back" });
    expect(modal.plain).toContain("Stop orders with a savepoint · PROD EU");
    expect(clicked).toEqual([]);
    expect(await driver.submitModal(BEN, { Reason: "not during\nthe sale" })).toMatchObject({ closed: true });
    await vi.waitFor(() => expect(clicked).toHaveLength(1));
    expect(clicked).toEqual([
      {
        requestId: aRecord().id,
        kind: "deny",
        digest: "d1",
        actor: { user: BEN, team: HOME_TEAM },
        card,
        reason: "not during the sale",
      },
    ]);
    expect(await driver.ephemerals(BEN, FLINK_OPS)).toEqual([]);
  });
  test("needs no reason, and going back denies nothing", async () => {
    await driver.click(BEN, card, "approval.deny");
    await driver.waitForModal(BEN);
    await driver.closeModal(BEN);
    expect(clicked).toEqual([]);
    await driver.click(BEN, card, "approval.deny");
    await driver.waitForModal(BEN);
    await driver.submitModal(BEN, {});
    await vi.waitFor(() => expect(clicked).toHaveLength(1));
    expect(clicked[0]).not.toHaveProperty("reason");
  });
  test("keeps the form open where its reason cannot be taken", async () => {
    await driver.click(BEN, card, "approval.deny");
    await driver.waitForModal(BEN);
    const submitted = await driver.submitModal(BEN, { Reason: "password=hunter2hunter2" });
    expect(submitted).toMatchObject({ closed: false, error: null });
    expect(submitted.errors?.["reason"]).toContain("looks like a secret");
    expect(clicked).toEqual([]);
  });
  test("that would not count opens no form, and says why", async () => {
    known = { refuse: "Too late: it has already been decided." };
    await driver.click(BEN, card, "approval.deny");
    await told("Too late");
    expect(await driver.calls("views.open")).toEqual([]);
  });
  test("that came too late with its reason is told", async () => {
    await driver.click(BEN, card, "approval.deny");
    await driver.waitForModal(BEN);
    verdict = { is: "not counted", tell: "Too late: it has already been decided." };
    expect(await driver.submitModal(BEN, { Reason: "no" })).toMatchObject({ closed: true });
    await told("Too late");
  });
  test.each([
    ["takes too long", { method: "views.open", error: "expired_trigger_id" }],
    ["is away", { method: "views.open", status: 503 }],
  ])("where Slack %s says that nothing was changed", async (_, fault) => {
    await driver.fault(fault);
    await driver.click(BEN, card, "approval.deny");
    await told("Nothing was changed. Press Deny again.");
    expect(clicked).toEqual([]);
  });
});
