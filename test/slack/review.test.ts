import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SlackDriver } from "../../playground/slack/driver.ts";
import type { SlackStandIn } from "../../playground/slack/server.ts";
import { BEN, FLINK_OPS, HOME_TEAM } from "../../playground/slack/workspace-seed.ts";
import type { Clicked, Inbox, Reviewed } from "../../src/requests/ports/inbox.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { createSlack, type Slack } from "../../src/slack/bolt.ts";
import type { Message } from "../../src/slack/blocks.ts";
import { card } from "../../src/slack/card.ts";
import { detailsModal } from "../../src/slack/details.ts";
import { readReview, reviewModal } from "../../src/slack/review.ts";
import { noSuggestions } from "../fakes/suggesting.ts";
import { AT, aGlassRecord, view } from "./a-record.ts";
import { buttonsOf, textOf } from "./read-message.ts";
import { aConversation, aWorkspace, posted } from "./workspace.ts";

const REVIEW = { requestId: "r1", digest: "", card: { channel: "C1", ts: "1.0" }, thread: "0.9" };
const reviewedBy = (justified: boolean): RequestRecord => {
  const stored = aGlassRecord();
  if (stored.breakGlass === undefined) throw new Error("no break-glass");
  const actor = { user: BEN, team: HOME_TEAM };
  const reviewed = { actor, at: AT + 60_000, justified, why: "it could wait" };
  return { ...stored, breakGlass: { ...stored.breakGlass, reviewed } };
};

/** Its words without bold and without the times. */
const read = (message: Message): string =>
  textOf(message)
    .replaceAll("*", "")
    .replaceAll(/<!date[^>]*>/gu, "(time)");

describe("the card of a request with break-glass", () => {
  const ready = aGlassRecord({ state: "ready", run: null, end: null, startBy: AT + 600_000 });
  test.each<[string, RequestRecord, string, string[]]>([
    [
      "before it starts",
      ready,
      "🚨 Break-glass: without approval, to be reviewed by <!subteam^S0LEADS>",
      ["Details", "Withdraw"],
    ],
    [
      "at its end, until it is reviewed",
      aGlassRecord(),
      "Break-glass: without approval, to be reviewed by <!subteam^S0LEADS> · Reason: pager, sink stuck · Announced in <#C0ALARM>",
      ["Review", "Details"],
    ],
    [
      "once it is reviewed",
      reviewedBy(true),
      "Break-glass, reviewed by <@U0BEN00001> (time) as justified: it could wait",
      ["Details"],
    ],
    [
      "once somebody found it was not justified",
      reviewedBy(false),
      "Break-glass, reviewed by <@U0BEN00001> (time) as not justified: it could wait",
      ["Details"],
    ],
    [
      "that never started",
      aGlassRecord({
        run: null,
        end: {
          ending: "void",
          at: AT,
          report: { outcome: "failed", headline: "It was not sent", lines: [] },
        },
      }),
      "Break-glass, never started",
      ["Ask again", "Details"],
    ],
  ])("%s", (_, stored, words, buttons) => {
    const message = card(stored, view);
    expect(read(message)).toContain(words);
    expect(buttonsOf(message).map((one) => one.text.text)).toEqual(buttons);
    expect(read(message)).not.toContain("Approvers");
  });

  test("its details say who reviewed it, and why so", () => {
    const { blocks } = detailsModal(reviewedBy(false), view);
    expect(read({ text: "", blocks })).toContain("as not justified: it could wait");
    const open = read({ text: "", blocks: detailsModal(ready, view).blocks });
    expect(open.split("to be reviewed by")).toHaveLength(2);
  });
});

const submitted = (values: { [field: string]: string | null }) => {
  const typed = (field: string): string | null => values[field] ?? null;
  const chosen = { justified: values["justified"] ?? "" };
  return readReview({ actor: { user: BEN, team: HOME_TEAM }, values: chosen, typed }, REVIEW);
};

