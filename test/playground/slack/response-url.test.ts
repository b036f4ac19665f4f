import { afterEach, beforeEach, expect, test } from "vitest";
import { ANA, BEN, FLINK_OPS, RANDOM } from "../../../playground/slack/workspace-seed.ts";
import { connect, newStage, type Stage } from "./harness.ts";

let stage: Stage;
let urls: string[];

beforeEach(async () => {
  stage = await newStage();
  urls = [];
  await connect(stage, (app) => {
    app.command("/flink", async ({ command, ack }) => {
      urls.push(command.response_url);
      await ack();
    });
    app.action("go", async ({ body, ack }) => {
      if ("response_url" in body) urls.push(body.response_url);
      await ack();
    });
  });
});
afterEach(async () => await stage.end());

const respond = async (body: object): Promise<number> => {
  const response = await fetch(urls.at(-1) ?? "", { method: "POST", body: JSON.stringify(body) });
  return response.status;
};
const pressed = async (ephemeral: boolean) => {
  const button = { type: "button", action_id: "go", text: { type: "plain_text", text: "Go" } };
  const args = { channel: FLINK_OPS, text: "card", blocks: [{ type: "actions", elements: [button] }] };
  if (ephemeral) await stage.client.apiCall("chat.postEphemeral", { ...args, user: BEN });
  else await stage.client.apiCall("chat.postMessage", args);
  const card = await stage.driver.waitFor(
    BEN,
    (seen) => seen.channels.find((one) => one.id === FLINK_OPS)?.messages[0],
  );
  await stage.driver.click(BEN, card, "Go");
  return card;
};

test("an answer is ephemeral unless it says otherwise, and may come five times", async () => {
  await stage.driver.type(ANA, RANDOM, "/flink list");
  expect(await respond({ text: "for you" })).toBe(200);
  expect(await respond({ text: "for all", response_type: "in_channel" })).toBe(200);
  for (let use = 3; use <= 5; use += 1) expect(await respond({ text: `use ${use}` })).toBe(200);
  expect(await respond({ text: "once more" })).toBe(404);
  expect(await stage.driver.messages(RANDOM, BEN)).toMatchObject([{ plain: "for all" }]);
  expect((await stage.driver.ephemerals(ANA, RANDOM)).map((one) => one.plain)).toEqual([
    "for you",
    "use 3",
    "use 4",
    "use 5",
  ]);
});

test("after half an hour it is gone", async () => {
  await stage.driver.type(ANA, FLINK_OPS, "/flink list");
  for (const url of stage.slack.world.state.responseUrls.values()) url.at -= 30 * 60_000 + 1;
  expect(await respond({ text: "late" })).toBe(404);
});

test("it refuses what a message may not be", async () => {
  await stage.driver.type(ANA, FLINK_OPS, "/flink list");
  expect(await respond({ blocks: [{ type: "divider" }] })).toBe(400);
  expect(await respond({ text: "x", blocks: [{ type: "nonsense" }] })).toBe(400);
});

test.each([true, false])(
  "replaces and deletes the message that was pressed (ephemeral: %s)",
  async (ephemeral) => {
    const card = await pressed(ephemeral);
    expect(await respond({ text: "beside it", replace_original: false })).toBe(200);
    expect(await respond({ text: "instead", replace_original: true })).toBe(200);
    const changed = await stage.driver.waitForChange(BEN, card, (one) => one.plain === "instead");
    expect(changed.controls).toEqual([]);
    expect(await respond({ delete_original: true })).toBe(200);
    const seen = await stage.driver.see(BEN);
    const left = seen.channels.find((one) => one.id === FLINK_OPS)?.messages ?? [];
    expect(left.map((one) => [one.plain, one.ephemeral, one.deleted])).toEqual([
      ["instead", ephemeral, true],
      ["beside it", true, false],
    ]);
  },
);

test("answers into the thread that it names", async () => {
  const card = await pressed(false);
  await respond({ text: "below", thread_ts: card.ts, replace_original: false });
  expect(await stage.driver.thread(card, BEN)).toMatchObject([{ plain: "below", ephemeral: true }]);
});
