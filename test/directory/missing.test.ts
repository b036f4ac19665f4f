import { expect, test } from "vitest";
import type { JobSummary } from "../../src/flink/reads.ts";
import { missingAfter } from "../../src/directory/missing.ts";

const orders: JobSummary = {
  jobId: "3f9c0000000000000000000000000001",
  name: "orders",
  state: "RUNNING",
  startedAt: 0,
  endedAt: null,
  lastModifiedAt: 0,
  tasks: { total: 1, running: 1, finished: 0, failed: 0 },
  scheduler: null,
  jobType: null,
};
const MISSING = { jobId: orders.jobId, name: orders.name };
const before = { jobs: [orders], missing: [], readAt: 0, unreachableSince: null };

test("what was alive and is not listed is missing, for as long as readings follow each other", () => {
  const first = missingAfter(before, [], 5000);
  expect(first).toEqual([{ ...MISSING, since: 5000, answers: 1 }]);
  const last = { jobs: [], missing: first, readAt: 5000, unreachableSince: null };
  expect(missingAfter(last, [], 20_000)).toEqual([{ ...MISSING, since: 5000, answers: 2 }]);
  expect(missingAfter(last, [orders], 20_000)).toEqual([]);
});

test.each([
  ["nobody answered in between: Flink may have failed over", { readAt: 5000, unreachableSince: 10_000 }],
  ["nobody looked for long", { readAt: 5000, unreachableSince: null }],
])("it counts anew where %s", (_why, { readAt, unreachableSince }) => {
  const missing = [{ ...MISSING, since: 5000, answers: 7 }];
  const at = unreachableSince === null ? 40_000 : 15_000;
  expect(missingAfter({ jobs: [], missing, readAt, unreachableSince }, [], at)).toEqual([
    { ...MISSING, since: at, answers: 1 },
  ]);
});

test("what had ended is not missed", () => {
  expect(missingAfter({ ...before, jobs: [{ ...orders, state: "CANCELED" }] }, [], 1)).toEqual([]);
});
