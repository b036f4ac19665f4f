import { expect, test } from "vitest";
import type { ProcessGroup } from "../../src/model/flink-cluster.ts";
import { missingAfter } from "../../src/job-cache/missing.ts";
import { aSummary } from "../fakes/flink-reads.ts";

const orders = aSummary();
const MISSING = { jobId: orders.jobId, name: orders.name, by: ["jm-1"] };
const before = { jobs: [orders], missing: [], readAt: 0, unreachableSince: null };
const by = (group: ProcessGroup) => async () => await Promise.resolve(group);
const JM_1 = by(["jm-1"]);
const unasked = async (): Promise<ProcessGroup> => await Promise.reject(new Error("asked"));

test("what was alive and is not listed is missing, for as long as readings follow each other", async () => {
  const first = await missingAfter(before, { jobs: [], at: 5000 }, JM_1);
  expect(first).toEqual([{ ...MISSING, since: 5000, answers: 1 }]);
  const last = { jobs: [], missing: first, readAt: 5000, unreachableSince: null };
  expect(await missingAfter(last, { jobs: [], at: 20_000 }, JM_1)).toEqual([
    { ...MISSING, since: 5000, answers: 2 },
  ]);
  expect(await missingAfter(last, { jobs: [orders], at: 20_000 }, JM_1)).toEqual([]);
});

test.each<[string, { readAt: number; unreachableSince: number | null; group: ProcessGroup }]>([
  [
    "nobody answered in between: Flink may have failed over",
    { readAt: 5000, unreachableSince: 10_000, group: ["jm-1"] },
  ],
  ["nobody looked for long", { readAt: 5000, unreachableSince: null, group: ["jm-1"] }],
  ["another JobManager answers", { readAt: 12_000, unreachableSince: null, group: ["jm-2"] }],
  ["who answers is not told any more", { readAt: 12_000, unreachableSince: null, group: null }],
])("it counts anew where %s", async (_why, { readAt, unreachableSince, group }) => {
  const missing = [{ ...MISSING, since: 5000, answers: 7 }];
  const at = unreachableSince === null && readAt === 5000 ? 40_000 : 15_000;
  const last = { jobs: [], missing, readAt, unreachableSince };
  expect(await missingAfter(last, { jobs: [], at }, by(group))).toEqual([
    { ...MISSING, since: at, answers: 1, by: group },
  ]);
});

test.each<[string, ProcessGroup]>([["two behind one address answer in turn", ["jm-1", "jm-2"]]])(
  "it continues where %s",
  async (_why, group) => {
    const last = {
      jobs: [],
      missing: [{ ...MISSING, since: 0, answers: 3 }],
      readAt: 0,
      unreachableSince: null,
    };
    expect(await missingAfter(last, { jobs: [], at: 5000 }, by(group))).toEqual([
      { ...MISSING, since: 0, answers: 4, by: group },
    ]);
  },
);

test("what had ended is not missed, and nobody is asked who answers", async () => {
  const ended = { ...before, jobs: [{ ...orders, state: "CANCELED" as const }] };
  expect(await missingAfter(ended, { jobs: [], at: 1 }, unasked)).toEqual([]);
});
