import { expect, test } from "vitest";
import type { Aggregate } from "../../src/model/flink-jobs.ts";
import {
  aCheckpoint,
  aJob,
  anException,
  aVertex,
  checkpointsOf,
  FakeFlinkReads,
  T0,
} from "../fakes/flink-reads.ts";
import { Drive } from "./drive.ts";

const even = (n: number): Aggregate => ({ min: n, max: n, avg: n, sum: n });
const SOURCE = "aaaa0000000000000000000000000001";
const WINDOW = "bbbb0000000000000000000000000002";
const late = { waited: 301_000 };

/** It runs, and has for an hour. */
async function watching() {
  const flink = new FakeFlinkReads();
  const drive = new Drive("watch orders", flink);
  await drive.intended();
  return { flink, drive };
}
const pressed = (flink: FakeFlinkReads) => {
  flink.vertexLoads = {
    [SOURCE]: { busyTimeMsPerSecond: even(0), backPressuredTimeMsPerSecond: even(990) },
    [WINDOW]: { busyTimeMsPerSecond: even(1_000), backPressuredTimeMsPerSecond: even(0) },
  };
};

test("a job that diagnose finds nothing serious in is healthy", async () => {
  const { drive } = await watching();
  expect(await drive.ending()).toMatch(/^done: orders is healthy\nEvery task was running after/u);
});

test("one under 99 % back-pressure is not, as long as it lasts", async () => {
  const { flink, drive } = await watching();
  pressed(flink);
  expect(await drive.note()).toContain(
    "Every task runs. Back-pressure starts at Window (busy 100%): Source waits for it 99% of the time.",
  );
  const report = await drive.report(late);
  expect(report.outcome).toBe("partly");
  expect(await drive.ending(late)).toContain("partly: orders runs but is not healthy\nBack-pressure starts");
  expect(report.offers?.map((o) => o.label)).toEqual(["Wait longer", "Diagnose", "Scale Window to 2"]);
  flink.vertexLoads = {};
  expect(await drive.ending()).toMatch(/^done: orders is healthy/u);
});

test.each<[string, (f: FakeFlinkReads) => void, string]>([
  [
    "a checkpoint failed",
    (f) => {
      const bad = aCheckpoint({ id: 9, kind: "failed", failure: "expired", triggeredAt: T0 - 5_000 });
      f.theCheckpoints = checkpointsOf(bad, aCheckpoint());
    },
    "The last checkpoint failed",
  ],
  [
    "a checkpoint is overdue",
    (f) => {
      f.theCheckpoints = checkpointsOf(aCheckpoint({ triggeredAt: T0 - 900_000 }));
    },
    "The last checkpoint is 15 m old",
  ],
  [
    "it has failed again and again",
    (f) => {
      f.theExceptions = [1, 2, 3].map((i) => anException({ at: T0 - i * 90_000 }));
    },
    "It failed 3 times in the last 10 minutes",
  ],
  [
    "it failed a moment ago",
    (f) => {
      f.theExceptions = [anException({ at: T0 - 40_000 })];
      f.theCheckpoints = checkpointsOf(aCheckpoint({ triggeredAt: T0 - 30_000 }));
    },
    "It failed 1 time in the last 10 minutes",
  ],
  [
    "a subtask of the overview is missing that the cached details still show",
    (f) => {
      f.overview = async () => {
        const rows = await new FakeFlinkReads().overview();
        return rows.map((j) => ({ ...j, tasks: { ...j.tasks, running: 1 } }));
      };
    },
    "only 1 of 2 tasks run",
  ],
])("not while %s", async (_name, sick, says) => {
  const { flink, drive } = await watching();
  sick(flink);
  expect(await drive.note()).toContain(says);
});

test("a failure that it has got over does not count", async () => {
  const { flink, drive } = await watching();
  flink.theExceptions = [anException({ at: T0 - 300_000 })];
  expect(await drive.ending()).toMatch(/^done: orders is healthy/u);
});

test("what is only worth knowing does not keep it from being healthy", async () => {
  const { flink, drive } = await watching();
  flink.theJob = aJob({
    vertices: [aVertex({ parallelism: 2, maxParallelism: 2, tasksRunning: 2, tasksTotal: 2 })],
  });
  expect(await drive.ending()).toMatch(/^done: orders is healthy/u);
});

test("one that cannot be read for good ends at its limit", async () => {
  const { drive } = await watching();
  expect(await drive.limit()).toMatchObject({
    ms: 16 * 60_000 + 15_000,
    decides: "unknown: orders was not healthy in time",
  });
});
