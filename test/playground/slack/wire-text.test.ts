import { expect, test } from "vitest";
import { SlackState } from "../../../playground/slack/state.ts";
import { wireText } from "../../../playground/slack/wire-text.ts";
import { ANA, APPROVERS, BOT, defaultSeed, RANDOM } from "../../../playground/slack/workspace-seed.ts";

const state = new SlackState(defaultSeed());

test.each([
  ["@ana", `<@${ANA}|ana>`],
  ["(@flink-approvers)", `(<!subteam^${APPROVERS}>)`],
  ["#random, #nothing", `<#${RANDOM}|random>, #nothing`],
  ["@nobody @channel", "@nobody <!channel>"],
  ["a<b>c&d", "a&lt;b&gt;c&amp;d"],
  ["see https://x.example/?a=1&b=2.", "see <https://x.example/?a=1&amp;b=2>."],
  ["<https://x.example>", "&lt;<https://x.example>&gt;"],
  ["mail ops@example.com", "mail <mailto:ops@example.com|ops@example.com>"],
  ["job orders.io", "job <http://orders.io|orders.io>"],
  ["s3://bucket.io/x hdfs://nn.example.com:8020/y", "s3://bucket.io/x hdfs://nn.example.com:8020/y"],
  ["orders.v2 1.5 a.b", "orders.v2 1.5 a.b"],
])("the command text %s arrives as %s", (typed, wire) => {
  expect(wireText(state, typed, "command")).toBe(wire);
});

test("a message names people by id alone", () => {
  expect(wireText(state, "@flink list", "message")).toBe(`<@${BOT}> list`);
});
