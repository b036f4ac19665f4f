import { describe, expect, test } from "vitest";
import type { Table } from "../../src/model/report.ts";
import { type Text, t } from "../../src/model/text.ts";
import { checkContent } from "../../playground/slack/validate/message.ts";
import { answer } from "../../src/slack/answer-message.ts";
import { AT, view } from "./a-record.ts";
import { buttonsOf, textOf } from "./read-message.ts";

const many = (rows: number, cell: Text) => ({
  head: ["job", "id"],
  rows: Array.from({ length: rows }, () => [cell, cell]),
});

/** The words of a cell. */
const wordsIn = (cell: unknown): string =>
  [...JSON.stringify(cell).matchAll(/"text":"((?:[^"\\]|\\.)*)"/gu)].map(([, text]) => text).join("");

const chart = (bars: number, label = "#", value = 1) => ({
  title: `Duration of ${"x".repeat(60)}`,
  quantity: "how long it took from end to end",
  of: "Checkpoint",
  bars: Array.from({ length: bars }, (_, i) => ({ label: `${label}${i}`, value })),
});

const charted = (...charts: readonly ReturnType<typeof chart>[]) =>
  answer({ outcome: "done", headline: "orders", lines: ["3 completed"], charts }, view);

describe("answers", () => {
  test.each<[string, Table]>([
    ["more rows than Slack takes", many(100, "x")],
    ["more characters than Slack takes", many(90, "x".repeat(60))],
    ["no columns", { head: [], rows: [["orders", "done"]] }],
    ["no rows", { head: ["job"], rows: [] }],
  ])("a table with %s is lines", (_, table) => {
    const message = answer({ outcome: "done", headline: "jobs", lines: [], table }, view);
    expect(message.older).toBeUndefined();
    expect(message.blocks.map((one) => one.type)).not.toContain("table");
  });
  test("charts are Slack's own, at most two and within its limits, and none for an older Slack", () => {
    const message = charted(chart(20), chart(1), chart(3));
    checkContent(message, 4000);
    expect(textOf(message)).toBe("*orders*\n\n3 completed\n\ndata_visualization\n\ndata_visualization");
    expect(textOf({ text: "", blocks: message.older?.() ?? [] })).toBe("*orders*\n\n3 completed");
  });
  test.each([
    ["no bars", chart(0)],
    ["more bars than Slack takes", chart(21)],
    ["a value that is no number", chart(2, "#", Number.NaN)],
    ["labels that are cut to the same", chart(2, "x".repeat(40))],
  ])("a chart with %s is left out", (_, one) => {
    expect(charted(one).blocks.map(({ type }) => type)).toEqual(["section", "section"]);
  });
  test("the rows' own words are shown where no columns can be", () => {
    const table = { head: ["Vertex", "Tasks"], rows: [["count", "2 of 2"]], lines: ["count: 2 of 2 tasks"] };
    const message = answer({ outcome: "done", headline: "orders", lines: [], table }, view);
    expect(textOf({ text: "", blocks: message.older?.() ?? [] })).toBe("*orders*\n\ncount: 2 of 2 tasks");
  });
  test("people, groups, times and links keep their kind in a cell", () => {
    const cells = [
      t`${{ person: "U0ANA00001" }}`,
      t`${{ group: "S0APPROVE1" }}`,
      t`${{ at: AT }}`,
      t`${{ link: "https://flink.example/a?b=1&c=2", label: "Flink" }}`,
      t`${{ person: "ana" }}`,
      t`${{ at: Number.NaN }}`,
      t`${{ link: "javascript:alert(1)", label: "no" }}`,
      "",
    ];
    const table = { head: cells.map((_, i) => `c${i}`), rows: [cells] };
    const message = answer({ outcome: "done", headline: "all", lines: [], table }, view);
    checkContent(message, 4000);
    const block = message.blocks.find((one) => one.type === "table");
    const kinds = block?.rows[1]?.flatMap((cell) =>
      cell.type === "rich_text"
        ? cell.elements.flatMap((part) =>
            part.type === "rich_text_section" ? part.elements.map((one) => one.type) : [],
          )
        : [],
    );
    expect(kinds).toEqual(["user", "usergroup", "date", "link", "text", "text", "text", "text"]);
  });
  test("a table is Slack's own, and a line per row below the names of its columns for an older Slack", () => {
    const message = answer(
      {
        outcome: "done",
        headline: "2 jobs",
        lines: [],
        table: {
          head: ["job", "id", "state"],
          rows: [
            ["orders", t`${{ code: "3f9c0000" }}`, "RUNNING"],
            ["<!here>", "x", "FAILED"],
          ],
        },
      },
      view,
    );
    expect(textOf(message)).toBe("*2 jobs*\n\ntable");
    const block = message.blocks.find((one) => one.type === "table");
    expect(block?.rows.map((row) => row.map(wordsIn))).toEqual([
      ["job", "id", "state"],
      ["orders", "3f9c0000", "RUNNING"],
      ["<!here>", "x", "FAILED"],
    ]);
    expect(textOf({ text: "", blocks: message.older?.() ?? [] })).toBe(
      "*2 jobs*\n\njob · id · state\n\n*orders* · `3f9c0000` · RUNNING\n*&lt;!here&gt;* · x · FAILED",
    );
  });
  test("an outcome other than done says so in a word", () => {
    const message = answer({ outcome: "failed", headline: "No checkpoint", lines: ["why"] }, view);
    expect(textOf(message)).toBe("❌ Failed: *No checkpoint*\n\nwhy");
    expect(message.text).toBe("Failed: No checkpoint\nwhy");
  });
  test("a refusal says what to do instead, with buttons", () => {
    const message = answer(
      {
        refuse: "No job is called ordrs.",
        instead: ["Did you mean one of these?"],
        offers: [{ label: "orders", operation: "status", args: { job: "prod/orders" } }],
      },
      view,
    );
    expect(textOf(message)).toBe("No job is called ordrs.\n\nDid you mean one of these?\n\n[orders]");
    expect(buttonsOf(message)[0]?.action_id).toBe("offer.0");
  });
});

test("a message of nothing but blanks has a text all the same, because Slack takes none without", () => {
  const { text, blocks } = answer({ refuse: " ", instead: [] }, view);
  expect(() => checkContent({ text, blocks }, 4000)).not.toThrow();
});
