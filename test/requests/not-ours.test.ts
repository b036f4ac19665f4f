import { expect, it } from "vitest";
import { plain } from "../../src/model/text.ts";
import type { NotOurs } from "../../src/platform/seal.ts";
import { notOursLine, notOursWords } from "../../src/requests/record/not-ours.ts";

const found = (id: string): NotOurs => ({ kind: "record", id, why: "altered" });

it("names values to people, but not all of them", () => {
  const { refuse, instead = [] } = notOursWords([found("r1"), { ...found("prod/j1"), kind: "states" }]);
  expect(plain(refuse)).toContain("2 values are not as flinkops wrote");
  expect(instead.map(plain).slice(0, 2)).toEqual([
    "• request r1: its record was altered",
    "• states prod/j1 was altered",
  ]);
  const many = notOursWords(Array.from({ length: 40 }, (_, i) => found(`r${i}`)));
  expect(plain(many.refuse)).toContain("40 values");
  expect(many.instead?.map(plain)).toHaveLength(7);
  expect(many.instead?.map(plain)).toContain("… and 35 more");
});

it("writes one entry about a value: none where it has another, and short whatever the id is", () => {
  expect(notOursLine({ kind: "record", id: "r1", why: "older" }, 5)).toBeNull();
  expect(notOursLine({ kind: "audit", id: "entry 1-0", why: "no seal" }, 5)).toBeNull();
  const line = notOursLine({ kind: "intake", id: "x".repeat(1e6), why: "no seal" }, 5) ?? "";
  expect(line.length).toBeLessThan(1000);
  expect(JSON.parse(line)).toMatchObject({ at: 5, requestId: "", detail: { kind: "intake" } });
});
