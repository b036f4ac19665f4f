import { expect, test } from "vitest";
import { createStateReader, type Listing } from "../../src/job-cache/state-reader.ts";
import type { States } from "../../src/job-cache/states.ts";
import { ManualClock } from "../fakes/clock.ts";
import {
  aCheckpoint,
  aJob,
  aSummary,
  checkpointsOf,
  FakeFlinkReads,
  JOB_ID,
  T0,
} from "../fakes/flink-reads.ts";
import { KeptStates } from "../fakes/kept-states.ts";

const DAY_MS = 24 * 3_600_000;

const EVERY_MS = 10_000;

/** One reading by a worker that has just taken the cluster over, so every live job is due. */
const keepStates = async ({
  reads,
  states,
  jobs,
  now,
}: { reads: FakeFlinkReads; states: States } & Pick<Listing, "jobs" | "now">): Promise<void> => {
  const reader = createStateReader({ reads, states, every: EVERY_MS, clock: new ManualClock(now) });
  await reader.keep({ jobs, now, token: "1 w1", isPressing: false });
};

const sp = aCheckpoint({ id: 8, isSavepoint: true, path: "s3://b/sp" });

test("the last checkpoint and every savepoint; a fail-over that empties Flink's list loses nothing", async () => {
  const flink = new FakeFlinkReads();
  const kept = new KeptStates();
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
  const kept = new KeptStates();
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
  const kept = new KeptStates();
  await keepStates({ reads: flink, jobs: [aSummary()], states: kept, now: T0 });
  flink.down = new Error("down");
  await keepStates({ reads: flink, jobs: [aSummary()], states: kept, now: T0 + 1 });
  expect(kept.jobs.get(JOB_ID)).toMatchObject({ seenAt: T0 });
});

test("a savepoint that flinkops deleted is not kept again, however long Flink lists it, and stays known as deleted", async () => {
  const flink = new FakeFlinkReads();
  const kept = new KeptStates();
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
    const kept = new KeptStates();
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
  const kept = new KeptStates();
  flink.theCheckpoints = checkpointsOf(aCheckpoint({ triggeredAt: T0 - 60_350, endToEndMs: 350 }));
  await keepStates({
    reads: flink,
    jobs: [aSummary({ startedAt: T0 - 10_000, ageMs: 6_000 })],
    states: kept,
    now: T0,
  });
  expect(kept.jobs.get(JOB_ID)?.states.map((s) => s.at)).toEqual([T0 - 60_000]);
});

/** Counts what is read of each job. */
class CountedReads extends FakeFlinkReads {
  readonly read: string[] = [];
  configs = 0;
  override async checkpoints(jobId = "") {
    this.read.push(jobId);
    return await super.checkpoints(jobId);
  }
  override async checkpointConfig() {
    this.configs += 1;
    return await super.checkpointConfig();
  }
  /** What was read since it was asked last. */
  taken(): readonly string[] {
    return this.read.splice(0);
  }
}

/** A worker that keeps a cluster, with its turns as they come. */
function aKeeper({ interval = 60_000 }: { interval?: number } = {}) {
  const flink = new CountedReads();
  flink.config = {
    intervalMs: interval,
    timeoutMs: 600_000,
    retainedOnCancel: true,
    retainedOnFailure: true,
  };
  const kept = new KeptStates();
  const clock = new ManualClock(T0);
  const reader = createStateReader({ reads: flink, states: kept, every: EVERY_MS, clock });
  const keep = async (jobs: Listing["jobs"], how: Partial<Listing> = {}): Promise<void> =>
    await reader.keep({ jobs, now: clock.at, token: "1 w1", isPressing: false, ...how });
  /** Whether a job was read, at each of its turns in so many ms. */
  const during = async (ms: number, jobs: Listing["jobs"], how: Partial<Listing> = {}) => {
    const at: number[] = [];
    for (const end = clock.at + ms; clock.at < end; ) {
      clock.at += reader.turnMs;
      const before = flink.read.length;
      await keep(jobs, how);
      if (flink.read.length > before) at.push(clock.at - T0);
    }
    return at;
  };
  return { flink, kept, clock, keep, during, turnMs: reader.turnMs };
}

const completedAt = (at: number) =>
  checkpointsOf(aCheckpoint({ triggeredAt: at - 350, endToEndMs: 350, path: `file:/c/${at}` }));

