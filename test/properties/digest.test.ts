import fc from "fast-check";
import { expect, test } from "vitest";
import { type Agreed, changedBinds, digestOf, sameBinds } from "../../src/requests/record/binding.ts";
import type { Intent } from "../../src/model/intent.ts";
import type { Json } from "../../src/model/json.ts";
import type { Span } from "../../src/model/text.ts";
import { canonical } from "../../src/platform/canonical.ts";

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
const id = fc.stringMatching(/^[0-9a-f]{32}$/u);
const name = fc.stringMatching(/^[a-z-]{1,9}$/u);
const args = fc.dictionary(word, json, { maxKeys: 2 });
const intents: fc.Arbitrary<Intent> = fc.record({
  headline: text,
  losses: fc.array(text, { maxLength: 3 }),
  warnings: fc.array(text, { maxLength: 2 }),
  details: fc.array(text, { maxLength: 2 }),
  binds: json,
  facts: args,
});

/** Every part of what somebody agrees to; the type asks for one that is forgotten here. */
const PARTS: { readonly [K in keyof Agreed]: fc.Arbitrary<Agreed[K]> } = {
  id: id.map((hex) => `r${hex.slice(1)}`),
  operation: name,
  class: fc.constantFrom("view", "operate", "destructive"),
  args,
  target: fc.oneof(
    fc.record({ kind: fc.constant("job" as const), cluster: name, jobId: id, name: word }),
    fc.record({ kind: fc.constant("name" as const), cluster: name, name: word }),
    fc.record({ kind: fc.constant("path" as const), cluster: name, path: word }),
    fc.record({ kind: fc.constant("cluster" as const), cluster: name }),
  ),
  intent: intents,
};
const agreements: fc.Arbitrary<Agreed> = fc.record(PARTS);

test.each(Object.keys(PARTS))("another %s is another digest, the same one is the same", (part) => {
  fc.assert(
    fc.property(agreements, agreements, (agreed, other) => {
      const changed: Agreed = {
        ...agreed,
        ...Object.fromEntries(Object.entries(other).filter(([k]) => k === part)),
      };
      const isSame = canonical(changed) === canonical(agreed);
      expect(digestOf(changed) === digestOf(agreed)).toBe(isSame);
    }),
    { numRuns: 400 },
  );
});

test.each(["headline", "losses", "warnings", "details", "binds", "facts"])(
  "another %s on the card, or bound, is another digest",
  (part) => {
    fc.assert(
      fc.property(agreements, intents, (agreed, other) => {
        const own = Object.fromEntries(Object.entries(other).filter(([k]) => k === part));
        const changed: Agreed = { ...agreed, intent: { ...agreed.intent, ...own } };
        const isSame = canonical(changed) === canonical(agreed);
        expect(digestOf(changed) === digestOf(agreed)).toBe(isSame);
      }),
      { numRuns: 200 },
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

test("the smallest change of arguments or of what is bound, however deep, is another digest", () => {
  fc.assert(
    fc.property(agreements, fc.nat(), (agreed, pick) => {
      const { intent } = agreed;
      const moved: Intent = { ...intent, binds: nudged(intent.binds, pick) };
      const others: readonly Agreed[] = [
        { ...agreed, intent: moved },
        { ...agreed, args: { ...agreed.args, "": nudged(agreed.args[""] ?? null, pick) } },
      ];
      for (const other of others)
        expect(digestOf(other) === digestOf(agreed)).toBe(canonical(other) === canonical(agreed));
      expect(sameBinds(intent, moved)).toBe(canonical(intent.binds) === canonical(moved.binds));
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
    fc.property(agreements, (agreed) => {
      const { intent } = agreed;
      const stored = JSON.parse(
        JSON.stringify({ ...agreed, intent: { ...intent, binds: turned(intent.binds) } }),
      ) as Agreed;
      expect(digestOf(stored)).toBe(digestOf(agreed));
      expect(sameBinds(intent, stored.intent)).toBe(true);
      expect(changedBinds(intent, stored.intent)).toEqual([]);
    }),
    { numRuns: 400 },
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
