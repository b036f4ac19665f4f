import { expect, it } from "vitest";
import { parseDuration } from "../../src/config/duration.ts";

it.each<[string, number | null]>([
  ["50ms", 50],
  ["10s", 10_000],
  [" 10 s ", 10_000],
  ["5m", 300_000],
  ["1.5h", 5_400_000],
  ["1d", 86_400_000],
  ["0s", 0],
  ["10", null],
  ["s", null],
  ["-1s", null],
  ["1e3s", null],
  ["1s1m", null],
  ["10 seconds", null],
  ["9999999s", null],
])("reads %j as %j", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});
