import { expect, test } from "vitest";
import { createStateReader, type Listing } from "../../src/job-cache/state-reader.ts";
import { ManualClock } from "../fakes/clock.ts";
import {
  aCheckpoint,
  aJob,
  aSummary,
  aVertex,
  checkpointsOf,
  FakeFlinkReads,
  JOB_ID,
  T0,
} from "../fakes/flink-reads.ts";
import { KeptStates } from "../fakes/kept-states.ts";

const [SOURCE, WINDOW] = ["aaaa0000000000000000000000000001", "bbbb0000000000000000000000000002"];
const MINUTE_MS = 60_000;

/** Counts the requests, by what they ask for; it has every job that it is asked for. */
class CountedReads extends FakeFlinkReads {
  counts = { checkpoints: 0, sizes: 0, job: 0, graph: 0 };
  readonly ofSizes: string[] = [];
  override async checkpoints(jobId?: string) {
    this.counts.checkpoints += 1;
    return await super.checkpoints(jobId);
  }
  override async stateSizes(jobId = "") {
    this.counts.sizes += 1;
    this.ofSizes.push(jobId);
    return await super.stateSizes();
  }
  override async job(jobId: string) {
    this.counts.job += 1;
    const job = await super.job(JOB_ID);
    return job === "absent" ? job : { ...job, jobId };
  }
  override async graphOf() {
    this.counts.graph += 1;
    return await super.graphOf();
  }
  taken() {
    const all = this.counts;
    this.counts = { checkpoints: 0, sizes: 0, job: 0, graph: 0 };
    return all;
  }
}

/** A worker that keeps a cluster whose jobs complete a checkpoint a minute. */
function aKeeper() {
  const flink = new CountedReads();
  const kept = new KeptStates();
  const clock = new ManualClock(T0);
  const reader = createStateReader({ reads: flink, states: kept, every: 10_000, clock });
  const keep = async (listed: Listing["jobs"], token = "1 w1"): Promise<void> => {
    // what time it is at Flink is known from the list, so no job is read for that
    const jobs = listed.map((job) => ({ ...job, ageMs: clock.at - job.startedAt }));
    await reader.keep({ jobs, now: clock.at, token, isPressing: false });
  };
  const during = async (ms: number, jobs: Listing["jobs"]): Promise<void> => {
    for (const end = clock.at + ms; clock.at < end; ) {
      clock.at += reader.turnMs;
      await keep(jobs);
    }
  };
  return { flink, kept, clock, keep, during };
}

const many = (length: number): Listing["jobs"] =>
  Array.from({ length }, (_, i) => aSummary({ jobId: String(i).padStart(32, "0") }));

test("the vertices of a job are stored with their first operators and the size of their state", async () => {
  const { flink, kept, keep } = aKeeper();
  flink.theJob = aJob({
    vertices: [aVertex(), aVertex({ id: WINDOW, name: "Window -> Map", maxParallelism: 64 })],
  });
  flink.theSizes = new Map([[WINDOW ?? "", 41_000_000]]);
  await keep([aSummary()]);
  expect(kept.ofVertices.get(JOB_ID)).toEqual({
    v: 1,
    jobId: JOB_ID,
    startedAt: T0,
    at: T0,
    vertices: [
      { id: SOURCE, name: "Source", maxParallelism: 128, head: "Source", bytes: 0 },
      { id: WINDOW, name: "Window -> Map", maxParallelism: 64, head: "Window", bytes: 41_000_000 },
    ],
  });
});

test("of a job that runs on, one more request in ten minutes is sent: the sizes change, the vertices do not", async () => {
  const { flink, kept, keep, during } = aKeeper();
  await keep([aSummary()]);
  expect(flink.taken()).toMatchObject({ sizes: 1, job: 1, graph: 1 });
  flink.theSizes = new Map([[WINDOW ?? "", 7]]);
  await during(9 * MINUTE_MS, [aSummary()]);
  expect(flink.taken()).toMatchObject({ sizes: 0, job: 0, graph: 0 });
  await during(51 * MINUTE_MS, [aSummary()]);
  const { sizes, job, graph } = flink.taken();
  expect({ job, graph }).toEqual({ job: 0, graph: 0 });
  expect(sizes).toBeGreaterThan(3);
  expect(sizes).toBeLessThanOrEqual(6);
  expect(kept.ofVertices.get(JOB_ID)?.vertices?.map((v) => v.bytes)).toEqual([0, 7]);
});

test("a new run under the same id is read again, and so is what is no longer stored", async () => {
  const { flink, kept, clock, keep } = aKeeper();
  await keep([aSummary()]);
  flink.taken();
  flink.theJob = aJob({ vertices: [aVertex({ name: "Reader" })] });
  await keep([aSummary({ startedAt: T0 + 1 })]);
  expect(flink.taken()).toMatchObject({ sizes: 1, job: 1, graph: 1 });
  expect(kept.ofVertices.get(JOB_ID)).toMatchObject({ startedAt: T0 + 1, vertices: [{ head: "Reader" }] });
  kept.ofVertices.clear();
  clock.at += 10 * MINUTE_MS;
  await keep([aSummary({ startedAt: T0 + 1 })]);
  expect(kept.ofVertices.get(JOB_ID)).toMatchObject({ vertices: [{ name: "Reader" }] });
});

