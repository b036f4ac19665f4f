import { expect, it } from "vitest";
import { Newest } from "../../src/requests/record/newest.ts";

it("knows the newest revision of each request", () => {
  const newest = new Newest<{ rev: number }>();
  expect(newest.above("r1", 0)).toBeNull();
  newest.saw("r1", { rev: 3 });
  newest.saw("r1", { rev: 2 });
  expect(newest.above("r1", 2)).toEqual({ rev: 3 });
  expect(newest.above("r1", 3)).toBeNull();
  expect(newest.above("r2", 0)).toBeNull();
});

it("forgets the one that was seen longest ago", () => {
  const newest = new Newest<{ rev: number }>();
  newest.saw("first", { rev: 1 });
  newest.saw("second", { rev: 1 });
  newest.saw("first", { rev: 2 });
  for (let i = 0; i < 1999; i += 1) newest.saw(`r${i}`, { rev: 1 });
  expect(newest.above("first", 0)).toEqual({ rev: 2 });
  expect(newest.above("second", 0)).toBeNull();
});
