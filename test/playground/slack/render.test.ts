import { expect, test } from "vitest";
import { controlsOf, plainMessage, plainMrkdwn } from "../../../playground/slack/render.ts";
import { SlackState } from "../../../playground/slack/state.ts";
import { APPROVERS, BEN, defaultSeed, FLINK_OPS } from "../../../playground/slack/workspace-seed.ts";

const state = new SlackState(defaultSeed());
const plain = (text: string) => ({ type: "plain_text", text });

test.each([
  ["*bold* _it_ ~no~ `code`", "bold it no code"],
  ["orders_enrich_v2 and 2*3*4 stay", "orders_enrich_v2 and 2*3*4 stay"],
  [`<@${BEN}> <!subteam^${APPROVERS}> <#${FLINK_OPS}> <!here>`, "@Ben @flink-approvers #flink-ops @here"],
  ["<https://x.example/?a=1&amp;b=2|there> <https://y.example>", "there https://y.example"],
  ["<!date^1760000000^{time}|08:53 UTC>", "08:53 UTC"],
  ["_Savepoint_: `s3://b/_entropy_/<r1>`", "Savepoint: s3://b/_entropy_/<r1>"],
  ["a\n&gt; b\n&gt; c\nd", "a\n> b\n> c\nd"],
  ["&lt;!channel&gt; &amp;amp;", "<!channel> &amp;"],
])("%s reads %s", (mrkdwn, words) => {
  expect(plainMrkdwn(state, mrkdwn)).toBe(words);
});

test("blocks read from top to bottom, and buttons are found wherever they are", () => {
  const button = (action_id: string) => ({ type: "button", action_id, text: plain(action_id) });
  const blocks = [
    { type: "header", block_id: "a", text: plain("Stop") },
    {
      type: "section",
      block_id: "b",
      text: { type: "mrkdwn", text: "*orders*" },
      fields: [plain("p = 4")],
      accessory: button("one"),
    },
    {
      type: "table",
      block_id: "c",
      rows: [
        [
          { type: "raw_text", text: "x" },
          { type: "raw_text", text: "y" },
        ],
      ],
    },
    { type: "actions", block_id: "d", elements: [button("two"), button("three")] },
    {
      type: "container",
      block_id: "e",
      child_blocks: [{ type: "actions", block_id: "f", elements: [button("four")] }],
    },
  ];
  expect(plainMessage(state, "ignored", blocks)).toBe(
    "Stop\norders\np = 4\n[one]\nx | y\n[two] [three]\n[four]",
  );
  expect(controlsOf(state, blocks).map((one) => [one.blockId, one.actionId])).toEqual([
    ["b", "one"],
    ["d", "two"],
    ["d", "three"],
    ["f", "four"],
  ]);
});
