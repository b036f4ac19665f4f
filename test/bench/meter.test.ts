import { describe, expect, it } from "vitest";
import { lateness } from "./meter.ts";

describe("how late polls are", () => {
  const window = { from: 100_000, to: 130_000 };
  const of = (...times: number[]): number[] => lateness(new Map([["a", times]]), window, 5000);

  it.each<[string, number[], number[]]>([
    ["on time", [104_000, 109_000, 114_000, 119_000, 124_000, 129_000], [0, 0, 0, 0, 0]],
    ["late once", [104_000, 109_000, 116_000, 121_000, 126_000], [0, 2000, 0, 0]],
    ["late at the beginning and at the end", [108_000, 113_000], [0, 3000, 12_000]],
    ["that never come", [], [25_000]],
  ])("tells of polls %s", (_what, times, late) => {
    expect(of(...times)).toEqual(late);
  });

  it("tells of each thing that is polled", () => {
    const polls = new Map([
      ["a", [104_000]],
      ["b", []],
    ]);
    expect(lateness(polls, { from: 100_000, to: 108_000 }, 5000)).toEqual([3000]);
  });
});
