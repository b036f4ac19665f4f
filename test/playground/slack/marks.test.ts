import { describe, expect, it, test } from "vitest";
import { slackDate } from "../../../playground/slack/page/dates.js";
import { type Mark, parseMarks } from "../../../playground/slack/page/marks.js";

const text = (words: string): Mark => ({ kind: "text", text: words });
const code = (words: string): Mark => ({ kind: "code", text: words });

/** No zone in the text: each machine has its own. */
const at = (when: string): number => new Date(when).getTime() / 1000;

describe("mrkdwn", () => {
  test.each<[string, string, Mark[]]>([
    [
      "underscores inside code",
      "Savepoint: `s3://savepoints/entropy/_entropy_/r1`",
      [text("Savepoint: "), code("s3://savepoints/entropy/_entropy_/r1")],
    ],
    ["marks of every kind inside code", "`*a* _b_ ~c~ :tada: &lt;x&gt;`", [code("*a* _b_ ~c~ :tada: <x>")]],
    [
      "marks on both sides of code",
      "_from `a_b` to `c_d`_",
      [{ kind: "italic", inner: [text("from "), code("a_b"), text(" to "), code("c_d")] }],
    ],
    ["a mark before code and one inside", "_x `a_` b", [text("_x "), code("a_"), text(" b")]],
    ["an angle inside code", "`<https://x.example|there>`", [code("<https://x.example|there>")]],
    [
      "a block with lines that look like quotes",
      "```\n> one\n_two_```",
      [{ kind: "pre", text: "> one\n_two_" }],
    ],
    ["names with underscores, and sums", "orders_enrich_v2 is 2*3*4", [text("orders_enrich_v2 is 2*3*4")]],
    [
      "a mark around a name",
      "*<@U1> and <!subteam^S1|ops>*",
      [
        {
          kind: "bold",
          inner: [
            { kind: "user", id: "U1", label: "" },
            text(" and "),
            { kind: "group", id: "S1", label: "ops" },
          ],
        },
      ],
    ],
    [
      "underscores around a date",
      "_asked <!date^1795341600^{date_short_pretty} {time}|10:00 UTC>_",
      [
        {
          kind: "italic",
          inner: [
            text("asked "),
            {
              kind: "date",
              seconds: 1_795_341_600,
              format: "{date_short_pretty} {time}",
              url: null,
              fallback: "10:00 UTC",
            },
          ],
        },
      ],
    ],
    [
      "a quote between lines",
      "a\n&gt; b\n&gt; _c_\nd",
      [
        text("a"),
        {
          kind: "quote",
          inner: [text("b"), { kind: "break" }, { kind: "italic", inner: [text("c")] }],
        },
        text("d"),
      ],
    ],
    ["an open backtick", "a `b _c_", [text("a `b "), { kind: "italic", inner: [text("c")] }]],
  ])("%s", (_, mrkdwn, marks) => {
    expect(parseMarks(mrkdwn)).toEqual(marks);
  });

  it("is not led astray by the characters that it uses itself", () => {
    expect(parseMarks("a\uE0000\uE001 `b`")).toEqual([text("a0 "), code("b")]);
  });
});

describe("dates", () => {
  const now = at("2026-11-27T18:30:00");

  test.each([
    ["2026-11-27T18:27:09", "{date_pretty} at {time}", "Today at 18:27"],
    ["2026-11-27T00:00:00", "{date_short_pretty} {time_secs}", "Today 00:00:00"],
    ["2026-11-26T23:59:00", "{date_pretty} at {time}", "Yesterday at 23:59"],
    ["2026-11-28T08:05:00", "expires {date_long_pretty}, {time}", "expires tomorrow, 08:05"],
    ["2026-11-25T18:27:00", "{date_pretty} at {time}", "November 25 at 18:27"],
    ["2026-11-25T18:27:00", "{date_short_pretty}", "Nov 25, 2026"],
    ["2026-11-22T18:27:00", "{date_long}", "Sunday, November 22nd, 2026"],
    ["2026-11-22T18:27:00", "{day_divider_pretty}", "Sunday, November 22nd"],
    ["2025-11-13T18:27:00", "{day_divider_pretty}", "Thursday, November 13th, 2025"],
    [
      "2026-11-27T23:30:00",
      "{date_num} {date_slash} {date_long_full}",
      "2026-11-27 27/11/2026 November 27, 2026",
    ],
    ["2026-11-27T18:27:00", "{ago}", "3 minutes ago"],
    ["2026-11-27T18:29:55", "{ago}", "5 seconds ago"],
    ["2026-11-27T18:27:00", "{no_such} {time}", "{no_such} 18:27"],
  ])("%s as %s is %s", (when, format, words) => {
    expect(slackDate(at(when), format, now)).toBe(words);
  });

  it("are none where there is no number", () => {
    expect(slackDate(Number("x"), "{time}", now)).toBeNull();
  });
});
