import fc from "fast-check";
import { expect, test } from "vitest";
import { changedBinds, digestOf, sameBinds } from "../../src/approvals/binding.ts";
import type { Intent, Json } from "../../src/operations/operation.ts";
import type { Span } from "../../src/operations/text.ts";
import { canonical } from "../../src/requests/audit.ts";

/** What the digest is taken of: the arguments of `digestOf`. */
type Input = Parameters<typeof digestOf>;

const word = fc.string({ maxLength: 12 });
const span: fc.Arbitrary<Span> = fc.oneof(
  word,
  word.map((b) => ({ b })),
  word.map((code) => ({ code })),
);
const text = fc.oneof(word, fc.array(span, { maxLength: 4 }));
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    word,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(word, tie("json"), { maxKeys: 3 }),
  ),
}));
const intents: fc.Arbitrary<Intent> = fc.record({
  headline: text,
  losses: fc.array(text, { maxLength: 3 }),
  warnings: fc.array(text, { maxLength: 2 }),
  details: fc.array(text, { maxLength: 2 }),
  binds: json,
  facts: fc.dictionary(word, json, { maxKeys: 2 }),
});
const inputs: fc.Arbitrary<Input> = fc.tuple(fc.stringMatching(/^r[0-9a-f]{31}$/u), intents);

/** Every part of what somebody agrees to. A part that `digestOf` is given more of gets a line here. */
const PARTS: Readonly<Record<string, (input: Input, other: Input) => Input>> = {
  "the request": ([, intent], [id]) => [id, intent],
  "its headline": ([id, intent], [, { headline }]) => [id, { ...intent, headline }],
  "what it costs": ([id, intent], [, { losses }]) => [id, { ...intent, losses }],
  "what is bound": ([id, intent], [, { binds }]) => [id, { ...intent, binds }],
};

test.each(Object.entries(PARTS))(
  "another value of %s is another digest, the same one is the same",
  (_, change) => {
    fc.assert(
      fc.property(inputs, inputs, (input, other) => {
        const changed = change(input, other);
        const isSame = canonical(changed) === canonical(input);
        expect(digestOf(...changed) === digestOf(...input)).toBe(isSame);
      }),
      { numRuns: 500 },
    );
  },
);

/** One change somewhere inside of a value. */
function nudged(value: Json, pick: number): Json {
  if (Array.isArray(value)) {
    if (value.length === 0 || pick % 3 === 0) return [...value, null];
    const at = pick % value.length;
    return value.map((item: Json, i) => (i === at ? nudged(item, Math.floor(pick / 3)) : item));
  }
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value);
    const key = keys[pick % Math.max(1, keys.length)];
    const entries = new Map(Object.entries(value));
    if (key === undefined || pick % 3 === 0) return Object.fromEntries([...entries, [`${key ?? ""}+`, 0]]);
    return Object.fromEntries(
      [...entries].map(([k, v]) => [k, k === key ? nudged(v, Math.floor(pick / 3)) : v]),
    );
  }
  return [value];
}

test("the smallest change of what is bound, however deep, is another digest and is not the same binds", () => {
  fc.assert(
    fc.property(inputs, fc.nat(), ([id, intent], pick) => {
      const moved: Intent = { ...intent, binds: nudged(intent.binds, pick) };
      if (canonical(moved.binds) === canonical(intent.binds)) return;
      expect(digestOf(id, moved)).not.toBe(digestOf(id, intent));
      expect(sameBinds(intent, moved)).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test("the order of keys, and a way through Redis, change nothing", () => {
  const turned = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(turned);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([k, v]) => [k, turned(v)]),
    );
  };
  fc.assert(
    fc.property(inputs, ([id, intent]) => {
      const stored = JSON.parse(JSON.stringify({ ...intent, binds: turned(intent.binds) })) as Intent;
      expect(digestOf(id, stored)).toBe(digestOf(id, intent));
      expect(sameBinds(intent, stored)).toBe(true);
      expect(changedBinds(intent, stored)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test("what has changed is named wherever both are made of parts", () => {
  const binds = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/u), json, { maxKeys: 4 });
  fc.assert(
    fc.property(intents, binds, binds, (intent, before, after) => {
      const [old, fresh] = [
        { ...intent, binds: before },
        { ...intent, binds: after },
      ];
      expect(changedBinds(old, fresh).length > 0).toBe(!sameBinds(old, fresh));
    }),
    { numRuns: 500 },
  );
});
