import { describe, expect, test } from "vitest";
import { t } from "../../src/model/text.ts";
import { answer } from "../../src/slack/answer-message.ts";
import { view } from "./a-record.ts";
import { buttonsOf, textOf } from "./read-message.ts";

describe("answers", () => {
  test("a table is a line per row below the names of its columns", () => {
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
    expect(textOf(message)).toBe(
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