test("a fail-over that empties Flink's list of checkpoints loses nothing", async () => {
  const { flink, kept, keep } = aKeeper();
  await keep([aSummary()]);
  const before = kept.ofVertices.get(JOB_ID);
  flink.theCheckpoints = checkpointsOf();
  flink.theJob = aJob({ vertices: [] });
  await keep([aSummary({ startedAt: T0 + 1 })]);
  expect(kept.ofVertices.get(JOB_ID)).toBe(before);
  flink.theCheckpoints = checkpointsOf(aCheckpoint({ id: 1, isSavepoint: true }));
  flink.theJob = aJob();
  await keep([aSummary({ startedAt: T0 + 1, lastModifiedAt: T0 + 2 })]);
  expect(kept.ofVertices.get(JOB_ID)).toMatchObject({ startedAt: T0 + 1 });
});

test("a job without a completed checkpoint, and a batch job, cost nothing", async () => {
  const { flink, kept, keep, during } = aKeeper();
  flink.theCheckpoints = checkpointsOf();
  await keep([aSummary()]);
  flink.theCheckpoints = null;
  await during(20 * MINUTE_MS, [aSummary()]);
  expect(flink.taken()).toMatchObject({ sizes: 0, job: 0, graph: 0 });
  expect(kept.ofVertices.size).toBe(0);
});

test("a worker that takes over, and one whose earlier version stored no vertices, read only what is due", async () => {
  const { flink, kept, clock, keep } = aKeeper();
  await keep([aSummary()]);
  flink.taken();
  clock.at += MINUTE_MS;
  await keep([aSummary()], "2 w2");
  expect(flink.taken()).toEqual({ checkpoints: 1, sizes: 0, job: 0, graph: 0 });
  const stored = kept.jobs.get(JOB_ID);
  if (stored === undefined) throw new Error("not stored");
  const { verticesAt: _, ...earlier } = stored;
  kept.jobs.set(JOB_ID, earlier);
  kept.ofVertices.clear();
  clock.at += MINUTE_MS;
  await keep([aSummary()], "3 w1");
  expect(kept.ofVertices.get(JOB_ID)).toMatchObject({ at: T0 + 2 * MINUTE_MS });
});

test("what Flink does not tell keeps neither the checkpoints from being stored nor the next job from being read", async () => {
  const { flink, kept, clock, keep, during } = aKeeper();
  Object.assign(flink, {
    stateSizes: async (jobId: string) => {
      flink.counts.sizes += 1;
      if (jobId === JOB_ID) throw new Error("a proxy does not let this through");
      return new Map();
    },
  });
  const jobs = [aSummary(), aSummary({ jobId: "b" })];
  await keep(jobs);
  expect([...kept.jobs.keys()]).toEqual([JOB_ID, "b"]);
  await during(3 * MINUTE_MS, jobs);
  expect([...kept.ofVertices.keys()]).toEqual(["b"]);
  expect(flink.taken()).toMatchObject({ sizes: 2 });
  clock.at += 10 * MINUTE_MS;
  await keep(jobs);
  expect(flink.taken()).toMatchObject({ sizes: 1 });
});

test("too many vertices are not read again until the next run", async () => {
  const { flink, kept, clock, keep } = aKeeper();
  kept.ofVertices.set(JOB_ID, { v: 1, jobId: JOB_ID, startedAt: T0, at: T0, vertices: null });
  await keep([aSummary()]);
  clock.at += 10 * MINUTE_MS;
  await keep([aSummary()]);
  expect(flink.taken()).toMatchObject({ sizes: 0, job: 0, graph: 0 });
  await keep([aSummary({ startedAt: T0 + 1 })]);
  expect(kept.ofVertices.get(JOB_ID)?.vertices).toHaveLength(2);
});

test("a cluster gets 9.5 requests a second at most in the long run, of which checkpoints come first", async () => {
  const { flink, kept, during } = aKeeper();
  const jobs = many(1000);
  await during(10_000, jobs);
  // the first reading of their checkpoints does not wait for the vertices of some
  expect(kept.jobs.size).toBe(1000);
  await during(MINUTE_MS, jobs);
  flink.taken();
  await during(15 * MINUTE_MS, jobs);
  const { checkpoints, sizes, job, graph } = flink.taken();
  expect(checkpoints).toBe(9 * 900);
  expect(sizes + job + graph).toBeGreaterThan(440);
  expect(sizes + job + graph).toBeLessThanOrEqual(460);
  // and nothing is read again while others were never read
  expect(new Set(flink.ofSizes).size).toBe(flink.ofSizes.length);
});

test("the jobs of a small cluster are known within minutes", async () => {
  const { kept, during } = aKeeper();
  await during(5 * MINUTE_MS, many(20));
  expect(kept.ofVertices.size).toBe(20);
});
