import { describe, expect, test } from "vitest";
import { type Span, t } from "../../src/model/text.ts";
import { escapeWithin } from "../../src/slack/escape.ts";
import { truncate } from "../../src/slack/limits.ts";
import { bold, mrkdwn, plainText } from "../../src/slack/text.ts";

const shown = (text: Parameters<typeof mrkdwn>[0], most = 500): string => mrkdwn(text, { most });

describe("foreign text in mrkdwn", () => {
  test.each([
    ["shows a broadcast instead of obeying it", "<!channel>", "&lt;!channel&gt;"],
    ["shows a mention instead of obeying it", "<@U0ANA00001>", "&lt;@U0ANA00001&gt;"],
    ["escapes an ampersand once", "a&b &amp;", "a&amp;b &amp;amp;"],
    ["shows asterisks, tildes and backticks", "*a* ~b~ `c`", "∗a∗ ∼b∼ ˋcˋ"],
    ["leaves underscores inside a word", "my_job_name", "my_job_name"],
    ["shows underscores around a word", "_mine_", "ˍmineˍ"],
    ["shows the name of an emoji", ":white_check_mark: done", "꞉white_check_mark: done"],
    ["leaves times and addresses", "at 10:15, hdfs://a:1/b", "at 10:15, hdfs://a:1/b"],
    ["is no quotation", "> said", "› said"],
    ["stays in one line", "orders\n✅ Approved", "orders ✅ Approved"],
    ["shows that the reading direction was turned", "or\u202esred", "or\ufffdsred"],
    ["shows that something invisible is there", "or\u200bders\u0007", "or\ufffdders\ufffd"],
    ["survives half a character", "a\ud83d", "a\ufffd"],
  ])("%s", (_name, foreign, expected) => {
    expect(shown(foreign)).toBe(expected);
  });

  test("cannot leave a code span", () => {
    expect(shown([{ code: "a`<b>*c*" }])).toBe("`aˋ&lt;b&gt;*c*`");
  });
  test("cannot leave bold, and blanks stay outside of it", () => {
    expect(shown(["x", { b: " a*b " }, "y"])).toBe("x *a∗b* y");
    expect(shown([{ b: "  " }, { code: "" }])).toBe(" ");
  });
  test("cannot begin an emoji between two words", () => {
    expect(shown(t`${":fire"}${":"}`)).toBe("꞉fire:");
  });
});

describe("spans", () => {
  test("people, groups and times are Slack's own", () => {
    expect(
      shown([{ person: "U0ANA00001" }, " ", { group: "S0APPROVE1" }, " ", { at: 1_795_341_600_000 }]),
    ).toBe(
      "<@U0ANA00001> <!subteam^S0APPROVE1> <!date^1795341600^{date_short_pretty} {time}|2026-11-22 10:00 UTC>",
    );
  });
  test("what only pretends to be an id is shown", () => {
    expect(shown([{ person: "U1> <!channel" }, { group: "x" }])).toBe("U1&gt; &lt;!channelx");
  });
  test("a link goes to the web only, and cannot be ended from inside", () => {
    expect(shown([{ link: "javascript:alert(1)", label: "a" }])).toBe("a");
    expect(shown([{ link: "https://f.example/a?b=1&c=<|>", label: "a|b" }])).toBe(
      "<https://f.example/a?b=1&amp;c=%3C%7C%3E|a¦b>",
    );
  });
  test("names stand where a mention would ring somebody", () => {
    const names = { person: () => "Ana <A>", group: () => null };
    expect(mrkdwn([{ person: "U1" }, " ", { group: "S1" }], { most: 99, names })).toBe(
      "Ana &lt;A&gt; the approver group",
    );
  });
  test("bold is one run, also where an empty text is in between", () => {
    expect(shown(bold(t`Restart ${{ b: "orders" }}${""}, if it is healthy`))).toBe(
      "*Restart orders, if it is healthy*",
    );
  });
  test("bold leaves ids, people and links their own look", () => {
    expect(shown(bold(t`Stopped ${{ b: "orders" }} by ${{ person: "U1" }}`))).toBe(
      "*Stopped orders by* <@U1>",
    );
  });
});

describe("limits", () => {
  const spans: Span[] = [
    "<&>".repeat(20),
    { b: "*&".repeat(9) },
    { code: "`<".repeat(9) },
    { person: "U0ANA00001" },
    { at: 0 },
    { link: "https://a.example/", label: "x&".repeat(9) },
  ];
  test("no length cuts an entity, a span or a character", () => {
    for (let most = 0; most < 420; most++) {
      const text = shown(spans, most);
      expect(text.length).toBeLessThanOrEqual(most);
      expect(text.replace(/&(amp|lt|gt);/gu, "").includes("&")).toBe(false);
      const tags = text.match(/<[^<>]*>/gu) ?? [];
      expect(text.split("<").length - 1).toBe(tags.length);
      expect((text.match(/`/gu) ?? []).length % 2).toBe(0);
      expect((text.match(/\*/gu) ?? []).length % 2).toBe(0);
    }
  });
  test("what fits exactly is not cut", () => {
    expect(escapeWithin("a&b", 7)).toEqual({ text: "a&amp;b", cut: false });
    expect(escapeWithin("a&b", 6)).toEqual({ text: "a…", cut: true });
    expect(truncate("👍👍", 4)).toBe("👍👍");
    expect(truncate("👍👍👍", 5)).toBe("👍👍…");
    expect(plainText(["<b>", { code: "x" }], 10)).toBe("<b>x");
  });
});
