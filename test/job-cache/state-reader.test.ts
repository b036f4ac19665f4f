import { expect, test } from "vitest";
import { type KeepStatesOptions, keepStates as keep } from "../../src/job-cache/state-reader.ts";
import type { KeptJob, SeenStates, States } from "../../src/job-cache/states.ts";
import {
  aCheckpoint,
  aJob,
  aSummary,
  checkpointsOf,
  FakeFlinkReads,
  JOB_ID,
  T0,
} from "../fakes/flink-reads.ts";

const DAY_MS = 24 * 3_600_000;

class Kept implements States {
  readonly jobs = new Map<string, KeptJob>();
  read(): Promise<readonly KeptJob[]> {
    return Promise.resolve([...this.jobs.values()]);
  }
  readonly gone = new Set<string>();
  stillListed: readonly string[] = [];
  write(_cluster: string, { jobs, forget, stillListed }: SeenStates): Promise<void> {
    for (const job of jobs) this.jobs.set(job.jobId, job);
    for (const id of forget) this.jobs.delete(id);
    this.stillListed = stillListed;
    return Promise.resolve();
  }
  disposed(_cluster: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set(paths.filter((path) => this.gone.has(path))));
  }
  noteDisposed(_cluster: string, gone: readonly { path: string }[]): Promise<void> {
    for (const { path } of gone) this.gone.add(path);
    return Promise.resolve();
  }
  paths(): readonly string[] {
    return (this.jobs.get(JOB_ID)?.states ?? []).map(
      (s) => `${s.isSavepoint ? "savepoint" : "checkpoint"} ${s.path}`,
    );
  }
}

const keepStates = async (what: Omit<KeepStatesOptions, "token">): Promise<void> =>
  await keep({ ...what, token: "1 w1" });

const sp = aCheckpoint({ id: 8, isSavepoint: true, path: "s3://b/sp" });

test("the last checkpoint and every savepoint; a fail-over that empties Flink's list loses nothing", async () => {
  const flink = new FakeFlinkReads();
  const kept = new Kept();
  flink.theCheckpoints = checkpointsOf(aCheckpoint({ id: 9, path: "file:/c/9" }), sp, aCheckpoint());
  await keepStates({ reads: flink, jobs: [aSummary()], states: kept, now: T0 });
  expect(kept.paths()).toEqual(["checkpoint file:/c/9", "savepoint s3://b/sp"]);
  flink.theCheckpoints = checkpointsOf();
  await keepStates({ reads: flink, jobs: [aSummary()], states: kept, now: T0 });
  expect(kept.paths()).toEqual(["checkpoint file:/c/9", "savepoint s3://b/sp"]);
  flink.theCheckpoints = checkpointsOf(aCheckpoint({ id: 10, path: "file:/c/10" }), {
    ...sp,
    discarded: true,
  });
  await keepStates({ reads: flink, jobs: [aSummary()], states: kept, now: T0 });
  expect(kept.paths()).toEqual(["checkpoint file:/c/10"]);
});

test("a job that has ended is looked at once more, and one that is gone is kept for a month", async () => {
  const flink = new FakeFlinkReads();
  const kept = new Kept();
  await keepStates({ reads: flink, jobs: [aSummary()], states: kept, now: T0 });
  flink.theCheckpoints = checkpointsOf(aCheckpoint({ id: 11, path: "file:/c/11" }));
  await keepStates({ reads: flink, jobs: [aSummary({ state: "FAILED" })], states: kept, now: T0 + 1 });
  expect(kept.jobs.get(JOB_ID)).toMatchObject({ state: "FAILED", seenAt: T0 + 1, retainedOnFailure: true });
  expect(kept.paths()).toEqual(["checkpoint file:/c/11"]);
  flink.down = new Error("not asked again");
  await keepStates({ reads: flink, jobs: [aSummary({ state: "FAILED" })], states: kept, now: T0 + 2 });
  await keepStates({ reads: flink, jobs: [], states: kept, now: T0 + 29 * DAY_MS });
  expect(kept.paths()).toEqual(["checkpoint file:/c/11"]);
  await keepStates({ reads: flink, jobs: [], states: kept, now: T0 + 31 * DAY_MS });
  expect(kept.paths()).toEqual([]);
});

test("what cannot be read stays as it was", async () => {
  const flink = new FakeFlinkReads();
  const kept = new Kept();
  await keepStates({ reads: flink, jobs: [aSummary()], states: kept, now: T0 });
  flink.down = new Error("down");
  await keepStates({ reads: flink, jobs: [aSummary()], states: kept, now: T0 + 1 });
  expect(kept.jobs.get(JOB_ID)).toMatchObject({ seenAt: T0 });
});

test("a savepoint that flinkops deleted is not kept again, however long Flink lists it, and stays known as deleted", async () => {
  const flink = new FakeFlinkReads();
  const kept = new Kept();
  kept.gone.add("s3://b/sp");
  flink.theCheckpoints = checkpointsOf(aCheckpoint({ id: 9, path: "file:/c/9" }), sp, aCheckpoint());
  await keepStates({ reads: flink, jobs: [aSummary()], states: kept, now: T0 });
  expect(kept.paths()).toEqual(["checkpoint file:/c/9"]);
  expect(kept.stillListed).toEqual(["s3://b/sp"]);
});

test.each([
  ["15 minutes behind", -900_000],
  ["15 minutes ahead", 900_000],
])(
  "where Flink's clock is %s, states are dated by Redis's: the newest is to be told by their times",
  async (_name, by) => {
    const flink = new FakeFlinkReads();
    const kept = new Kept();
    const flinkNow = T0 + by;
    flink.theCheckpoints = checkpointsOf(aCheckpoint({ triggeredAt: flinkNow - 60_350, endToEndMs: 350 }));
    const live = aSummary({ startedAt: flinkNow - 3_600_000, ageMs: 3_600_000 });
    await keepStates({ reads: flink, jobs: [live], states: kept, now: T0 });
    expect(kept.jobs.get(JOB_ID)?.states.map((s) => s.at)).toEqual([T0 - 60_000]);
    // of one that has ended the list does not tell what time it is there
    flink.theJob = aJob({ now: flinkNow });
    const ended = aSummary({ startedAt: flinkNow - 3_600_000, ageMs: 60_000, state: "CANCELED" });
    await keepStates({ reads: flink, jobs: [ended], states: kept, now: T0 });
    expect(kept.jobs.get(JOB_ID)?.states.map((s) => s.at)).toEqual([T0 - 60_000]);
  },
);

test("what asking takes is no difference between clocks", async () => {
  const flink = new FakeFlinkReads();
  const kept = new Kept();
  flink.theCheckpoints = checkpointsOf(aCheckpoint({ triggeredAt: T0 - 60_350, endToEndMs: 350 }));
  await keepStates({
    reads: flink,
    jobs: [aSummary({ startedAt: T0 - 10_000, ageMs: 6_000 })],
    states: kept,
    now: T0,
  });
  expect(kept.jobs.get(JOB_ID)?.states.map((s) => s.at)).toEqual([T0 - 60_000]);
});
