import { describe, expect, it } from "vitest";
import { isoTime, utcTime } from "../../src/model/instant.ts";
import { plain, t } from "../../src/model/text.ts";

const NONE = [Number.NaN, 1e21, -8.64e15 - 1, Number.POSITIVE_INFINITY];

describe("a number that is no time", () => {
  it.each(NONE)("%s is shown as a question mark, and throws nothing", (at) => {
    expect([isoTime(at), utcTime(at, "minutes"), plain(t`at ${{ at }}`)]).toEqual(["?", "?", "at ?"]);
  });
});

it("is shown to the minute, to the second, or as ISO 8601 has it", () => {
  const at = Date.UTC(2026, 0, 31, 10, 5, 7);
  expect([utcTime(at, "minutes"), utcTime(at, "seconds"), isoTime(at)]).toEqual([
    "2026-01-31 10:05 UTC",
    "2026-01-31 10:05:07 UTC",
    "2026-01-31T10:05:07.000Z",
  ]);
});
