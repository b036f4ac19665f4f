import { describe, expect, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import { compared, healthFacts, healthIn, healthOf } from "../../src/operations/facts/job-health.ts";
import {
  aCheckpoint,
  aJob,
  anException,
  aVertex,
  checkpointsOf,
  FakeFlinkReads,
  JOB_ID,
  T0,
} from "../fakes/flink-reads.ts";

const moment = async (flink: FakeFlinkReads) => healthIn(healthFacts(await healthOf(flink, JOB_ID)));
const said = async (flink: FakeFlinkReads, after: Awaited<ReturnType<typeof moment>>) => {
  const { line, worse } = compared(await healthOf(flink, JOB_ID), null, after);
  return `${worse ? "worse: " : ""}${plain(line)}`;
};

describe("what became of a change", () => {
  test("the restart that it consists of is not counted, also where a metric shows it only later", async () => {
    const flink = new FakeFlinkReads();
    flink.metrics = { numRestarts: "0" };
    const after = await moment(flink);
    // ten seconds later Flink has fetched its metrics
    flink.metrics = { numRestarts: "1" };
    flink.theJob = aJob({ now: T0 + 60_000, stateSince: T0 - 1_000 });
    expect(await said(flink, after)).toBe("every task runs, 0 checkpoints since, 0 failures.");
  });

  test("what failed before is not counted, what failed since is, with its cause", async () => {
    const flink = new FakeFlinkReads();
    flink.theExceptions = [anException({ at: T0 - 1 })];
    const after = await moment(flink);
    expect(await said(flink, after)).toContain("0 failures");
    flink.theExceptions = [T0 + 9, T0 + 5, T0 - 1].map((at) => anException({ at }));
    expect(await said(flink, after)).toBe(
      "worse: every task runs, 0 checkpoints since, 2 failures (IllegalStateException: boom).",
    );
    flink.theExceptions = Array.from({ length: 16 }, (_, i) => anException({ at: T0 + 16 - i }));
    expect(await said(flink, after)).toContain("at least 16 failures");
  });

  test("a job that its JobManager has started anew", async () => {
    const flink = new FakeFlinkReads();
    const after = await moment(flink);
    flink.theJob = aJob({ startedAt: T0 + 5_000 });
    expect(await said(flink, after)).toContain("worse: every task runs, Flink restarted it");
  });

  test("checkpoints by their times: counters may begin anew, and the list is short", async () => {
    const flink = new FakeFlinkReads();
    flink.theCheckpoints = checkpointsOf();
    const after = await moment(flink);
    const ten = Array.from({ length: 10 }, (_, i) =>
      aCheckpoint({ id: 90 - i, triggeredAt: T0 + 90_000 - i }),
    );
    flink.theCheckpoints = { ...checkpointsOf(...ten), completed: 500 };
    expect(await said(flink, after)).toBe("every task runs, 10 or more checkpoints since, 0 failures.");
    const bad = [2, 1].map((s) => aCheckpoint({ kind: "failed", triggeredAt: T0 + s, failure: "expired" }));
    flink.theCheckpoints = checkpointsOf(...bad, aCheckpoint({ triggeredAt: T0, endToEndMs: 350 }));
    expect(await said(flink, after)).toContain("worse: every task runs, 1 checkpoint since, 2 failed");
  });

  test("tasks as they are now, and finished ones are not missing", async () => {
    const flink = new FakeFlinkReads();
    const after = await moment(flink);
    flink.theJob = aJob({ vertices: [aVertex({ tasksRunning: 0, tasksFinished: 1 }), aVertex({ id: "b" })] });
    expect(await said(flink, after)).toMatch(/^every task runs/u);
    flink.theJob = aJob({ vertices: [aVertex({ tasksRunning: 0 }), aVertex({ id: "b" })] });
    expect(await said(flink, after)).toMatch(/^worse: RUNNING, 1 task missing/u);
  });

  test("figures that an earlier version kept: nothing is counted since", async () => {
    const flink = new FakeFlinkReads();
    flink.theExceptions = [anException()];
    const old = healthIn({ state: "RUNNING", restarts: 0, completed: 3, recordsPerSecond: 20 });
    expect(old).toEqual({ at: null, startedAt: null, recordsPerSecond: 20 });
    expect(await said(flink, old)).toBe("every task runs.");
    expect(healthIn(null)).toBeNull();
  });

  test("a job that is not listed, and one that has ended", async () => {
    const flink = new FakeFlinkReads();
    flink.theJob = null;
    expect(await said(flink, null)).toBe("worse: Flink no longer lists the job.");
    flink.theJob = aJob({ state: "FAILED" });
    expect(await said(flink, null)).toBe("worse: the job has ended: FAILED.");
  });
});
