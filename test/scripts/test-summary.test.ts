import { expect, it } from "vitest";
import { type FileResult, summarise } from "../../scripts/test-summary.ts";

const file = (name: string, seconds: number, ...statuses: string[]): FileResult => ({
  name,
  status: statuses.includes("failed") || statuses.length === 0 ? "failed" : "passed",
  startTime: 0,
  endTime: seconds * 1_000,
  assertionResults: statuses.map((status) => ({ status })),
});

it.each<[name: string, files: FileResult[], success: boolean, line: string, good: boolean]>([
  [
    "all passed",
    [file("test/a.test.ts", 1, "passed", "passed")],
    true,
    "2 passed, 0 failed, 0 skipped",
    true,
  ],
  [
    "one failed",
    [file("test/a.test.ts", 1, "passed", "failed")],
    false,
    "1 passed, 1 failed, 0 skipped",
    false,
  ],
  [
    "one skipped",
    [file("test/a.test.ts", 1, "passed", "pending")],
    true,
    "1 passed, 0 failed, 1 skipped",
    false,
  ],
  ["one to do", [file("test/a.test.ts", 1, "passed", "todo")], true, "1 passed, 0 failed, 1 skipped", false],
  ["a file that does not load", [file("test/a.test.ts", 1)], false, "0 passed, 1 failed, 0 skipped", false],
  [
    "an error outside of tests",
    [file("test/a.test.ts", 1, "passed")],
    false,
    "1 passed, 1 failed, 0 skipped",
    false,
  ],
  ["nothing ran", [], true, "0 passed, 0 failed, 0 skipped", false],
])("sums up: %s", (_, files, success, line, good) => {
  const summary = summarise([{ success, files }]);
  expect(summary.lines.at(-1)).toBe(line);
  expect(summary.good).toBe(good);
});

it("tells the time of each suite, and of the files that take long", () => {
  const files = [
    file("test/contract/flink.test.ts", 60, "passed"),
    file("test/contract/redis.test.ts", 2, "passed"),
    file("test/log.test.ts", 1, "passed"),
  ];
  expect(summarise([{ success: true, files }]).lines).toEqual([
    "   62.0 s  test/contract (2 files)",
    "              60.0 s  test/contract/flink.test.ts",
    "    1.0 s  test/log (1 files)",
    "3 passed, 0 failed, 0 skipped",
  ]);
});

it("adds up several runs, each of which has to run tests and to pass", () => {
  const all = { success: true, files: [file("test/a.test.ts", 1, "passed", "passed")] };
  const other = { success: true, files: [file("Node 24/test/a.test.ts", 6, "passed")] };
  expect(summarise([all, other])).toEqual({
    lines: [
      "    6.0 s  Node 24/test (1 files)",
      "               6.0 s  Node 24/test/a.test.ts",
      "    1.0 s  test/a (1 files)",
      "3 passed, 0 failed, 0 skipped",
    ],
    good: true,
  });
  const unended = summarise([all, { success: false, files: [] }]);
  expect([unended.lines.at(-1), unended.good]).toEqual(["2 passed, 1 failed, 0 skipped", false]);
  expect(summarise([all, { success: true, files: [] }]).good).toBe(false);
});