describe("the form", () => {
  test("carries the request, and says what was done, by whom and why", () => {
    const modal = reviewModal(aGlassRecord(), REVIEW, view);
    const words = read({ text: "", blocks: modal.blocks });
    expect(words).toContain("Stop orders with a savepoint · PROD EU");
    expect(words).toContain("without approval. Reason: pager, sink stuck");
    expect(words).toContain("orders stopped");
    expect(submitted({ justified: "no", reason: "it\ncould wait" })).toMatchObject({
      reviewed: { requestId: "r1", card: REVIEW.card, justified: false, why: "it could wait" },
      to: { place: { channel: "C1", thread: "0.9", door: "button" } },
    });
  });
  test.each<[string, { [field: string]: string | null }, string, string]>([
    ["no choice", { reason: "fine" }, "justified", "Choose one."],
    ["a choice that there is not", { justified: "maybe", reason: "fine" }, "justified", "Choose one."],
    ["no words", { justified: "yes", reason: " " }, "reason", "Say why"],
    ["too many words", { justified: "yes", reason: "a".repeat(201) }, "reason", "at most 200 characters"],
    ["a secret", { justified: "yes", reason: "password=hunter2hunter2" }, "reason", "looks like a secret"],
  ])("takes %s for none", (_, values, field, words) => {
    const answer = submitted(values);
    expect(answer).toMatchObject({ field });
    expect("problem" in answer && answer.problem).toContain(words);
  });
});

const never = () => Promise.reject(new Error("nothing else is asked for"));
const choice = (label: string) => ({ "Was it justified?": label, Why: "it could\nwait" });

describe("Review", () => {
  let made: Reviewed[];
  let verdict: Clicked;
  let known: RequestRecord | { refuse: string };
  let driver: SlackDriver;
  let standIn: SlackStandIn;
  let slack: Slack;
  let shown: { channel: string; ts: string };

  beforeEach(async () => {
    const workspace = await aWorkspace();
    ({ driver, slack: standIn } = workspace);
    made = [];
    verdict = { is: "counted" };
    known = aGlassRecord();
    const inbox: Inbox = {
      say: never,
      press: never,
      details: never,
      denial: never,
      click: never,
      foreign: never,
      suggesting: noSuggestions,
      reviewing: {
        open: () => Promise.resolve(known),
        make: (said) => {
          made.push(said);
          return Promise.resolve(verdict);
        },
      },
    };
    const mode = { is: "socket", appToken: standIn.appToken } as const;
    slack = createSlack({ ...workspace.access, ...view, mode, inbox });
    await slack.start();
    shown = await posted(aConversation({ ...workspace.access, view }), aGlassRecord());
  });
  afterEach(async () => {
    await slack.stop();
    await standIn.close();
  });

  const press = async () => await driver.click(BEN, shown, "break-glass.review");
  const told = async (words: string) =>
    await driver.waitForEphemeral(BEN, FLINK_OPS, (m) => m.plain.includes(words));

  test("asks whether it was justified and why, and reviews once that is submitted", async () => {
    await press();
    const modal = await driver.waitForModal(BEN);
    expect(modal).toMatchObject({ title: "Review break-glass", submit: "Submit review", close: "Go back" });
    expect(made).toEqual([]);
    expect(await driver.submitModal(BEN, choice("No, not justified"))).toMatchObject({ closed: true });
    await vi.waitFor(() => expect(made).toHaveLength(1));
    expect(made[0]).toEqual({
      requestId: aGlassRecord().id,
      actor: { user: BEN, team: HOME_TEAM },
      card: shown,
      justified: false,
      why: "it could wait",
    });
    expect(await driver.ephemerals(BEN, FLINK_OPS)).toEqual([]);
  });
  test("keeps the form open where a field cannot be taken", async () => {
    await press();
    await driver.waitForModal(BEN);
    const submitted = await driver.submitModal(BEN, {
      ...choice("Yes, justified"),
      Why: "password=hunter2hunter2",
    });
    expect(submitted).toMatchObject({ closed: false });
    expect(submitted.errors?.["reason"]).toContain("looks like a secret");
    expect(made).toEqual([]);
  });
  test("that would not count opens no form, and says why", async () => {
    known = { refuse: "You requested this, so someone else must review it." };
    await press();
    await told("someone else must review it");
    expect(await driver.calls("views.open")).toEqual([]);
  });
  test("that came too late is told", async () => {
    await press();
    await driver.waitForModal(BEN);
    verdict = { is: "not counted", tell: "It has already been reviewed." };
    expect(await driver.submitModal(BEN, choice("Yes, justified"))).toMatchObject({ closed: true });
    await told("already been reviewed");
  });
  test("where Slack opens no form says what to do", async () => {
    await driver.fault({ method: "views.open", error: "expired_trigger_id" });
    await press();
    await told("Nothing was changed. Press Review again.");
    expect(made).toEqual([]);
  });
});
