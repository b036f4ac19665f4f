import { noReviews } from "../fakes/reviewing.ts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Clicked, Inbox, Suggested, Suggesting } from "../../src/requests/ports/inbox.ts";
import { createSlack, type Slack } from "../../src/slack/bolt.ts";
import { suggestModal } from "../../src/slack/suggest.ts";
import type { SlackDriver } from "../../playground/slack/driver.ts";
import type { SlackStandIn } from "../../playground/slack/server.ts";
import { BEN, FLINK_OPS, HOME_TEAM } from "../../playground/slack/workspace-seed.ts";
import { aRecord, view } from "./a-record.ts";
import { aConversation, aWorkspace, posted } from "./workspace.ts";

const FIELDS = [
  { key: "parallelism", label: "parallelism", hint: "how many", required: true, choices: [], value: "4" },
  {
    key: "waitForSlots",
    label: "--wait-for-slots",
    hint: "take each one that becomes free",
    required: false,
    choices: ["yes", "no"],
    value: "no",
  },
];

describe("Suggest a change", () => {
  let suggested: Suggested[];
  let opened: Awaited<ReturnType<Suggesting["open"]>>;
  let problem: { field: string; words: string } | null;
  let made: Clicked;
  let driver: SlackDriver;
  let standIn: SlackStandIn;
  let slack: Slack;
  let card: { channel: string; ts: string };

  beforeEach(async () => {
    const workspace = await aWorkspace();
    ({ driver, slack: standIn } = workspace);
    suggested = [];
    opened = { record: aRecord(), fields: FIELDS };
    problem = null;
    made = { is: "counted" };
    const inbox: Inbox = {
      say: () => Promise.reject(new Error("nothing is typed")),
      press: () => Promise.reject(new Error("nothing is offered")),
      details: () => Promise.reject(new Error("no details")),
      denial: () => Promise.reject(new Error("nothing is denied")),
      click: () => Promise.reject(new Error("nothing is decided")),
      foreign: () => Promise.resolve(),
      reviewing: noReviews,
      suggesting: {
        open: () => Promise.resolve(opened),
        problem: () => Promise.resolve(problem),
        make: (one) => {
          suggested.push(one);
          return Promise.resolve(made);
        },
      },
    };
    const mode = { is: "socket", appToken: standIn.appToken } as const;
    slack = createSlack({ ...workspace.access, ...view, mode, inbox });
    await slack.start();
    card = await posted(aConversation({ ...workspace.access, view }), aRecord());
    await driver.click(BEN, card, "approval.suggest");
  });
  afterEach(async () => {
    await slack.stop();
    await standIn.close();
  });

  test("shows the request's arguments, and hands over what was made of them", async () => {
    const modal = await driver.waitForModal(BEN);
    expect(modal).toMatchObject({ title: "Suggest a change", submit: "Suggest", close: "Go back" });
    expect(modal.plain).toContain("Stop orders with a savepoint · PROD EU");
    expect(modal.plain).toContain("This request stays as it is.");
    expect(await driver.submitModal(BEN, { parallelism: "6" })).toMatchObject({ closed: true });
    await vi.waitFor(() => expect(suggested).toHaveLength(1));
    const requestId = aRecord().id;
    const values = { parallelism: "6", waitForSlots: "no" };
    expect(suggested).toEqual([
      { requestId, digest: "d1", card, actor: { user: BEN, team: HOME_TEAM }, values },
    ]);
    expect(await driver.ephemerals(BEN, FLINK_OPS)).toEqual([]);
  });
  test("keeps the form open with what is wrong", async () => {
    await driver.waitForModal(BEN);
    problem = { field: "parallelism", words: "must be a whole number" };
    const submitted = await driver.submitModal(BEN, { parallelism: "x" });
    expect(submitted).toMatchObject({
      closed: false,
      errors: { parallelism: "must be a whole number" },
      error: null,
    });
    expect(suggested).toEqual([]);
  });
  test("that did not count is told", async () => {
    await driver.waitForModal(BEN);
    made = { is: "not counted", tell: "Too late: it has already been decided." };
    await driver.submitModal(BEN, { waitForSlots: "yes" });
    await driver.waitForEphemeral(BEN, FLINK_OPS, (m) => m.plain.includes("Too late"));
    expect(suggested[0]?.values).toEqual({ parallelism: "4", waitForSlots: "yes" });
  });
  test("that would not count opens no form", async () => {
    await driver.waitForModal(BEN);
    await driver.closeModal(BEN);
    opened = { refuse: "You are not allowed to approve this." };
    await driver.click(BEN, card, "approval.suggest");
    await driver.waitForEphemeral(BEN, FLINK_OPS, (m) => m.plain.includes("not allowed"));
    expect(await driver.calls("views.open")).toHaveLength(1);
  });
});

test("whatever an argument holds fits into its field", () => {
  const long = "x".repeat(3000);
  const from = { requestId: "r1", digest: "d1", card: { channel: "C1", ts: "1.0" }, thread: null };
  const fields = [{ key: "jar", label: long, hint: long, required: false, choices: [], value: long }];
  const [, , input] = suggestModal({ record: aRecord(), fields }, from, view).blocks;
  if (input?.type !== "input" || input.element.type !== "plain_text_input") throw new Error("no field");
  expect(input.label.text.length).toBeLessThanOrEqual(2000);
  expect(input.hint?.text.length).toBeLessThanOrEqual(2000);
  expect(input.element.initial_value?.length).toBeLessThanOrEqual(500);
});
