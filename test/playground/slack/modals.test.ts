import { afterEach, beforeEach, expect, test } from "vitest";
import { BEN, FLINK_OPS } from "../../../playground/slack/workspace-seed.ts";
import { type DetailsApp, jobsTable, startDetailsApp } from "./details-app.ts";
import { newStage, type Stage } from "./harness.ts";

let stage: Stage;
let app: DetailsApp;

beforeEach(async () => {
  stage = await newStage();
  app = await startDetailsApp(stage);
  await app.post();
  const card = await stage.driver.waitForMessage(BEN, FLINK_OPS, (one) => one.text === "card");
  await stage.driver.click(BEN, card, "Details");
});
afterEach(async () => await stage.end());

test("shows its blocks in words, with what can be pressed and typed", async () => {
  const modal = await stage.driver.waitForModal(BEN);
  expect(modal).toMatchObject({ title: "Details", submit: "Send", close: "Cancel" });
  expect(modal.plain.split("\n")).toEqual([
    "orders is RUNNING",
    "requested by Ana",
    "s3://savepoints/_entropy_/1",
    "Reason",
    "[Refresh]",
  ]);
  expect(modal.controls.map((one) => one.actionId)).toEqual(["text", "refresh"]);
});

test("a button in it tells the app which view, and what is typed so far; the app updates the view", async () => {
  const before = await stage.driver.waitForModal(BEN);
  await stage.driver.clickInModal(BEN, "Refresh", { values: { Reason: "half a sent" } });
  const after = await stage.driver.waitForModal(BEN, (one) => one.plain.includes("orders is FAILED"));
  expect(after.id).toBe(before.id);
  const [click] = app.clicks;
  expect(click).toMatchObject({
    type: "block_actions",
    user: { id: BEN },
    container: { type: "view", view_id: before.id },
    trigger_id: expect.any(String),
    view: {
      id: before.id,
      type: "modal",
      callback_id: "details",
      private_metadata: "r1",
      state: { values: { reason: { text: { type: "plain_text_input", value: "half a sent" } } } },
    },
    actions: [{ action_id: "refresh", block_id: "more", type: "button", value: "refresh" }],
  });
  // a modal has no message and no channel
  expect(click?.message).toBeUndefined();
  expect(click?.channel).toBeUndefined();
  expect(click?.response_url).toBeUndefined();
});

test("an update with the hash of an older version is refused", async () => {
  const { id } = await stage.driver.waitForModal(BEN);
  await stage.driver.clickInModal(BEN, "Refresh");
  await stage.driver.waitForModal(BEN, (one) => one.plain.includes("FAILED"));
  const hash = app.clicks[0]?.view?.hash ?? "";
  await expect(app.showAgain({ view_id: id, hash })).rejects.toMatchObject({
    data: { error: "hash_conflict" },
  });
});

test("the app hears of its end, if it asked to", async () => {
  const { id } = await stage.driver.waitForModal(BEN);
  await stage.driver.closeModal(BEN);
  expect(app.closings).toMatchObject([
    { type: "view_closed", user: { id: BEN }, view: { id, private_metadata: "r1" }, is_cleared: false },
  ]);
  expect((await stage.driver.see(BEN)).modal).toBeNull();
});

test("a workspace that does not know tables says invalid_blocks, until it does", async () => {
  const post = async () =>
    await stage.client.apiCall("chat.postMessage", {
      channel: FLINK_OPS,
      text: "1 job: orders RUNNING",
      blocks: [jobsTable],
    });
  await stage.driver.refuseBlocks(["table"]);
  await expect(post()).rejects.toMatchObject({
    data: {
      error: "invalid_blocks",
      response_metadata: { messages: ["[ERROR] unsupported type [json-pointer:/blocks/0/type]"] },
    },
  });
  await stage.driver.refuseBlocks([]);
  await post();
  const listed = await stage.driver.waitForMessage(BEN, FLINK_OPS, (one) => one.text.startsWith("1 job"));
  expect(listed.plain).toBe("job | state\norders | RUNNING");
});