test("an idle job is read when its next checkpoint is complete, and not before", async () => {
  const { flink, keep, during } = aKeeper();
  flink.theCheckpoints = completedAt(T0 - 20_000);
  await keep([aSummary()]);
  expect(await during(42_000, [aSummary()])).toEqual([]);
  flink.theCheckpoints = completedAt(T0 + 40_000);
  expect(await during(60_000, [aSummary()])).toEqual([44_000]);
  expect(flink.configs).toBe(1);
});

test("while someone watches, and in an application cluster, states are ten seconds old at most", async () => {
  const { flink, keep, during } = aKeeper();
  flink.theCheckpoints = completedAt(T0);
  await keep([aSummary()]);
  expect(await during(30_000, [aSummary()], { isPressing: true })).toEqual([10_000, 20_000, 30_000]);
});

test("a job that ends is read at the next turn, once", async () => {
  const { flink, kept, keep, during } = aKeeper();
  flink.theCheckpoints = completedAt(T0);
  await keep([aSummary()]);
  flink.theCheckpoints = completedAt(T0 + 1000);
  expect(await during(60_000, [aSummary({ state: "CANCELED" })])).toEqual([2000]);
  expect(kept.paths()).toEqual([`checkpoint file:/c/${T0 + 1000}`]);
});

test("a thousand jobs are known soon, then nine of them are read a second, each in its turn", async () => {
  const { flink, keep, during, turnMs } = aKeeper({ interval: 5000 });
  flink.theCheckpoints = completedAt(T0);
  const jobs = Array.from({ length: 1000 }, (_, i) => aSummary({ jobId: String(i).padStart(32, "0") }));
  await during(5 * turnMs, jobs);
  expect(new Set(flink.taken()).size).toBe(1000);
  await during(60_000, jobs);
  flink.taken();
  await during(112_000, jobs);
  const read = flink.taken();
  expect(read).toHaveLength(9 * 112);
  expect(new Set(read).size).toBe(1000);
  // a failure is not left waiting behind them
  await keep(jobs.map((job, i) => (i === 500 ? { ...job, state: "FAILED" } : job)));
  expect(flink.taken()[0]).toBe(jobs[500]?.jobId);
});

test("a worker that takes over reads first what is oldest, and nothing of those that had ended", async () => {
  const { flink, clock, keep } = aKeeper();
  const [old, recent] = [aSummary({ jobId: "a" }), aSummary({ jobId: "b" })];
  const ended = aSummary({ jobId: "c", state: "FINISHED" });
  await keep([ended, old]);
  clock.at += 5000;
  await keep([ended, old, recent]);
  flink.taken();
  await keep([ended, recent, old], { token: "2 w2" });
  expect(flink.taken()).toEqual(["a", "b"]);
});

test("where Redis took nothing, the same is read once more", async () => {
  const { flink, kept, keep } = aKeeper();
  const write = kept.write.bind(kept);
  kept.write = async () => await Promise.reject(new Error("READONLY"));
  await expect(keep([aSummary()])).rejects.toThrow("READONLY");
  kept.write = write;
  await keep([aSummary()]);
  expect(flink.read).toHaveLength(2);
  expect(kept.paths()).toHaveLength(1);
});

test("one that cannot be read is asked again in ten seconds, not at every turn", async () => {
  const { flink, keep, during } = aKeeper();
  flink.down = new Error("down");
  await keep([aSummary()]);
  expect(await during(20_000, [aSummary()])).toEqual([10_000, 20_000]);
});

test("a batch job takes no checkpoints: it is read each minute, and once it has ended never again", async () => {
  const { flink, kept, keep, during } = aKeeper();
  flink.theCheckpoints = null;
  await keep([aSummary()]);
  expect(await during(120_000, [aSummary()])).toEqual([60_000, 120_000]);
  expect(await during(120_000, [aSummary({ state: "FINISHED" })])).toEqual([122_000]);
  expect(kept.paths()).toEqual([]);
});

test("the configuration is read again for a new run under the same id, and where an earlier version stored none", async () => {
  const { flink, kept, clock, keep } = aKeeper();
  await keep([aSummary()]);
  await keep([aSummary({ startedAt: T0 + 1 })]);
  expect(flink.configs).toBe(2);
  const stored = kept.jobs.get(JOB_ID);
  if (stored === undefined) throw new Error("not stored");
  const { intervalMs, startedAt: _, ...earlier } = stored;
  kept.jobs.set(JOB_ID, earlier);
  clock.at += 60_000;
  await keep([aSummary({ startedAt: T0 + 1 })], { token: "2 w1" });
  expect(kept.jobs.get(JOB_ID)).toMatchObject({ intervalMs, startedAt: T0 + 1 });
});
