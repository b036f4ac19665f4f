import fc from "fast-check";
import { expect, test } from "vitest";
import type { Span, Text } from "../../src/model/text.ts";
import { mrkdwn, type Names, plainText } from "../../src/slack/text.ts";

const OBEYED =
  "<!channel> <!here|x> <@U0EVE00001> <#C1> <https://evil.example|ok> < > & &lt; | * _ ~ ` ``` :fire: !channel> @U0EVE00001> subteam^S1>".split(
    " ",
  );
const SEEN_OTHERWISE = ["\n> ", "\n", "\t", "\u202e", "\u200b", "\0", "\ud83d", "👩‍👩‍👧"];
const WORDS = ["orders", " ", "ß", "password=hunter2 ", "https://a:b@c/"];
const foreign = fc.oneof(
  fc
    .array(fc.constantFrom(...OBEYED, ...SEEN_OTHERWISE, ...WORDS), { maxLength: 8 })
    .map((all) => all.join("")),
  fc.string({ unit: "binary", maxLength: 30 }),
);
const plainSpan: fc.Arbitrary<Span> = fc.oneof(
  foreign,
  foreign.map((b) => ({ b })),
  foreign.map((code) => ({ code })),
);
const ownSpan: fc.Arbitrary<Span> = fc.oneof(
  fc.oneof(fc.constantFrom("U0ANA00001", "W012A3CDE"), foreign).map((person) => ({ person })),
  fc.oneof(fc.constant("S0APPROVE1"), foreign).map((group) => ({ group })),
  fc.oneof(fc.constantFrom(0, 1.8e12, -1, Number.NaN, 1e300), fc.integer()).map((at) => ({ at })),
  fc
    .record({
      link: fc.oneof(fc.constantFrom("https://x.example/", "javascript:x"), fc.webUrl(), foreign),
      label: foreign,
    })
    .map((span) => span),
);
const plainTexts: fc.Arbitrary<Text> = fc.oneof(foreign, fc.array(plainSpan, { maxLength: 6 }));
const texts: fc.Arbitrary<Text> = fc.array(fc.oneof(plainSpan, ownSpan), { maxLength: 6 });
const most = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom(300, 700, 3000));
const names: Names = { person: (user) => `<!channel> ${user}`, group: () => null };
const bracketed = (text: string): readonly string[] => text.match(/<[^<>]*>/gu) ?? [];

test("foreign text is obeyed nowhere: no angle bracket is left of it, and no & that is not an escape", () => {
  fc.assert(
    fc.property(plainTexts, most, (text, limit) => {
      const out = mrkdwn(text, { most: limit });
      expect(out).not.toMatch(/[<>]/u);
      expect(out).not.toMatch(/&(?!(?:amp|lt|gt);)/u);
    }),
    { numRuns: 1500 },
  );
});

test("the text between angle brackets is one of our own spans, complete", () => {
  fc.assert(
    fc.property(texts, most, (text, limit) => {
      const out = mrkdwn(text, { most: limit });
      const own = (typeof text === "string" ? [] : text).flatMap((span) =>
        typeof span === "string" || "b" in span || "code" in span
          ? []
          : bracketed(mrkdwn([span], { most: 10_000 })),
      );
      expect(bracketed(out).filter((span) => !own.includes(span))).toEqual([]);
      expect(out.replaceAll(/<[^<>]*>/gu, "")).not.toMatch(/[<>]/u);
      for (const span of bracketed(out))
        expect(span).toMatch(
          /^<(?:@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!date\^-?\d+\^[^<>]*|https?:\/\/[^<>|]*\|[^<>|]*)>$/u,
        );
    }),
    { numRuns: 1500 },
  );
});

test("with names nobody is mentioned, whatever the names are", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(mrkdwn(text, { most: 3000, names })).not.toMatch(/<[@!#](?!date\^)/u);
    }),
    { numRuns: 800 },
  );
});

test("no text is longer than it may be, and none shows what cannot be seen", () => {
  fc.assert(
    fc.property(texts, most, (text, limit) => {
      for (const out of [
        mrkdwn(text, { most: limit }),
        mrkdwn(text, { most: limit, names }),
        plainText(text, limit),
      ]) {
        // an ellipsis where nothing fits at all
        expect(out.length).toBeLessThanOrEqual(Math.max(limit, 1));
        expect(["\0", "\u202e", "\u200b"].filter((c) => out.includes(c))).toEqual([]);
        expect(out).not.toMatch(/\p{Cs}/u);
      }
    }),
    { numRuns: 1500 },
  );
});

test("no secret is shown, whatever the look of the span", () => {
  const secret = fc.stringMatching(/^[a-z0-9]{6}[A-Z]{6}[0-9]{4}$/u);
  fc.assert(
    fc.property(secret, plainTexts, (s, around) => {
      for (const span of [
        `password=${s}`,
        { b: `token: ${s}` },
        { code: `--api-key ${s}` },
        { code: `https://a:${s}@h/` },
      ]) {
        const text: Text = [...(typeof around === "string" ? [around] : around), " ", span];
        expect(mrkdwn(text, { most: 3000 })).not.toContain(s);
        expect(plainText(text, 3000)).not.toContain(s);
      }
    }),
    { numRuns: 500 },
  );
});
