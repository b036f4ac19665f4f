import { describe, expect, it } from "vitest";
import type { Sighting } from "../../src/model/flink-jobs.ts";
import { isOutOfTheWay } from "../../src/operations/phases/unreachable.ts";

const cases: readonly [string, Sighting, boolean][] = [
  ["runs", { is: "alive", state: "RUNNING" }, false],
  ["is being cancelled", { is: "alive", state: "CANCELLING" }, false],
  ["has ended", { is: "ended", state: "CANCELED" }, true],
  ["is not listed just now", { is: "absent", forMs: 0, answers: 1, by: ["a"] }, false],
  ["is not listed for a while, by one answer", { is: "absent", forMs: 60_000, answers: 2, by: ["a"] }, false],
  ["is not listed for long", { is: "absent", forMs: 60_000, answers: 3, by: ["a", "b"] }, true],
  ["is not listed by another JobManager", { is: "absent", forMs: 600_000, answers: 99, by: ["b"] }, false],
  ["is not listed by nobody knows whom", { is: "absent", forMs: 600_000, answers: 99, by: null }, false],
  ["cannot be asked about", { is: "unanswered", forMs: 600_000, refused: false }, false],
];

describe("a job that we have ended is out of the way", () => {
  it.each(cases)("where it %s", (_, seen, expected) => {
    expect(isOutOfTheWay(seen, { accepted: ["a"], absentFor: 60_000 })).toBe(expected);
  });

  it("never where it is not known which JobManagers accepted that", () => {
    const seen: Sighting = { is: "absent", forMs: 600_000, answers: 99, by: ["a"] };
    expect(isOutOfTheWay(seen, { accepted: null, absentFor: 60_000 })).toBe(false);
  });
});
