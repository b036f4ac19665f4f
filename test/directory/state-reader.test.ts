import { expect, test } from "vitest";
import { keepStates } from "../../src/directory/state-reader.ts";
import type { KeptJob, States } from "../../src/directory/states.ts";
import type { JobSummary } from "../../src/flink/reads.ts";
import { aCheckpoint, checkpointsOf, FakeFlinkReads, JOB_ID, T0 } from "../fakes/flink-reads.ts";

const DAY_MS = 24 * 3_600_000;

class Kept implements States {
  readonly jobs = new Map<string, KeptJob>();
  read(): Promise<readonly KeptJob[]> {
    return Promise.resolve([...this.jobs.values()]);
  }
  write(_cluster: string, jobs: readonly KeptJob[], forget: readonly string[]): Promise<void> {
    for (const job of jobs) this.jobs.set(job.jobId, job);
    for (const id of forget) this.jobs.delete(id);
    return Promise.resolve();
  }
  paths(): readonly string[] {
    return (this.jobs.get(JOB_ID)?.states ?? []).map(
      (s) => `${s.isSavepoint ? "savepoint" : "checkpoint"} ${s.path}`,
    );
  }
}

const job = (over: Partial<JobSummary> = {}): JobSummary => ({
  jobId: JOB_ID,
  name: "orders",
  state: "RUNNING",
  startedAt: T0,
  endedAt: null,
  lastModifiedAt: T0,
  tasks: { total: 1, running: 1, finished: 0, failed: 0 },
  scheduler: null,
  jobType: null,
  ...over,
});
const sp = aCheckpoint({ id: 8, isSavepoint: true, path: "s3://b/sp" });

test("the last checkpoint and every savepoint; a fail-over that empties Flink's list loses nothing", async () => {
  const flink = new FakeFlinkReads();
  const kept = new Kept();
  flink.theCheckpoints = checkpointsOf(aCheckpoint({ id: 9, path: "file:/c/9" }), sp, aCheckpoint());
  await keepStates(flink, [job()], kept, T0);
  expect(kept.paths()).toEqual(["checkpoint file:/c/9", "savepoint s3://b/sp"]);
  flink.theCheckpoints = checkpointsOf();
  await keepStates(flink, [job()], kept, T0);
  expect(kept.paths()).toEqual(["checkpoint file:/c/9", "savepoint s3://b/sp"]);
  flink.theCheckpoints = checkpointsOf(aCheckpoint({ id: 10, path: "file:/c/10" }), {
    ...sp,
    discarded: true,
  });
  await keepStates(flink, [job()], kept, T0);
  expect(kept.paths()).toEqual(["checkpoint file:/c/10"]);
});

test("a job that has ended is looked at once more, and one that is gone is kept for a month", async () => {
  const flink = new FakeFlinkReads();
  const kept = new Kept();
  await keepStates(flink, [job()], kept, T0);
  flink.theCheckpoints = checkpointsOf(aCheckpoint({ id: 11, path: "file:/c/11" }));
  await keepStates(flink, [job({ state: "FAILED" })], kept, T0 + 1);
  expect(kept.jobs.get(JOB_ID)).toMatchObject({ state: "FAILED", seenAt: T0 + 1, retainedOnFailure: true });
  expect(kept.paths()).toEqual(["checkpoint file:/c/11"]);
  flink.down = new Error("not asked again");
  await keepStates(flink, [job({ state: "FAILED" })], kept, T0 + 2);
  await keepStates(flink, [], kept, T0 + 29 * DAY_MS);
  expect(kept.paths()).toEqual(["checkpoint file:/c/11"]);
  await keepStates(flink, [], kept, T0 + 31 * DAY_MS);
  expect(kept.paths()).toEqual([]);
});

test("what cannot be read stays as it was", async () => {
  const flink = new FakeFlinkReads();
  const kept = new Kept();
  await keepStates(flink, [job()], kept, T0);
  flink.down = new Error("down");
  await keepStates(flink, [job()], kept, T0 + 1);
  expect(kept.jobs.get(JOB_ID)).toMatchObject({ seenAt: T0 });
});
