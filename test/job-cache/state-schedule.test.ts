import { expect, test } from "vitest";
import { dueOf, markOf, type Planned, waitMs } from "../../src/job-cache/state-schedule.ts";
import type { JobSummary } from "../../src/model/flink-jobs.ts";
import { aSummary } from "../fakes/flink-reads.ts";

const AGES = { least: 10_000, most: 60_000 };
const SECOND = 1000;

test.each<[string, { intervalMs: number | null; sinceMs: number; waits: number }]>([
  ["no periodic checkpoints", { intervalMs: null, sinceMs: 0, waits: 60 }],
  ["every second: about ten are missed", { intervalMs: 1, sinceMs: 0.5, waits: 10 }],
  ["every 2 s", { intervalMs: 2, sinceMs: 0.5, waits: 16 }],
  ["every 5 s: after the eighth that is to come", { intervalMs: 5, sinceMs: 2, waits: 41 }],
  ["every 10 s: after the sixth that is to come", { intervalMs: 10, sinceMs: 3, waits: 60 }],
  ["every minute: as soon as the next one is complete", { intervalMs: 60, sinceMs: 20, waits: 43 }],
  ["every minute, and the next one is due", { intervalMs: 60, sinceMs: 58, waits: 10 }],
  ["every five minutes: somebody may write a savepoint", { intervalMs: 300, sinceMs: 0, waits: 60 }],
  ["every five minutes, soon", { intervalMs: 300, sinceMs: 270, waits: 33 }],
  ["just overdue", { intervalMs: 60, sinceMs: 61, waits: 10 }],
  ["overdue by 30 s", { intervalMs: 60, sinceMs: 90, waits: 30 }],
  ["overdue by an hour: its checkpoints fail", { intervalMs: 60, sinceMs: 3600, waits: 60 }],
  ["overdue by an hour, every 3 s", { intervalMs: 3, sinceMs: 3600, waits: 24 }],
])("a job with checkpoints %s", (_which, { intervalMs, sinceMs, waits }) => {
  const job = { intervalMs: intervalMs === null ? null : intervalMs * SECOND, sinceMs: sinceMs * SECOND };
  expect(waitMs(job, AGES)).toBe(waits * SECOND);
});

const AT = 1_000_000;
const job = (jobId: string, over: Partial<JobSummary> = {}): JobSummary => aSummary({ jobId, ...over });
const planned = (of: JobSummary, over: Partial<Planned> = {}): [string, Planned] => [
  of.jobId,
  { mark: markOf(of), readAt: AT - 5000, due: AT + 20_000, ...over },
];
const dueAt = (
  jobs: readonly JobSummary[],
  plans: readonly [string, Planned][],
  soonest = Number.POSITIVE_INFINITY,
): readonly string[] => dueOf(jobs, new Map(plans), { at: AT, soonest }).map((d) => d.job.jobId);

test("the age alone changes nothing, and is nothing that a job is read for", () => {
  const orders = job("a", { ageMs: 1000 });
  expect(dueAt([{ ...orders, ageMs: 9000 }], [planned(orders)])).toEqual([]);
});

test.each<[string, Partial<JobSummary>]>([
  ["its state", { state: "RESTARTING" }],
  ["its start, as after a fail-over of the JobManager", { startedAt: 7 }],
  ["what its tasks did last", { lastModifiedAt: 7 }],
  ["its running tasks", { tasks: { total: 1, running: 0, finished: 0, failed: 0 } }],
])("a job is read at once where the overview tells something else of %s", (_what, change) => {
  const orders = job("a");
  expect(dueAt([{ ...orders, ...change }], [planned(orders)])).toEqual(["a"]);
});

test("new and ended ones come first, then the most overdue", () => {
  const [late, later, ended, fresh] = [job("late"), job("later"), job("ended"), job("new")];
  const jobs = [late, later, { ...ended, state: "FAILED" as const }, fresh];
  const plans = [planned(late, { due: AT - 1 }), planned(later, { due: AT - 2 }), planned(ended)];
  expect(dueAt(jobs, plans)).toEqual(["ended", "new", "later", "late"]);
});

test("one that has ended is read once, whoever watches", () => {
  const ended = job("a", { state: "CANCELED" });
  const plan = planned(ended, { due: Number.POSITIVE_INFINITY });
  expect(dueAt([ended], [plan], 0)).toEqual([]);
});

test("where states are to be new, one that is planned for later is read now", () => {
  const orders = job("a");
  expect(dueAt([orders], [planned(orders)], 10_000)).toEqual([]);
  expect(dueAt([orders], [planned(orders)], 5000)).toEqual(["a"]);
});
