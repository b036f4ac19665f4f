import { expect, it } from "vitest";
import { race } from "../contract/redis/races/race.ts";

it("500 rounds of 200 clickers each: one decision, one story", async () => {
  const { endings, fenced } = await race(500, () => 200);
  expect(endings).toEqual(new Set(["ran", "denied", "expired", "withdrawn", null]));
  expect(fenced).toBeGreaterThan(5000);
}, 1_800_000);
